import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crop, cut, type Picture, pixelsOf, type Square, wholePicture } from './picture.ts';

/** 4 × 2 pixels whose red counts from 10, and whose green and blue are 1 and 2. */
const picture: Picture = {
  width: 4,
  height: 2,
  rgb: Uint8Array.from({ length: 24 }, (_, n) => (n % 3 === 0 ? 10 + n / 3 : n % 3)),
};

/** The reds of a cut-out, row by row. */
function reds(square: Square, size: number): number[][] {
  const rgb = cut(picture, square, size);
  return Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => rgb[(y * size + x) * 3] ?? Number.NaN),
  );
}

test('colours stay in their order', () => {
  expect([...cut(picture, { x: 2, y: 1, side: 1 }, 1)]).toEqual([16, 1, 2]);
});

test('a square as large as the cut-out is copied pixel by pixel', () => {
  expect(reds({ x: 1, y: 0, side: 2 }, 2)).toEqual([
    [11, 12],
    [15, 16],
  ]);
});

test('the whole picture is as wide as its longer side, the rest is black', () => {
  expect(reds(wholePicture(picture), 4)).toEqual([
    [10, 11, 12, 13],
    [14, 15, 16, 17],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
});

test('a square may begin outside', () => {
  expect(reds({ x: -1, y: -1, side: 2 }, 2)).toEqual([
    [0, 0],
    [0, 10],
  ]);
});

test('smaller: a pixel half the size is the mean of the four under it', () => {
  expect(reds({ x: 2, y: 0, side: 2 }, 1)).toEqual([[(12 + 13 + 16 + 17) / 4]]);
});

test('larger: pixels between two lie between their colours, and the border keeps its own', () => {
  expect(reds({ x: 0, y: 0, side: 2 }, 4)[0]).toEqual([10, 10.25, 10.75, 11.25]);
});

test('of a zone only the pixels are cut out that lie in it as a whole', () => {
  const [left, right] = [0.2, 0.8];
  const box = pixelsOf({ left, right, top: 0.5, bottom: 1 }, picture);
  expect(box).toEqual({ left: 1, right: 3, top: 1, bottom: 2 });
  expect(box && crop(picture, box)).toEqual({
    width: 2,
    height: 1,
    rgb: Uint8Array.of(15, 1, 2, 16, 1, 2),
  });
  expect(pixelsOf({ left: 0.3, right: 0.7, top: 0, bottom: 1 }, picture)).toBeNull();
});

test('whatever stands outside a zone, what is cut out is the same', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, share, share, share, (a, b, c, d) => {
      const [width, height] = [23, 17];
      const [left = 0, right = 0] = [a, b].sort((one, other) => one - other);
      const [top = 0, bottom = 0] = [c, d].sort((one, other) => one - other);
      const zone = { left, right, top, bottom };
      const outside = (x: number, y: number) =>
        x < left * width || x + 1 > right * width || y < top * height || y + 1 > bottom * height;
      const whole = { width, height, rgb: new Uint8Array(width * height * 3) };
      for (let n = 0; n < whole.rgb.length; n++) {
        const place = Math.floor(n / 3);
        whole.rgb[n] = outside(place % width, Math.floor(place / width)) ? 255 : 1;
      }
      const box = pixelsOf(zone, whole);
      if (box) expect(crop(whole, box).rgb.every((value) => value === 1)).toBe(true);
    }),
  );
});
