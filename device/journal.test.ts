import { expect, test } from 'vitest';
import { ManualClock } from './clock.ts';
import { Journal } from './journal.ts';
import { createLog } from './log.ts';

const quiet = createLog('error', { write: () => {} });
const diskFull = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });

test('what the disk refuses waits in order and is written when it has come back', () => {
  const clock = new ManualClock();
  const journal = new Journal({ clock, log: quiet });
  const written: number[] = [];
  let full = true;
  const write = (n: number) =>
    journal.write(() => {
      if (full) throw diskFull;
      written.push(n);
    });
  write(1);
  write(2);
  clock.advance(5_000);
  write(3);
  expect(written).toEqual([]);
  expect(journal.health()).toMatchObject({ status: 'failed', detail: { waiting: 3 } });
  full = false;
  clock.advance(1_000);
  expect(written).toEqual([1, 2, 3]);
  expect(journal.health()).toMatchObject({ status: 'ok', detail: { waiting: 0 } });
  expect(clock.waiting()).toEqual([]);
});

test('a write that is wrong in itself does not block the ones behind it, and is counted', () => {
  const journal = new Journal({ clock: new ManualClock(), log: quiet });
  const written: number[] = [];
  journal.write(() => {
    throw Object.assign(new Error('UNIQUE'), { code: 'SQLITE_CONSTRAINT_UNIQUE' });
  });
  journal.write(() => written.push(2));
  expect(written).toEqual([2]);
  expect(journal.health().detail).toEqual({ waiting: 0, dropped: 1 });
});
