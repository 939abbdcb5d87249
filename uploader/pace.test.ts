import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

/** Takes all it may, waiting as it is told, for `ms`; returns the moments at which something was taken, and how much. */
function run(pace: Pace, from: number, ms: number): { at: number; n: number }[] {
  const taken: { at: number; n: number }[] = [];
  for (let now = from; now <= from + ms; now += Math.max(0.001, pace.wait(now))) {
    const n = pace.room(now);
    if (n > 0) taken.push({ at: now, n });
    pace.take(n, now);
  }
  return taken;
}

test.each([1, 3, 50, 999])('gives %i a second, and no more than that saved up', (rate) => {
  const pace = new Pace(rate);
  const sum = (taken: { n: number }[]) => taken.reduce((total, { n }) => total + n, 0);
  const saved = Math.max(1, Math.floor(rate / 10));
  expect(Math.abs(sum(run(pace, 0, 10_000)) - (10 * rate + saved))).toBeLessThanOrEqual(1);
  // Ten minutes of rest are no reason for a flood.
  const after = run(pace, 700_000, 1_000);
  expect(after[0]).toEqual({ at: 700_000, n: saved });
  expect(Math.abs(sum(after) - (rate + saved))).toBeLessThanOrEqual(1);
});

test('lets all pass without a rate', () => {
  const pace = new Pace(null);
  pace.take(1e9, 0);
  expect([pace.room(0), pace.wait(0)]).toEqual([Number.POSITIVE_INFINITY, 0]);
});
