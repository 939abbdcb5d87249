import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { messageValidator } from '../../test/stand-ins/subscriber.ts';
import { eventOf } from '../../uploader/event.ts';
import { Backlog, type BacklogLimits } from './backlog.ts';
import { type Db, openDatabase } from './open.ts';
import { SqliteOutbox } from './outbox.ts';
import type { EventType, OutboxRow } from './records.ts';

const DAY = 86_400_000;
const MANY: BacklogLimits = { age: 30 * DAY, size: 1e12 };
const ROOM = 1e12;

let folder: string;
let db: Db;
let outbox: SqliteOutbox;
let backlog: Backlog;
let wall: number;
let mono: number;
let ids: number;

function open(hub: boolean): void {
  db = openDatabase(folder);
  outbox = new SqliteOutbox(db, () => wall, hub);
  backlog = new Backlog(db, outbox, (message) => outbox.append({ id: `m${++ids}`, ...message }));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-outbox-'));
  wall = Date.UTC(2026, 0, 5, 8);
  mono = 1_000;
  ids = 0;
  open(false);
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

function reopen(hub: boolean): void {
  db.close();
  open(hub);
}

/** Messages of these types, the contact's id after a colon; `filler`: bytes of each. */
function append(types: string, filler = 0): void {
  db.transaction(() => {
    for (const word of types.split(' ')) {
      const [type, subject = null] = word.split(':');
      const data = { code: 'CA_X', filler: 'x'.repeat(filler) };
      outbox.append({ id: `m${++ids}`, type: type as EventType, desk: 'front', subject, wall, data });
    }
  })();
}

/** Works until there is nothing more to do; returns in how many steps. */
function trim(limits: Partial<BacklogLimits> = {}, free = ROOM): number {
  let steps = 1;
  while (backlog.step({ ...MANY, ...limits }, { wall, mono }, free)) steps += 1;
  return steps;
}

const rows = (): OutboxRow[] => outbox.pending(0, 10_000);
const told = (): string[] =>
  rows().map(({ sequence, type, data }) => {
    if (type !== 'outbox.dropped') return `${sequence} ${type}`;
    const { from, counts, reason } = data as { from: number; counts: object; reason: string };
    return `${from}-${sequence} ${reason} ${JSON.stringify(counts)}`;
  });

const times = (n: number, types: string): string => Array(n).fill(types).join(' ');

const CONTACT = 'contact.started:c press:c contact.closed:c';

describe('a backlog that waits for too long', () => {
  test('keeps contacts, and says in the place of the others how many there were', () => {
    append(
      `${CONTACT} clip.ready:c clip.uploaded:c clip.deleted:c contact.erased:e press contact.reviewed:c`,
    );
    wall += 31 * DAY;
    mono += 31 * DAY;
    append('contact.started:d');
    trim();
    expect(told()).toEqual([
      '1-2 age {"contact.started":1,"press":1}',
      '3 contact.closed',
      '4-5 age {"clip.ready":1,"clip.uploaded":1}',
      '6 clip.deleted',
      '7 contact.erased',
      '8-8 age {"press":1}',
      '9 contact.reviewed',
      '10 contact.started',
      '11 alert',
    ]);
    expect(outbox.dropped).toBe(5);
    expect(outbox.lossy).toBe(true);
    const faultOf = messageValidator();
    for (const row of rows().filter(({ type }) => type === 'outbox.dropped' || type === 'alert')) {
      const { topic, payload } = eventOf(row, { device: 'clinic', store: outbox.store });
      expect(faultOf({ topic, payload: JSON.parse(payload) })).toBeNull();
    }
  });
  test('a clock that is put right by years makes nothing old that this process wrote', () => {
    trim();
    append(CONTACT);
    wall += 3_000 * DAY;
    mono += 60_000;
    trim();
    expect(outbox.dropped).toBe(0);
    mono += 31 * DAY;
    trim();
    expect(outbox.dropped).toBe(2);
  });

  test('tells of it once for an outage, and once again for the next', () => {
    const alerts = () => rows().filter(({ type }) => type === 'alert').length;
    const old = (days: number) => {
      append(CONTACT);
      wall += days * DAY;
      mono += days * DAY;
      trim();
      return outbox.dropped;
    };
    expect([old(29), old(2), old(28), old(0.5)]).toEqual([0, 2, 2, 4]);
    expect([old(1), alerts()]).toEqual([4, 1]);
    reopen(false);
    expect([old(1), alerts()]).toEqual([6, 1]);
    expect(outbox.lossy).toBe(true);
    outbox.published(rows());
    expect(outbox.lossy).toBe(false);
    expect([old(31), alerts()]).toEqual([8, 1]);
  });
});

describe('a backlog that is too large', () => {
  test('loses starts and presses of contacts first, the oldest first, then the rest, never a contact', () => {
    append(times(60, 'contact.started:c press:c contact.closed:c'), 2_000);
    append('alert press', 2_000);
    const before = outbox.depth();
    trim({ size: 130_000 });
    expect(rows().filter(({ type }) => type === 'contact.closed')).toHaveLength(60);
    expect(told()[0]).toBe('1-2 size {"contact.started":1,"press":1}');
    // All 120 of the first class and not enough; then the alert and the press.
    expect(outbox.dropped).toBe(122);
    expect(before).toBe(182);
    expect(told().at(-2)).toBe('181-182 size {"alert":1,"press":1}');
  });

  test('loses no more than it must', () => {
    append(times(900, 'contact.started:c contact.closed:c'), 2_000);
    const all = 1_800 * (2_000 + 27 + 230);
    trim({ size: all - 100_000 });
    // 52 rows, each of which saves 1,957 bytes; they go in pieces of 100.
    expect(outbox.dropped).toBe(100);
    const dropped = outbox.dropped;
    trim({ size: all - 100_000 });
    expect(outbox.dropped).toBe(dropped);
    expect(told().slice(-2)).toEqual(['1800 contact.closed', '1801 alert']);
  });

  test('is weighed once a look, also while rows are delivered', () => {
    append(times(3_000, 'contact.started:c contact.closed:c'), 2_000);
    const all = 6_000 * (2_000 + 27 + 230);
    let steps = 1;
    while (backlog.step({ ...MANY, size: all - 2_000_000 }, { wall, mono }, ROOM)) {
      outbox.published(outbox.pending(5_000, 1));
      steps += 1;
    }
    // 11 pieces of 100; some more to look for what is too old, and 4 to weigh.
    expect(outbox.dropped).toBe(1_100);
    expect(steps).toBeLessThan(25);
    trim({ size: all - 2_000_000 });
    expect(outbox.dropped).toBe(1_100);
  });

  test('does not count what was delivered', () => {
    append(times(100, 'contact.started:c contact.closed:c'), 2_000);
    expect(trim({ size: 10_000_000 })).toBe(1);
    outbox.published(outbox.pending(0, 150));
    trim({ size: 120_000 });
    expect(outbox.dropped).toBe(0);
    outbox.published(outbox.pending(0, 20));
    append('contact.started:d contact.closed:d', 50_000);
    trim({ size: 200_000 });
    expect(outbox.dropped).toBe(0);
  });
});

describe('a disk that is nearly full', () => {
  test('costs contacts last of all, until there is room for what comes', () => {
    append(times(30, 'contact.started:c contact.closed:c clip.deleted:c'), 40_000);
    trim({}, 60_000_000);
    expect(outbox.dropped).toBe(0);
    trim({}, 40_000_000);
    expect(rows().filter(({ type }) => type === 'clip.deleted')).toHaveLength(30);
    expect(rows().filter(({ type }) => type === 'contact.closed')).toHaveLength(0);
    expect(told()[0]).toBe('1-2 disk {"contact.started":1,"contact.closed":1}');
  });

  test('costs no contact where what waits is little: it is something else that fills the disk', () => {
    append(times(30, 'contact.started:c contact.closed:c'));
    trim({}, 1_000);
    expect(outbox.dropped).toBe(30);
    expect(rows().filter(({ type }) => type === 'contact.closed')).toHaveLength(30);
    append(times(10, 'contact.closed:c'), 97_000);
    trim({}, 1_000);
    expect(outbox.dropped).toBe(30);
    append('contact.closed:c', 97_000);
    trim({}, 1_000);
    expect(outbox.dropped).toBeGreaterThan(30);
  });

  test('is no reason to drop what would leave room enough', () => {
    append(times(2_000, 'contact.closed:c'), 3_000);
    trim({}, 49_000_000);
    expect(rows().filter(({ type }) => type === 'contact.closed').length).toBeGreaterThan(1_000);
    expect(outbox.dropped).toBeGreaterThan(200);
  });
});

test('neighbours become one, whatever came first', () => {
  append('contact.started alert press:c');
  outbox.drop([1, 3], 'size', () => {});
  expect(told()).toEqual(['1-1 size {"contact.started":1}', '2 alert', '3-3 size {"press":1}']);
  const [first] = rows();
  outbox.drop([2], 'size', () => {});
  expect(told()).toEqual(['1-3 size {"contact.started":1,"alert":1,"press":1}']);
  expect(rows()[0]?.id).not.toBe(first?.id);
  append('alert alert');
  outbox.drop([4], 'age', () => {});
  expect(told()[1]).toBe('4-4 age {"alert":1}');
});

test('a row that is on its way when it is dropped gets no mark for what it was', () => {
  append(CONTACT);
  const sent = rows();
  const { rewrites } = outbox;
  outbox.drop([1, 2], 'size', () => {});
  expect(outbox.rewrites).toBeGreaterThan(rewrites);
  outbox.published(sent);
  expect(told()).toEqual(['1-2 size {"contact.started":1,"press":1}']);
});

describe('with a hub', () => {
  beforeEach(() => reopen(true));

  test('a row waits until the hub has it, and is forgotten no sooner', () => {
    append(CONTACT);
    outbox.published(rows());
    expect(outbox.depth()).toBe(3);
    wall += DAY;
    outbox.forget(wall);
    expect(outbox.oldest(1)).toBe(1);
    outbox.acknowledge(2);
    expect(outbox.depth()).toBe(1);
    outbox.acknowledge(1);
    expect(outbox.acknowledged).toBe(2);
    outbox.forget(wall);
    expect(outbox.oldest(1)).toBe(3);
    expect(() => outbox.acknowledge(4)).toThrow(expect.objectContaining({ code: 'CA_ACK_INVALID' }));
    reopen(true);
    expect([outbox.acknowledged, outbox.depth()]).toEqual([2, 1]);
  });

  test('the depth knows rows, not sequences', () => {
    append(`${CONTACT} ${CONTACT}`);
    outbox.drop([1, 2, 4, 5], 'size', () => {});
    expect(outbox.depth()).toBe(4);
    reopen(true);
    expect([outbox.depth(), outbox.dropped, outbox.lossy]).toEqual([4, 4, true]);
    outbox.acknowledge(3);
    expect(outbox.depth()).toBe(2);
    outbox.acknowledge(6);
    expect([outbox.depth(), outbox.lossy]).toEqual([0, false]);
  });

  test('what the hub has is not dropped; what only the broker has is, and goes out with its neighbours', () => {
    append(`${CONTACT} ${CONTACT}`);
    outbox.published(outbox.pending(0, 4));
    outbox.acknowledge(2);
    wall += 31 * DAY;
    mono += 31 * DAY;
    trim();
    expect(outbox.again(0, 99, 99).map(({ type }) => type)).toEqual([
      'contact.started',
      'press',
      'contact.closed',
    ]);
    expect(told()[0]).toBe('4-5 age {"contact.started":1,"press":1}');
  });

  test('what an answer to the hub begins with is the first that a row stands for', () => {
    append(`${CONTACT} ${CONTACT}`);
    outbox.drop([4, 5], 'size', () => {});
    expect([outbox.oldest(4), outbox.oldest(5), outbox.oldest(6), outbox.oldest(7)]).toEqual([4, 5, 6, null]);
  });
});

test('of an erased contact no row is left, waiting or kept, nor is anything else touched', () => {
  append('contact.started:c contact.started:d press:c contact.closed:c contact.erased:c');
  outbox.published(outbox.pending(0, 1));
  const sent = rows();
  outbox.scrub('c');
  outbox.published(sent);
  expect(told()).toEqual(['3-3 erased {"press":1}', '4-4 erased {"contact.closed":1}']);
  expect(outbox.again(0, 1, 9).map(({ type, data }) => [type, data])).toEqual([
    ['outbox.dropped', { from: 1, counts: { 'contact.started': 1 }, reason: 'erased' }],
  ]);
  expect(outbox.dropped).toBe(0);
  expect(outbox.lossy).toBe(false);
  const left = db.prepare('SELECT * FROM outbox WHERE subject = ?').all('c');
  expect(left).toMatchObject([{ type: 'contact.erased' }]);
});

test('is forgotten in pieces', () => {
  append(times(2_500, 'alert'));
  outbox.published(outbox.pending(0, 2_500));
  wall += 1;
  expect([outbox.forget(wall), outbox.forget(wall), outbox.forget(wall)]).toEqual([true, true, false]);
  expect(outbox.oldest(1)).toBeNull();
  expect(outbox.newest()).toBe(2_500);
});

test('is looked at in pieces, too, and no further than there is something old', () => {
  append(times(5_000, 'alert'));
  const all = outbox.pending(0, 5_000);
  const early = all.filter(({ sequence }) => sequence <= 100 || sequence === 1_500);
  outbox.published(early);
  wall += DAY;
  outbox.published(all.filter((row) => !early.includes(row)));
  expect([outbox.forget(wall), outbox.forget(wall), outbox.forget(wall)]).toEqual([true, true, false]);
  expect(outbox.again(0, 5_000, 5_000)).toHaveLength(4_899);
  wall += DAY;
  expect(outbox.forget(wall)).toBe(true);
  expect(outbox.oldest(1)).toBe(1_101);
});

test('a clock that is put right by years makes this process forget nothing of its own', () => {
  append('alert alert alert alert');
  outbox.published(outbox.pending(0, 2));
  reopen(false);
  outbox.forget(0, false);
  outbox.published(outbox.pending(0, 1));
  append('alert');
  outbox.published(outbox.pending(0, 9));
  wall += 3_000 * DAY;
  outbox.forget(wall, false);
  expect(outbox.oldest(1)).toBe(3);
  outbox.forget(wall);
  expect(outbox.oldest(1)).toBeNull();
});
