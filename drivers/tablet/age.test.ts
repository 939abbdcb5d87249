import { expect, test } from 'vitest';
import { ageOf } from './age.ts';

test('on a quick network a press is as old as the tablet says', () => {
  expect(ageOf({ ago: 40, stamp: 1_000, elapsed: 5_000 }, 6_000)).toBe(40);
});

test('a message that was kept back on its way is older by that', () => {
  expect(ageOf({ ago: 40, stamp: 1_000, elapsed: 5_000 }, 36_000)).toBe(30_040);
});

test('a tablet whose clock runs ahead makes no press younger', () => {
  expect(ageOf({ ago: 40, stamp: 1_000, elapsed: 9_000 }, 6_000)).toBe(40);
});
