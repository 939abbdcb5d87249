import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../clock.ts';
import type { Refusal } from '../refusal.ts';
import { SignInAttempts } from './sign-in-attempts.ts';

const HOUR = 3_600_000;

let clock: ManualClock;
let attempts: SignInAttempts;
beforeEach(() => {
  clock = new ManualClock();
  attempts = new SignInAttempts(clock);
});

/** Seconds that have to be waited; null: none. An attempt that need not wait is one that failed. */
function waiting(address: string, name = 'root'): number | null {
  try {
    attempts.begin(name, address);
    return null;
  } catch (refusal) {
    return (refusal as Refusal).retryAfter;
  }
}
/** `n` wrong ones, each from an address of its own. */
const fromEverywhere = (n: number, first = 0) =>
  Array.from({ length: n }, (_, place) => waiting(`10.0.0.${first + place}`));

test('wrong ones lock the name for the address that they came from, and for no other', () => {
  for (let n = 0; n < 5; n++) expect(waiting('mallory')).toBeNull();
  expect(waiting('mallory')).toBe(60);
  expect(waiting('reception')).toBeNull();
});

test('from many addresses 20 an hour, then one in 5 seconds', () => {
  expect(fromEverywhere(20)).toEqual(Array(20).fill(null));
  expect(fromEverywhere(2, 20)).toEqual([5, 5]);
  clock.advance(4_999);
  expect(waiting('10.0.1.1')).toBe(1);
  clock.advance(1);
  expect(waiting('10.0.1.2')).toBeNull();
  expect(waiting('10.0.1.3')).toBe(5);
  expect(waiting('10.0.1.3', 'anna')).toBeNull();
  // No more than that in all of an hour.
  let passed = 0;
  for (let second = 0; second < 3_000; second++) {
    clock.advance(1_000);
    if (waiting(`10.1.${second % 250}.${Math.floor(second / 250)}`) === null) passed += 1;
  }
  expect(passed).toBe(600);
  clock.advance(HOUR);
  expect(fromEverywhere(20, 100)).toEqual(Array(20).fill(null));
});

test('whoever has come in from an address before need not wait behind others, but has no more than five wrong ones', () => {
  attempts.begin('Root', 'office');
  attempts.succeeded('root', 'office');
  fromEverywhere(20);
  expect(waiting('home')).toBe(5);
  for (let n = 0; n < 5; n++) expect(waiting('office')).toBeNull();
  expect(waiting('office')).toBe(60);
});

test('a right one does not begin anew what others have tried', () => {
  fromEverywhere(19);
  attempts.begin('root', 'office');
  attempts.succeeded('root', 'office');
  expect(fromEverywhere(2, 19)).toEqual([null, 5]);
});
