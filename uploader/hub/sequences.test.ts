import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrived, arrive, has, highest, missing, NOTHING, type Range } from './sequences.ts';

const one = (sequence: number): Range => [sequence, sequence];
const range = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 8 }))
  .map(([first, more]): Range => [first, first + more]);

describe('arrive', () => {
  it('moves up to the first gap, and over it once it is filled', () => {
    const first = arrive(NOTHING, [one(1), one(2), one(5), one(4), one(9)]);
    expect(first).toEqual({ upTo: 2, ahead: [[4, 5], one(9)] });
    expect(arrive(first, [one(3)])).toEqual({ upTo: 5, ahead: [one(9)] });
    expect(arrive(first, [[3, 8]])).toEqual({ upTo: 9, ahead: [] });
  });

  it('knows exactly what has come, in whatever order, batches and number of copies', () => {
    fc.assert(
      fc.property(fc.array(fc.array(range)), (batches) => {
        const state = batches.reduce<Arrived>(arrive, NOTHING);
        const come = new Set(
          batches.flat().flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i)),
        );
        for (let n = 1; n <= 70; n++) expect(has(state, n)).toBe(come.has(n));
        expect(highest(state)).toBe(Math.max(0, ...come));
        expect(has(state, state.upTo + 1)).toBe(false);
        expect(state).toEqual(arrive(NOTHING, batches.flat()));
      }),
    );
  });
});

describe('missing', () => {
  it('is what has not come, within the bounds', () => {
    const state = arrive(NOTHING, [one(1), [4, 5], one(9)]);
    expect(missing(state, [1, 12])).toEqual([
      [2, 3],
      [6, 8],
      [10, 12],
    ]);
    expect(missing(state, [3, 6])).toEqual([one(3), one(6)]);
    expect(missing(state, [4, 5])).toEqual([]);
  });

  it('and nothing but it: what has come and what is missing are all', () => {
    fc.assert(
      fc.property(fc.array(range), range, (come, bounds) => {
        const state = arrive(NOTHING, come);
        const gaps = missing(state, bounds);
        for (const [a, b] of gaps) for (let n = a; n <= b; n++) expect(has(state, n)).toBe(false);
        for (let n = bounds[0]; n <= bounds[1]; n++) expect(has(arrive(state, gaps), n)).toBe(true);
      }),
    );
  });
});
