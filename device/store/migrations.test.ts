import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { act, at, WALL } from '../../test/stand-ins/stored-desk.ts';
import { messageValidator } from '../../test/stand-ins/subscriber.ts';
import { eventOf } from '../../uploader/event.ts';
import { MIGRATIONS } from './migrations.ts';
import { openForReading, STORE_FILE } from './open.ts';
import { readEvents, Store } from './store.ts';

const VERSION_1 = readFileSync(new URL('../../test/stand-ins/store-version-1.sql', import.meta.url), 'utf8');

let folder: string;
let store: Store | null = null;

function open(): Store {
  let n = 100;
  store = new Store(
    folder,
    'clinic',
    () => `m${++n}`,
    () => WALL,
    { keep: 'negative', sample: 0 },
  );
  return store;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-migration-'));
  const db = new Database(join(folder, STORE_FILE));
  db.exec(VERSION_1);
  db.close();
});
afterEach(() => {
  store?.close();
  store = null;
  rmSync(folder, { recursive: true });
});

/** Tables and indices, whatever way they were made. */
function schemaOf(db: Database.Database): unknown[] {
  const schema = db
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .all();
  db.close();
  return schema.map(({ name, sql }) => [name, sql.replace(/\s+/g, ' ')]);
}

test('the first version is what it was: landed entries are never changed', () => {
  const before = new Database(join(folder, STORE_FILE));
  const now = new Database(':memory:');
  now.exec(MIGRATIONS[0] ?? '');
  expect(schemaOf(now)).toEqual(schemaOf(before));
});

test('a store of version 1 keeps all it had, and becomes the same as a new one', () => {
  const { contacts, outbox } = open();
  expect(contacts.between(0, Number.MAX_SAFE_INTEGER)).toMatchObject([
    { id: 'd', state: 'ended', tag: 'negative', veto: false, clip: { state: 'ready' } },
    { id: 'f', state: 'open', tag: 'positive', veto: false, clip: null },
    { id: 'c', state: 'settled', tag: 'unrated', veto: false, clip: { state: 'ready' } },
    { id: 'b', state: 'settled', tag: 'positive', veto: false, clip: { state: 'failed' } },
    { id: 'a', state: 'settled', tag: 'negative', veto: false, clip: { state: 'ready' } },
  ]);
  expect(contacts.byId('a')).toMatchObject({
    clip: {
      ...{ contactId: 'a', state: 'ready', reason: null, file: '2026-01-05/a.mp4', mediaType: 'video/mp4' },
      ...{ bytes: 4_194_304, sha256: 'a'.repeat(64), duration: 26_000.5, preRoll: 5_012, manifest: null },
    },
    presses: [{ id: 'a1', rating: 1 }],
    scores: [
      {
        kind: 'face',
        models: [{ id: expect.any(String), version: expect.any(String), licence: 'MIT' }],
        summary: { negative: 0.62, verdict: 'unknown' },
      },
    ],
    hint: null,
  });
  expect(contacts.byId('b')?.clip?.reason).toBe('nothing was captured during this contact');
  expect([...(store?.vouchedFiles() ?? [])].sort()).toEqual(
    ['a', 'c', 'd'].map((id) => `2026-01-05/${id}.mp4`),
  );
  expect(outbox.depth()).toBe(12);
  store?.close();
  store = null;
  const old = new Database(join(folder, STORE_FILE));
  expect(old.pragma('foreign_key_check')).toEqual([]);
  expect(old.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(old.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
  const migrated = schemaOf(old);
  rmSync(join(folder, STORE_FILE));
  open().close();
  store = null;
  expect(migrated).toEqual(schemaOf(new Database(join(folder, STORE_FILE))));
});

test('its messages, those published before too, fit the schema of today', () => {
  const { outbox } = open();
  const raw = new Database(join(folder, STORE_FILE));
  raw.exec('UPDATE outbox SET published = NULL');
  raw.close();
  const wrong = messageValidator();
  const rows = outbox.pending(0, 100);
  expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 17 }, (_, n) => n + 1));
  for (const row of rows) {
    const { topic, payload } = eventOf(row, { device: 'clinic', store: outbox.store });
    expect(wrong({ topic, payload: JSON.parse(payload) })).toBeNull();
  }
});

test('its desks go on where they were: presses that waited, contacts that were open, the sequence', () => {
  const old = open();
  const now = { mono: 10, wall: WALL + 900_000 };
  const { number } = old.beginSession('boot-2', now);
  expect(number).toBe(3);
  for (const desk of ['front', 'back'])
    act(old, { id: `s-${desk}`, kind: 'start', at: now, lastAlive: old.lastAlive(desk) }, { desk });
  // Pressed while somebody arrived who was never confirmed: it belongs to the contact before.
  expect(old.contacts.byId('d')).toMatchObject({
    ...{ state: 'settled', tag: 'positive', veto: false },
    clip: { state: 'ready', manifest: null },
  });
  expect(old.contacts.byId('f')).toMatchObject({ state: 'settled', endReason: 'power-loss', clip: null });
  expect(old.clipless('back')).toMatchObject([{ id: 'f', startedAt: at(305), thisBoot: false }]);
  const told = old.outbox.pending(17, 100);
  expect(told.map(({ sequence, type }) => [sequence, type])).toEqual([
    [18, 'press'],
    [19, 'contact.closed'],
    [20, 'contact.closed'],
  ]);
  const reader = openForReading(folder);
  expect([...readEvents(reader, 0, Number.MAX_SAFE_INTEGER)]).toHaveLength(20);
  reader.close();
});
