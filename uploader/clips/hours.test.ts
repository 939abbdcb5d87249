import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { untilOpen } from './hours.ts';

const MINUTE = 60_000;
const before = process.env.TZ;
beforeEach(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterEach(() => {
  process.env.TZ = before;
});
/** Minutes until it is open, at a local time. */
const minutes = (hours: string, at: string) => untilOpen(hours, new Date(at).getTime()) / MINUTE;

describe('local hours', () => {
  test.each([
    ['09:00-17:00', '2026-01-05T08:59', 1],
    ['09:00-17:00', '2026-01-05T09:00', 0],
    ['09:00-17:00', '2026-01-05T16:59', 0],
    ['09:00-17:00', '2026-01-05T17:00', 16 * 60],
    ['20:00-06:00', '2026-01-05T19:30', 30],
    ['20:00-06:00', '2026-01-05T23:59', 0],
    ['20:00-06:00', '2026-01-06T05:59', 0],
    ['20:00-06:00', '2026-01-06T06:00', 14 * 60],
    ['00:00-00:00', '2026-01-05T12:00', 0],
  ])('%s at %s', (hours, at, left) => {
    expect(minutes(hours, at)).toBe(left);
  });

  test('on the days of 23 and of 25 hours it opens by the clock on the wall', () => {
    // The clock goes from 2 to 3 on 29 March, and from 3 to 2 on 25 October 2026.
    expect(minutes('06:00-07:00', '2026-03-28T12:00')).toBe(17 * 60);
    expect(minutes('06:00-07:00', '2026-10-24T12:00')).toBe(19 * 60);
  });
});
