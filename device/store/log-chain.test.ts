import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoredDesk, WALL } from '../../test/stand-ins/stored-desk.ts';
import { checkLog, type NewAction } from './actions.ts';
import type { LogHead } from './log-chain.ts';
import { MIGRATIONS } from './migrations.ts';
import { openForReading, STORE_FILE } from './open.ts';
import { Store } from './store.ts';

let desk: StoredDesk;
beforeEach(() => {
  desk = new StoredDesk();
});
afterEach(() => desk.end());

const entry = (about: Partial<NewAction> = {}): NewAction => ({
  ...{ wall: WALL, actor: 'page', account: 'anna', action: 'clip.view', target: { desk: 'front' } },
  ...{ outcome: 'ok', ...about },
});

function check(anchor: LogHead | null = null, folder = desk.folder) {
  const db = openForReading(folder);
  try {
    const pieces = checkLog(db, anchor);
    for (;;) {
      const piece = pieces.next();
      if (piece.done) return piece.value;
    }
  } finally {
    db.close();
  }
}

/** Somebody with the file at hand, and SQL. */
function tamper(sql: string): void {
  const db = new Database(join(desk.folder, STORE_FILE));
  db.exec(sql);
  db.close();
}

function fill(count: number): void {
  for (let n = 0; n < count; n++) desk.store.logAction(entry({ wall: WALL + n * 1_000 }));
}

test('an empty log is right, and so is a full one; it says how much there is and where it ends', () => {
  expect(check()).toMatchObject({ entries: 0, from: null, head: { place: 0 }, fault: null });
  fill(1_200);
  expect(check()).toEqual({
    entries: 1_200,
    ...{ from: '2026-01-05T08:00:00.000Z', to: '2026-01-05T08:19:59.000Z' },
    ...{ forgotten: { place: 0, hash: '0'.repeat(64) }, head: desk.store.logHead() },
    ...{ fault: null, anchor: null },
  });
  expect(desk.store.logHead()).toMatchObject({ place: 1_200 });
});

test('whatever is written down is right when it is read again', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 8e15, noNaN: true }),
      fc.oneof(text, fc.string({ unit: 'grapheme' }), fc.constant('\ud800\0"')),
      (wall, odd) => {
        const more = { account: odd, action: odd, outcome: odd, target: { [`k${odd}`]: odd } };
        desk.store.logAction(entry({ wall, ...more }));
        expect(check().fault).toBe(null);
      },
    ),
    { numRuns: 60 },
  );
});

describe('somebody who changes the file is found out', () => {
  test.each([
    ['the time', 'UPDATE actions SET wall = wall + 1 WHERE place = 4', 4, 'changed'],
    ['who it was', "UPDATE actions SET account = 'boris' WHERE place = 4", 4, 'changed'],
    ['by which way', "UPDATE actions SET actor = 'mqtt' WHERE place = 4", 4, 'changed'],
    ['nobody it was', 'UPDATE actions SET account = NULL WHERE place = 4', 4, 'changed'],
    ['what it was', "UPDATE actions SET action = 'sign-in' WHERE place = 4", 4, 'changed'],
    ['what came of it', "UPDATE actions SET outcome = 'refused' WHERE place = 4", 4, 'changed'],
    ['what it was about', "UPDATE actions SET target = '{}' WHERE place = 4", 4, 'target'],
    ['its salt', "UPDATE actions SET salt = '00' WHERE place = 4", 4, 'target'],
    ['its hash', 'UPDATE actions SET hash = previous WHERE place = 4', 4, 'changed'],
    ['one taken out', 'DELETE FROM actions WHERE place = 4', 5, 'order'],
    ['the first ones taken out', 'DELETE FROM actions WHERE place < 4', 4, 'order'],
    ['the last ones taken out', 'DELETE FROM actions WHERE place > 4', 4, 'end'],
    ['all taken out', 'DELETE FROM actions', 0, 'end'],
    [
      'emptied as if it had been erased',
      "UPDATE actions SET target = '{}', salt = NULL WHERE place = 4",
      4,
      'emptied',
    ],
    ['no salt, yet a target', 'UPDATE actions SET salt = NULL WHERE place = 4', 4, 'target'],
    [
      'one put in',
      'INSERT INTO actions SELECT 9, wall, actor, action, target, outcome, account, salt, about, previous, hash FROM actions WHERE place = 8',
      9,
      'changed',
    ],
    ['two moved', 'UPDATE actions SET place = -place; UPDATE actions SET place = 9 + place', 1, 'changed'],
  ] as const)('%s', (_, sql, place, what) => {
    fill(8);
    tamper(sql);
    expect(check().fault).toEqual({ place, what });
    // Nor is it healed by a new start, or by what is written after it.
    desk.restart({ mono: 1, wall: WALL });
    desk.store.logAction(entry());
    expect(check().fault).toMatchObject(what === 'end' ? { place: 9, what: 'order' } : { place });
  });

  test('also where what tells the end is taken away: no start puts it back, nor does what is written after it', () => {
    fill(8);
    tamper('DELETE FROM actions_chain');
    expect(() => check()).toThrow('no chain');
    desk.restart({ mono: 1, wall: WALL });
    desk.store.logAction(entry());
    expect(() => check()).toThrow('no chain');
  });

  test('who makes the whole chain anew is found out by a head that was kept elsewhere', () => {
    fill(8);
    const kept = desk.store.logHead();
    expect(check(kept)).toMatchObject({ fault: null, anchor: 'met' });
    tamper(
      `DELETE FROM actions; UPDATE actions_chain SET head_place = 0, head_hash = forgotten_hash, forgotten_place = 0;
       DELETE FROM sqlite_sequence WHERE name = 'actions'`,
    );
    for (let n = 0; n < 5; n++) desk.store.logAction(entry({ account: 'boris' }));
    expect(check().fault).toBe(null);
    expect(check(kept).fault).toEqual({ place: 8, what: 'anchor' });
    fill(5);
    expect(check(kept).fault).toEqual({ place: 8, what: 'anchor' });
  });
});

describe('what the service itself takes away leaves the chain whole', () => {
  test('what is old: the anchor of what was forgotten stays', () => {
    fill(8);
    const [old, young] = [desk.store.logHead(), WALL + 5_000];
    desk.store.forget({ events: 0, messages: 0, bins: 0, actions: young });
    expect(check()).toMatchObject({ entries: 3, forgotten: { place: 5 }, fault: null });
    desk.store.forget({ events: 0, messages: 0, bins: 0, actions: WALL + 60_000 });
    expect(check(old)).toMatchObject({ entries: 0, forgotten: { place: 8 }, fault: null, anchor: 'met' });
    fill(2);
    expect(check()).toMatchObject({ entries: 2, head: { place: 10 }, fault: null });
    expect(check({ place: 3, hash: 'f'.repeat(64) })).toMatchObject({ fault: null, anchor: 'forgotten' });
    expect(check({ place: 8, hash: 'f'.repeat(64) })).toMatchObject({ fault: { place: 8, what: 'anchor' } });
  });

  test('a clock that was wrong once takes nothing along: only what is at the beginning goes', () => {
    fill(3);
    desk.store.logAction(entry({ wall: 0 }));
    fill(1);
    desk.store.forget({ events: 0, messages: 0, bins: 0, actions: WALL });
    expect(check()).toMatchObject({ entries: 5, fault: null });
    desk.store.forget({ events: 0, messages: 0, bins: 0, actions: WALL + 10_000 });
    expect(check()).toMatchObject({ entries: 0, fault: null });
  });

  test('a contact that is erased: the entries stay, and one says of which the target went', () => {
    desk.here(1).gone(20).wait(60).here(100).gone(120).wait(160);
    for (const contactId of ['e1', 'e3', 'e1']) desk.store.logAction(entry({ target: { contactId } }));
    desk.store.erase('e1', 'page', WALL);
    expect(check()).toMatchObject({ entries: 4, fault: null });
    tamper("UPDATE actions SET target = '{}', salt = NULL WHERE place = 2");
    expect(check().fault).toEqual({ place: 2, what: 'emptied' });
  });
});

test('what an older release wrote is chained at the first start, once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ca-older-'));
  const old = new Database(join(folder, STORE_FILE));
  for (const sql of MIGRATIONS.slice(0, 5)) old.exec(sql);
  old.pragma('user_version = 5');
  const put = old.prepare("INSERT INTO actions VALUES (?, ?, 'mqtt', 'pause', '{}', 'ok')");
  for (const place of [2, 3, 5]) put.run(place, WALL + place);
  const open = () => new Store(folder, 'clinic', String, () => WALL, { keep: 'all', sample: 0 });
  expect(() => check(null, folder)).toThrow('no chain');
  open().close();
  const first = check(null, folder);
  expect(first).toMatchObject({ entries: 3, forgotten: { place: 1 }, head: { place: 5 }, fault: null });
  open().close();
  expect(check(null, folder)).toEqual(first);
  old.close();
  rmSync(folder, { recursive: true });
});
