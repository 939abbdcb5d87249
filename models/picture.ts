import type { Zone } from './session.ts';

/** Packed RGB: 3 bytes a pixel, rows from the top, no padding. A `VideoFrame` is one. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** A part of a picture in whole pixels; `right` and `bottom` are the first ones beyond it. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The pixels that lie in the zone as a whole; null where there is none. */
export function pixelsOf(zone: Zone, { width, height }: Picture): Box | null {
  const box = {
    left: Math.ceil(zone.left * width),
    right: Math.floor(zone.right * width),
    top: Math.ceil(zone.top * height),
    bottom: Math.floor(zone.bottom * height),
  };
  return box.left < box.right && box.top < box.bottom ? box : null;
}

/** A copy of a part of a picture, in memory of its own. */
export function crop(picture: Picture, { left, right, top, bottom }: Box) {
  const [width, height] = [right - left, bottom - top];
  const rgb = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * picture.width + left) * 3;
    rgb.set(picture.rgb.subarray(from, from + width * 3), row * width * 3);
  }
  return { width, height, rgb };
}

/** A square of a picture, in its pixels; (0, 0) is the upper left corner of the upper left pixel. It may reach beyond the picture. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** The smallest square from the upper left corner that holds the whole picture. */
export function wholePicture(picture: Picture): Square {
  return { x: 0, y: 0, side: Math.max(picture.width, picture.height) };
}

/**
 * Cuts out a square and resizes it to `size` × `size` pixels of RGB from 0 to 255, bilinear; beyond the picture it is
 * black. The engine's own `cropAndResize` is a pixel off wherever WebAssembly rounds a place to a whole pixel, and
 * would have the two engines score the same face differently.
 */
export function cut(picture: Picture, square: Square, size: number): Float32Array {
  const { width, height, rgb } = picture;
  const rows = neighbours(square.y, square.side / size, size, height);
  const columns = neighbours(square.x, square.side / size, size, width);
  const result = new Float32Array(size * size * 3);
  const between = (a: number, b: number, share: number) =>
    (rgb[a] ?? 0) * (1 - share) + (rgb[b] ?? 0) * share;
  rows.forEach((row, y) => {
    if (!row) return;
    columns.forEach((column, x) => {
      if (!column) return;
      for (let colour = 0; colour < 3; colour++) {
        const at = (line: number, place: number) => (line * width + place) * 3 + colour;
        const upper = between(at(row.one, column.one), at(row.one, column.other), column.share);
        const lower = between(at(row.other, column.one), at(row.other, column.other), column.share);
        result[(y * size + x) * 3 + colour] = upper + (lower - upper) * row.share;
      }
    });
  });
  return result;
}

/** Along one side: between which two pixels of `length` each new pixel's centre lies, and how near to the other one; null beyond them. */
function neighbours(from: number, step: number, size: number, length: number) {
  return Array.from({ length: size }, (_, index) => {
    // The centre of pixel 0 lies half a pixel from the corner.
    const place = from + (index + 0.5) * step - 0.5;
    if (place < -0.5 || place > length - 0.5) return null;
    const one = Math.min(Math.max(Math.floor(place), 0), length - 1);
    const other = Math.min(one + 1, length - 1);
    return { one, other, share: Math.max(place - one, 0) };
  });
}
