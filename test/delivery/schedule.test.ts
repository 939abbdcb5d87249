import { expect, test } from 'vitest';
import { randomOf } from '../stand-ins/random.ts';
import { FAULTS, PARTS, scheduleOf } from './schedule.ts';

test('each fault comes at least once, those of one part one after the other, and all end in time', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const acts = scheduleOf(randomOf(seed), 24_000);
    for (const part of PARTS) {
      const own = acts.filter((act) => act.part === part);
      expect(new Set(own.map(({ kind }) => kind))).toEqual(new Set(FAULTS[part]));
      own.forEach(({ at, lasts }, n) => {
        expect(at + lasts).toBeLessThanOrEqual(own[n + 1]?.at ?? 24_000);
      });
    }
  }
});

test('the seed repeats a schedule', () => {
  expect(scheduleOf(randomOf(7), 60_000)).toEqual(scheduleOf(randomOf(7), 60_000));
  expect(scheduleOf(randomOf(7), 60_000)).not.toEqual(scheduleOf(randomOf(8), 60_000));
});
