import { expect, it } from 'vitest';
import { planCut } from './cut-plan.ts';
import type { TsIndex } from './ts-index.ts';

/** Two seconds of pictures and sound, a key picture each second. */
function segment(n: number, with_: { video?: boolean; audio?: boolean } = {}): TsIndex {
  const [first, last] = [n * 2, n * 2 + 1.95];
  const track = { first, last, gaps: [] };
  return {
    video: with_.video === false ? null : { ...track, keys: [first, first + 1], interval: 0.05 },
    audio: with_.audio === false ? null : track,
  };
}
const segments = (count: number, with_ = {}) => Array.from({ length: count }, (_, n) => segment(n, with_));

it('begins at the last key picture that leaves nothing out', () => {
  expect(planCut(segments(10), 5.4, 8, 12.3)).toEqual({ from: 5, video: true });
});

it('begins at a key picture that lies just there', () => {
  expect(planCut(segments(10), 5, 8, 12)?.from).toBe(5);
});

it('begins at the key picture before even when the moment lies between two segments', () => {
  expect(planCut(segments(10), 3.98, 8, 12)?.from).toBe(3);
});

it('can be told before the end is known, as soon as anything after the beginning has been captured', () => {
  expect(planCut(segments(3), 5.4, 5.4, Number.POSITIVE_INFINITY)).toEqual({ from: 5, video: true });
  expect(planCut(segments(2), 5.4, 5.4, Number.POSITIVE_INFINITY)).toBeNull();
});

it('begins sound alone with the packet that sounds there', () => {
  const sound = segments(10, { video: false });
  // A packet is 0.064 s long.
  expect(planCut(sound, 5.4, 8, 12)).toEqual({ from: expect.closeTo(4 + 21 * 0.064), video: false });
  expect(planCut(sound, 4 + 21 * 0.064, 8, 12)?.from).toBeCloseTo(4 + 21 * 0.064);
  // It began in the segment before.
  expect(planCut(sound, 5.97, 8, 12)?.from).toBeCloseTo(4 + 30 * 0.064);
});

it('does without sound', () => {
  expect(planCut(segments(10, { audio: false }), 5.4, 8, 12)).toEqual({ from: 5, video: true });
});

it('begins with what there is when the capture began later, or had a gap there', () => {
  expect(planCut(segments(10).slice(4), 5.4, 8.5, 12)?.from).toBe(8);
  expect(planCut([segment(0), ...segments(10).slice(4)], 5.4, 8.5, 12)?.from).toBe(8);
});

it('begins with the sound when the pictures come later', () => {
  const late = [...segments(4, { video: false }), ...segments(10).slice(4)];
  expect(planCut(late, 5.4, 6, 12)).toEqual({ from: expect.closeTo(5.344), video: true });
});

it('has no pictures where they come after the end', () => {
  const after = [...segments(4, { video: false }), ...segments(10).slice(4)];
  expect(planCut(after, 3, 4, 7.5)).toEqual({ from: expect.closeTo(2.96), video: false });
});

it('makes no clip of a contact of which there is nothing but the time before, or after', () => {
  expect(planCut(segments(4), 5.4, 8.5, 12)).toBeNull();
  expect(planCut(segments(10).slice(7), 5.4, 8.5, 12)).toBeNull();
  expect(planCut([], 5.4, 8.5, 12)).toBeNull();
});

it('makes no clip where all there is lies before its beginning, which may come after the arrival', () => {
  expect(planCut(segments(4), 10, 6, 12)).toBeNull();
});
