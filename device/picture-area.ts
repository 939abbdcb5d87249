import type { VideoFrame } from '../drivers/types.ts';
import { crop, pixelsOf } from '../models/picture.ts';
import type { Zone } from '../models/session.ts';

/** Limited-range black is 0 in RGB, and 16 where the camera uses the full range. */
const BLACK = 20;

/** A part of a frame: shares of it. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Where in the recorder's frames, which are all 4:3, the camera's picture lies: a wide one has black bars above and
 * below. Nobody but the picture tells: what has ever been seen brighter than black is no bar.
 */
export class PictureArea {
  #rows = Number.POSITIVE_INFINITY;
  #columns = Number.POSITIVE_INFINITY;

  /** Looks at one more frame of the same camera, and says what is known then. */
  of(frame: VideoFrame): Area {
    const { width, height } = frame;
    this.#rows = Math.min(
      this.#rows,
      bars(frame, height, (row, at) => row * width + at, width),
    );
    this.#columns = Math.min(
      this.#columns,
      bars(frame, width, (column, at) => at * width + column, height),
    );
    // All black: the lens is covered, or the room is dark. Nothing is known yet.
    const [y, x] = [
      this.#rows >= height / 2 ? 0 : this.#rows,
      this.#columns >= width / 2 ? 0 : this.#columns,
    ];
    return { x: x / width, y: y / height, width: 1 - (2 * x) / width, height: 1 - (2 * y) / height };
  }
}

/** The frame's picture alone; the frame itself where it has no bars. */
export function withoutBars(frame: VideoFrame, { x, y, width, height }: Area): VideoFrame {
  return partOf(frame, { left: x, right: x + width, top: y, bottom: y + height });
}

/** A part of a frame; the frame itself where that is all of it. Shares of it. */
export function partOf(frame: VideoFrame, zone: Zone): VideoFrame {
  const whole = zone.left <= 0 && zone.top <= 0 && zone.right >= 1 && zone.bottom >= 1;
  const box = whole ? null : pixelsOf(zone, frame);
  if (!box) return frame;
  const { width, height, rgb } = crop(frame, box);
  return { width, height, rgb: Buffer.from(rgb.buffer), at: frame.at };
}

/** How many lines at either side, of so many of `length` pixels, are black; they are as many at both. */
function bars(
  { rgb }: VideoFrame,
  lines: number,
  pixel: (line: number, at: number) => number,
  length: number,
): number {
  const black = (line: number) => {
    for (let at = 0; at < length; at++) {
      const from = pixel(line, at) * 3;
      for (let colour = from; colour < from + 3; colour++) if ((rgb[colour] ?? 0) > BLACK) return false;
    }
    return true;
  };
  for (let line = 0; line < lines / 2; line++) if (!black(line) || !black(lines - 1 - line)) return line;
  return Math.ceil(lines / 2);
}
