import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../clock.ts';
import type { Refusal } from '../refusal.ts';
import { Attempts } from './attempts.ts';

const HOUR = 3_600_000;

let clock: ManualClock;
let attempts: Attempts;
beforeEach(() => {
  clock = new ManualClock();
  attempts = new Attempts(clock);
});

/** Seconds that have to be waited; null: none. An attempt that need not wait is one that failed. */
function waiting(name = 'anna'): number | null {
  try {
    attempts.begin(name);
    return null;
  } catch (refusal) {
    return (refusal as Refusal).retryAfter;
  }
}

test('five wrong ones, then a minute, then twice as long each time, an hour at most', () => {
  for (let n = 0; n < 4; n++) expect(attempts.begin('anna')).toEqual({ locks: false });
  const waited: unknown[] = [];
  for (let n = 0; n < 9; n++) {
    expect(attempts.begin('anna')).toEqual({ locks: true });
    const seconds = waiting() as number;
    clock.advance(seconds * 1_000 - 1);
    expect(waiting()).toBe(1);
    clock.advance(1);
    waited.push(seconds / 60);
  }
  expect(waited).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('each name by itself; setting the clock opens nothing; a right one and a day of peace begin anew', () => {
  for (let n = 0; n < 5; n++) attempts.begin('anna');
  expect(waiting()).toBe(60);
  expect(waiting('berta')).toBeNull();
  clock.step(10 * HOUR);
  expect(waiting()).toBe(60);
  attempts.succeeded('anna');
  for (let n = 0; n < 5; n++) expect(waiting()).toBeNull();
  clock.advance(24 * HOUR);
  for (let n = 0; n < 5; n++) expect(waiting()).toBeNull();
  expect(waiting()).toBe(60);
});

test('of many names the one tried last is remembered', () => {
  for (let n = 0; n < 5; n++) attempts.begin('anna');
  for (let n = 0; n < 9_999; n++) attempts.begin(`n${n}`);
  expect(waiting()).toBe(60);
  attempts.begin('one more');
  expect(waiting()).toBeNull();
});
