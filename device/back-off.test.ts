import { expect, test } from 'vitest';
import { backOff } from './back-off.ts';

test('doubles from half a second to the longest', () => {
  const waits = [1, 2, 3, 4, 5, 6, 5_000].map((failures) => backOff(failures, 10_000, 0));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

test('is spread over half of the wait', () => {
  expect(backOff(3, 10_000, 0.5)).toBe(1_500);
  expect(backOff(9, 10_000, 0.999)).toBeGreaterThan(5_000);
});
