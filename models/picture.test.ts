import { expect, test } from 'vitest';
import { cut, type Picture, type Square, wholePicture } from './picture.ts';

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
