import { expect, test } from 'vitest';
import { anybodyIn, isThere } from './face-zone.ts';

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };
const ANYWHERE = { left: 0, right: 1, top: 0, bottom: 1, smallest: 0.12 };
const MIDDLE = { left: 0.3, right: 0.7, top: 0.2, bottom: 0.8, smallest: 0.12 };
/** A face of so much height with its middle at (x, y). */
const face = (x: number, y: number, height = 0.2) => ({
  x: x - height / 2,
  y: y - height / 2,
  width: height,
  height,
});

test('the middle of a face must lie in the zone', () => {
  expect(anybodyIn(MIDDLE, [face(0.5, 0.5)], WHOLE)).toBe(true);
  for (const [x, y] of [
    [0.29, 0.5],
    [0.71, 0.5],
    [0.5, 0.19],
    [0.5, 0.81],
  ] as const) {
    expect(anybodyIn(MIDDLE, [face(x, y)], WHOLE), `${x} ${y}`).toBe(false);
    expect(anybodyIn(ANYWHERE, [face(x, y)], WHOLE)).toBe(true);
  }
});

test('who waits behind is too small, and hides nobody', () => {
  expect(anybodyIn(ANYWHERE, [face(0.5, 0.5, 0.11)], WHOLE)).toBe(false);
  expect(anybodyIn(ANYWHERE, [face(0.5, 0.5, 0.11), face(0.9, 0.5, 0.3)], WHOLE)).toBe(true);
  expect(anybodyIn(ANYWHERE, [], WHOLE)).toBe(false);
});

test('shares are of the picture, not of the black bars around it', () => {
  const wide = { x: 0, y: 0.125, width: 1, height: 0.75 };
  const upper = { ...ANYWHERE, bottom: 0.5 };
  expect(anybodyIn(upper, [face(0.5, 0.49)], wide)).toBe(true);
  expect(anybodyIn(upper, [face(0.5, 0.51)], wide)).toBe(false);
  expect(anybodyIn({ ...ANYWHERE, top: 0.2 }, [face(0.5, 0.26)], wide)).toBe(false);
  expect(anybodyIn(ANYWHERE, [face(0.5, 0.5, 0.1)], wide), 'a share of the lower picture').toBe(true);
});

test('somebody is there until no face has been seen for as long as is held', () => {
  expect(isThere(null, 1_000, 3_000)).toBe(false);
  expect(isThere(1_000, 1_000, 3_000)).toBe(true);
  expect(isThere(1_000, 3_999, 3_000)).toBe(true);
  expect(isThere(1_000, 4_000, 3_000)).toBe(false);
});
