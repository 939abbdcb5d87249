import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { onFullDisk } from '../../test/stand-ins/full-disk.ts';
import { act, at, readyClip, StoredDesk, WALL } from '../../test/stand-ins/stored-desk.ts';
import { BUSY_TIMEOUT, openForReading, STORE_FILE } from './open.ts';
import type { ScoredContact } from './records.ts';
import { readEvents, Store } from './store.ts';

let folder: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-erasure-'));
  store = open();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const policy = { keep: 'all', sample: 0 } as const;
function open(): Store {
  const opened = new Store(folder, 'clinic', randomUUID, () => WALL, policy);
  opened.beginSession('boot-1', at(0));
  return opened;
}

const said = (contactId: string): ScoredContact => ({
  contactId,
  scores: [],
  hint: { kind: 'suspected-negative', priority: 0.75, reasons: ['a raised voice'] },
});

/** A stay of 20 s from second `s` on, with a press, one in the grace time, a flicker and a clip. Its ids. */
function stay(s: number, desk = 'front'): { contactId: string; ids: string[] } {
  const ids: string[] = [];
  const id = () => {
    const made = randomUUID();
    ids.push(made);
    return made;
  };
  const contactId = id();
  const edge = (present: boolean, second: number, name = id()) =>
    act(store, { id: name, kind: 'presence', present, at: at(second) }, { desk, scored: [said(contactId)] });
  edge(true, s, contactId);
  act(store, { id: id(), kind: 'press', button: 'happy', at: at(s + 5) }, { desk });
  edge(false, s + 10);
  edge(true, s + 11);
  edge(false, s + 20);
  act(store, { id: id(), kind: 'press', button: 'unhappy', at: at(s + 23) }, { desk });
  act(store, { kind: 'wake', at: at(s + 40) }, { desk });
  store.addClip(desk, readyClip(contactId), WALL);
  return { contactId, ids };
}

const events = () => {
  const reader = openForReading(folder);
  const found = [...readEvents(reader, 0, Number.MAX_SAFE_INTEGER)].map(({ event }) => event.id);
  reader.close();
  return found;
};

/** How often a text stands in the files of the store. */
function traces(text: string): number {
  return ['', '-wal', '-shm']
    .map((end) => join(folder, STORE_FILE + end))
    .filter(existsSync)
    .reduce((sum, file) => sum + readFileSync(file, 'latin1').split(text).length - 1, 0);
}

const thrownBy = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return null;
};

test('nothing of it stays but the receipt and the event; all else stays', () => {
  const before = stay(0);
  const gone = stay(100);
  const after = stay(200);
  const rows = store.outbox.newest();
  expect(store.contacts.indices(WALL, WALL + 86_400_000)).toMatchObject({ served: 3, rated: 3 });
  const receipt = store.erase(gone.contactId, 'mqtt', WALL + 300_000);
  expect(receipt).toEqual({
    contactId: gone.contactId,
    desk: 'front',
    wall: WALL + 300_000,
    actor: 'mqtt',
  });
  expect(store.contacts.byId(gone.contactId)).toBe(null);
  expect(store.contacts.timelines(gone.contactId)).toEqual([]);
  expect(store.contacts.between(0, 2 * WALL).map(({ id }) => id)).toEqual([
    after.contactId,
    before.contactId,
  ]);
  expect(store.contacts.indices(WALL, WALL + 86_400_000)).toMatchObject({ served: 2, rated: 2 });
  expect(events()).toEqual([...before.ids, ...after.ids]);
  expect([...store.vouchedFiles()].sort()).toEqual(
    [before, after].map(({ contactId }) => `2026-01-05/${contactId}.mp4`).sort(),
  );
  expect(store.outbox.newest()).toBe(rows + 1);
  const told = store.outbox.pending(0, 1_000);
  expect(told.at(-1)).toMatchObject({
    type: 'contact.erased',
    subject: gone.contactId,
    data: { desk: 'front', contactId: gone.contactId, object: null, actor: 'mqtt' },
  });
  expect(JSON.stringify(told.slice(0, -1))).not.toContain(gone.contactId);
  expect(told.filter(({ type }) => type === 'contact.closed')).toHaveLength(2);
});

// Now and then SQLite leaves a copy (see openDatabase): what a second try does not find either, is no fault of the tables.
test('no byte of it is found in the files, but in the receipt, the event and their indices', () => {
  const stays = Array.from({ length: 60 }, (_, i) => stay(i * 100, i % 2 ? 'front' : 'back'));
  // The log is cut now and then, so that the text lies in the file as well.
  store.forget({ events: 0, messages: 0, bins: 0, actions: 0 });
  for (const { contactId, ids } of stays.filter((_, i) => i % 7 === 3)) {
    expect(traces(contactId)).toBeGreaterThan(5);
    store.erase(contactId, 'console', WALL);
    for (const id of ids.slice(1)) expect(traces(id), `an event or a press, ${ids.indexOf(id)}`).toBe(0);
    // The receipt; the event's subject, data and place in the index.
    expect(traces(contactId)).toBe(4);
  }
  for (const { contactId } of stays.filter((_, i) => i % 7 !== 3))
    expect(store.contacts.byId(contactId)).toMatchObject({ presses: [{}, {}] });
});

test('a second time changes nothing and gives the same receipt', () => {
  const { contactId } = stay(0);
  const receipt = store.erase(contactId, 'mqtt', WALL);
  const rows = store.outbox.newest();
  expect(store.erase(contactId, 'console', WALL + 1)).toEqual(receipt);
  expect(store.outbox.newest()).toBe(rows);
  store.close();
  store = open();
  expect(store.erase(contactId, 'console', WALL + 2)).toEqual(receipt);
});

test('only a settled contact can be erased, and only one that there is', () => {
  const id = randomUUID();
  act(store, { id, kind: 'presence', present: true, at: at(0) });
  act(store, { kind: 'wake', at: at(2) });
  expect(thrownBy(() => store.erase(id, 'mqtt', WALL))).toBe('CA_CONTACT_OPEN');
  act(store, { id: randomUUID(), kind: 'presence', present: false, at: at(20) });
  act(store, { kind: 'wake', at: at(22.5) });
  expect(store.contacts.byId(id)).toMatchObject({ state: 'ended' });
  expect(thrownBy(() => store.erase(id, 'mqtt', WALL))).toBe('CA_CONTACT_OPEN');
  expect(thrownBy(() => store.erase(randomUUID(), 'mqtt', WALL))).toBe('CA_CONTACT_UNKNOWN');
  expect(store.outbox.newest()).toBe(1);
  act(store, { kind: 'wake', at: at(60) });
  expect(store.erase(id, 'mqtt', WALL)).toMatchObject({ contactId: id });
});

test('a clip that is finished after the erasure is not taken, and its file must go', () => {
  const contactId = randomUUID();
  act(store, { id: contactId, kind: 'presence', present: true, at: at(0) });
  act(store, { id: randomUUID(), kind: 'presence', present: false, at: at(20) });
  act(store, { kind: 'wake', at: at(60) });
  expect([...store.owedClips()]).toEqual([contactId]);
  store.erase(contactId, 'mqtt', WALL);
  expect([...store.owedClips()]).toEqual([]);
  expect(store.addClip('front', readyClip(contactId), WALL)).toBe('deleted');
  expect([...store.vouchedFiles()]).toEqual([]);
});

test('the desk forgets its presses, and goes on', () => {
  const { contactId } = stay(0);
  const next = stay(100);
  store.erase(contactId, 'mqtt', WALL);
  const recent = store.deskState('front')?.recent.map((press) => press.contactId);
  expect(recent).toEqual([next.contactId, next.contactId]);
});

test('an overlong stay takes along the edge that told its end; events of others stay', () => {
  const contactId = randomUUID();
  const [left, passing, passed, next, shift] = Array.from({ length: 5 }, () => randomUUID());
  const put = (id = '', present: boolean, s: number) =>
    act(store, { id, kind: 'presence', present, at: at(s) });
  act(store, { id: shift ?? '', kind: 'shift', receptionist: 'r-1', at: at(-1) });
  put(contactId, true, 0);
  act(store, { kind: 'wake', at: at(601) });
  put(left, false, 900);
  put(passing, true, 1_000);
  put(passed, false, 1_000.5);
  put(next, true, 1_100);
  act(store, { kind: 'wake', at: at(1_102) });
  expect(store.contacts.byId(contactId)).toMatchObject({ endReason: 'overlong', state: 'settled' });
  store.erase(contactId, 'mqtt', WALL);
  expect(events()).toEqual([shift, passing, passed, next]);
});

test('a contact whose clock was put right since takes its events along as well', () => {
  const contactId = randomUUID();
  const put = (id: string, present: boolean, s: number) =>
    act(store, { id, kind: 'presence', present, at: at(s) }, { clock: 'untrusted' });
  put(contactId, true, 0);
  put(randomUUID(), false, 20);
  act(store, { kind: 'wake', at: at(60) }, { clock: 'untrusted' });
  store.correctClock('boot-1', at(0).wall - at(0).mono + 400 * 86_400_000);
  expect(store.contacts.byId(contactId)).toMatchObject({ clock: 'corrected', state: 'settled' });
  store.erase(contactId, 'mqtt', WALL);
  expect(events()).toEqual([]);
});

describe('somebody who reads beside us', () => {
  test('does not hold an erasure up; the log is cut when he has gone', () => {
    const { contactId, ids } = stay(0);
    const reader = openForReading(folder);
    const rows = readEvents(reader, 0, Number.MAX_SAFE_INTEGER);
    rows.next();
    const began = performance.now();
    store.erase(contactId, 'mqtt', WALL);
    expect(performance.now() - began).toBeLessThan(BUSY_TIMEOUT);
    expect(traces(ids[1] ?? '')).toBeGreaterThan(0);
    rows.return(undefined);
    reader.close();
    store.forget({ events: 0, messages: 0, bins: 0, actions: 0 });
    expect(traces(ids[1] ?? '')).toBe(0);
  });
});

describe('a log that cannot be cut, the disk being full,', () => {
  /** Not one page more fits into the store's file; its log still has room. */
  async function onFull(work: () => void): Promise<void> {
    fill(3_000_000);
    forget();
    const { size } = statSync(join(folder, STORE_FILE));
    gone = stay(0);
    fill(300_000);
    expect(statSync(join(folder, `${STORE_FILE}-wal`)).size).toBeLessThan(size / 2);
    await onFullDisk(size, async () => {
      work();
      expect(traces(gone.ids[1] ?? '')).toBeGreaterThan(0);
    });
  }
  const fill = (bytes: number) =>
    store.logAction({
      ...{ wall: WALL, actor: 'page', action: 'veto', outcome: 'ok' },
      target: { desk: 'x'.repeat(bytes) },
    });
  let gone: { contactId: string; ids: string[] };
  const erase = () => store.erase(gone.contactId, 'mqtt', WALL);
  const forget = () => store.forget({ events: 0, messages: 0, bins: 0, actions: 0 });

  test('fails no erasure and nothing that is tidied up; it is cut when there is room', async () => {
    await onFull(() => {
      expect(erase()).toMatchObject({ contactId: gone.contactId });
      expect(forget()).toBe(false);
    });
    expect(store.contacts.byId(gone.contactId)).toBe(null);
    forget();
    expect(traces(gone.ids[1] ?? '')).toBe(0);
  });

  test('leaves the patience with others who write as it was', async () => {
    await onFull(() => void erase());
    const other = spawn(process.execPath, [
      '--eval',
      `const db = new (require('better-sqlite3'))(${JSON.stringify(join(folder, STORE_FILE))});
       db.exec('BEGIN IMMEDIATE');
       console.log('locked');
       setTimeout(() => db.exec('COMMIT'), 500);`,
    ]);
    await once(other.stdout, 'data');
    store.alive(at(0));
    await once(other, 'exit');
  });
});

test('events that tell of an erasure fit their schema', () => {
  const desk = new StoredDesk();
  try {
    desk.here(1).press(9, 'unhappy').gone(20).wait(60);
    desk.store.erase('e1', 'page', WALL);
    expect(desk.faults()).toEqual([]);
    expect(desk.told().map(({ type }) => type)).toContain('contact.erased');
  } finally {
    desk.end();
  }
});
