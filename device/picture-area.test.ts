import { expect, test } from 'vitest';
import { PictureArea } from './picture-area.ts';

/** A frame of 320 × 240, black but for a part of one colour. */
function frame(x: number, y: number, width: number, height: number, colour: number, black = 0) {
  const rgb = Buffer.alloc(320 * 240 * 3, black);
  for (let row = y; row < y + height; row++)
    rgb.fill(colour, (row * 320 + x) * 3, (row * 320 + x + width) * 3);
  return { width: 320, height: 240, rgb, at: { mono: 0, wall: 0 } };
}

test.each([0, 16])(
  'a wide picture lies between two bars, a tall one between two others (black %i)',
  (black) => {
    expect(new PictureArea().of(frame(0, 0, 320, 240, 128, black))).toEqual({
      x: 0,
      y: 0,
      width: 1,
      height: 1,
    });
    expect(new PictureArea().of(frame(0, 30, 320, 180, 128, black))).toEqual({
      x: 0,
      y: 0.125,
      width: 1,
      height: 0.75,
    });
    expect(new PictureArea().of(frame(40, 0, 240, 240, 128, black))).toEqual({
      x: 0.125,
      y: 0,
      width: 0.75,
      height: 1,
    });
  },
);

test('what is dark for a while is no bar, and a black picture tells nothing', () => {
  const area = new PictureArea();
  expect(area.of(frame(0, 0, 0, 0, 0))).toEqual({ x: 0, y: 0, width: 1, height: 1 });
  expect(area.of(frame(0, 60, 320, 120, 128)).y).toBe(0.25);
  expect(area.of(frame(0, 30, 320, 180, 128)).y).toBe(0.125);
  expect(area.of(frame(0, 60, 320, 120, 128)).y).toBe(0.125);
  // Bright at one side only.
  expect(area.of(frame(0, 0, 320, 120, 128)).y).toBe(0);
});
