import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoredDesk, WALL } from '../test/stand-ins/stored-desk.ts';
import { ManualClock } from './clock.ts';
import { Housekeeping } from './housekeeping.ts';
import { Journal } from './journal.ts';
import { readActions } from './store/actions.ts';
import { openForReading } from './store/open.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let desk: StoredDesk;
let clock: ManualClock;
let journal: Journal;
let housekeeping: Housekeeping;

beforeEach(() => {
  desk = new StoredDesk();
  from(0);
});
afterEach(async () => {
  await housekeeping.stop();
  desk.end();
});

/** It is `ms` later than what was written down. */
function from(ms: number): void {
  clock = new ManualClock({ mono: 1_000, wall: WALL + ms });
  journal = new Journal({ clock, log: pino({ level: 'silent' }) });
  housekeeping = new Housekeeping({
    ...{ store: desk.store, journal, clock, data: desk.folder },
    ...{ keepEvents: 14 * DAY, keepBins: DAY, backlog: { age: 2 * HOUR, size: 1e9 }, occupied: () => false },
  });
}

/** Of nobody who was there: they wait like everything else. */
function presses(n: number): void {
  for (let s = 0; s < n; s++) desk.press(s * 2, 'happy');
}

test('what has waited for too long goes, in pieces, a little apart', async () => {
  const { outbox } = desk.store;
  presses(450);
  await housekeeping.start();
  clock.advance(2 * HOUR);
  expect(outbox.dropped).toBe(0);
  // The first piece looks for what is of least value, and finds none.
  clock.advance(60_000);
  expect(outbox.dropped).toBe(0);
  clock.advance(100);
  expect(outbox.dropped).toBe(100);
  clock.advance(1_000);
  expect(outbox.dropped).toBe(450);
  // One in the place of all, and the alert.
  expect(outbox.depth()).toBe(2);
});

test('who asked for what is kept for a year', async () => {
  desk.store.logAction({ wall: WALL, actor: 'mqtt', action: 'pause', target: {}, outcome: 'ok' });
  const reader = openForReading(desk.folder);
  const kept = () => [...readActions(reader, 0, 2 * WALL)].length;
  from(365 * DAY - 5 * HOUR);
  await housekeeping.start();
  clock.advance(5 * HOUR);
  expect(kept()).toBe(1);
  clock.advance(HOUR);
  expect(kept()).toBe(0);
  reader.close();
});

test('what was published is kept for two weeks, and then goes in pieces, too; nothing after the end', async () => {
  const { outbox } = desk.store;
  presses(1_200);
  outbox.published(outbox.pending(0, 1_200));
  from(14 * DAY - 5 * HOUR);
  await housekeeping.start();
  clock.advance(6 * HOUR - 1);
  expect(outbox.oldest(1)).toBe(1);
  clock.advance(1);
  expect(outbox.oldest(1)).toBe(1_001);
  await housekeeping.stop();
  clock.advance(HOUR);
  expect(outbox.oldest(1)).toBe(1_001);
});

test('nor is it forgotten when the clock is put right by years, until the service itself is so old', async () => {
  const { outbox } = desk.store;
  await housekeeping.start();
  presses(10);
  outbox.published(outbox.pending(0, 10));
  clock.step(3_000 * DAY);
  clock.advance(13 * DAY);
  expect(outbox.oldest(1)).toBe(1);
  clock.advance(DAY);
  expect(outbox.oldest(1)).toBeNull();
});

test('what the disk refuses is asked for once, however long that takes', async () => {
  presses(450);
  await housekeeping.start();
  let full = true;
  journal.write(() => {
    if (full) throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
  });
  clock.advance(7 * HOUR);
  // The disk's own, a look at the backlog, and one at what is old.
  expect(journal.health().detail).toMatchObject({ waiting: 3 });
  full = false;
  clock.advance(HOUR);
  expect(desk.store.outbox.dropped).toBe(450);
});

test('what went wrong is tried again the next time', async () => {
  const step = desk.store.backlog.step.bind(desk.store.backlog);
  const faults = ['SQLITE_CORRUPT', 'SQLITE_IOERR'];
  let tries = 0;
  desk.store.backlog.step = (...of) => {
    tries += 1;
    const code = faults.shift();
    if (code) throw Object.assign(new Error(code), { code });
    return step(...of);
  };
  await housekeeping.start();
  expect(tries).toBe(1);
  clock.advance(60_000);
  expect(tries).toBe(2);
  // That one the journal tries again by itself.
  clock.advance(1_000);
  expect(tries).toBe(3);
  clock.advance(59_000);
  expect(tries).toBe(4);
});
