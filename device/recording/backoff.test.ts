import { expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

it('doubles up to its limit, and begins anew', () => {
  const backoff = new Backoff(500, 10_000, () => 0.5);
  expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([
    500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ]);
  backoff.reset();
  expect(backoff.next()).toBe(500);
});

it('spreads its waits, never beyond the limit', () => {
  expect(new Backoff(500, 10_000, () => 0).next()).toBe(375);
  expect(new Backoff(10_000, 10_000, () => 0.99).next()).toBe(10_000);
});
