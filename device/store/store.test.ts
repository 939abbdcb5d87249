import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { messageValidator } from '../../test/stand-ins/subscriber.ts';
import { eventOf } from '../../uploader/event.ts';
import type { DeskEvent, Instant, Settings } from '../contacts/model.ts';
import { type DeskInput, EMPTY_DESK, reduce } from '../contacts/reduce.ts';
import { formatEvent, parseEvent } from './event-line.ts';
import { lockFolder, openForReading, STORE_FILE } from './open.ts';
import { readEvents, Store } from './store.ts';

const settings: Settings = {
  arrivalConfirm: 1_000,
  departureConfirm: 2_000,
  contactMax: 600_000,
  servedMinimum: 10_000,
  pressGrace: 5_000,
  pressRepeat: 1_000,
  sensorLost: 5_000,
  buttons: {
    happy: { rating: 5, tag: 'positive', top: true },
    unhappy: { rating: 1, tag: 'negative', top: false },
  },
};
const WALL = Date.UTC(2026, 0, 5, 8);
const at = (s: number): Instant => ({ mono: 5_000 + s * 1_000, wall: WALL + s * 1_000 });

let folder: string;
let store: Store;
let ids = 0;
const open = () =>
  new Store(
    folder,
    'clinic',
    () => `m${++ids}`,
    () => WALL,
  );

/** Runs inputs through the domain into the store, as the desk does. */
function act(...inputs: DeskInput[]): void {
  for (const input of inputs) {
    const [state, effects] = reduce(settings, store.deskState('front') ?? EMPTY_DESK, input);
    const event = input.kind === 'wake' ? null : input;
    store.record({ desk: 'front', event, state, effects, at: input.at, clock: 'trusted', captured: true });
  }
}
let n = 0;
const presence = (s: number, present: boolean): DeskEvent => ({
  id: `e${++n}`,
  kind: 'presence',
  present,
  at: at(s),
});
const press = (s: number, button: string): DeskEvent => ({ id: `e${++n}`, kind: 'press', button, at: at(s) });
const wake = (s: number): DeskInput => ({ kind: 'wake', at: at(s) });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-store-'));
  n = 0;
  store = open();
  store.beginSession('boot-1', at(0));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

describe('a contact', () => {
  test('goes from open to settled with its press, its messages in order and without gaps', () => {
    act(presence(1, true), wake(3), press(9, 'unhappy'), presence(20, false));
    expect(store.contacts.byId('e1')).toMatchObject({ state: 'open', tag: 'negative', endedAt: null });
    act(wake(22), wake(40));
    expect(store.contacts.byId('e1')).toMatchObject({
      device: 'clinic',
      desk: 'front',
      state: 'settled',
      startedAt: '2026-01-05T08:00:01.000Z',
      endedAt: '2026-01-05T08:00:20.000Z',
      duration: 19_000,
      endReason: 'departed',
      served: true,
      presses: [{ id: 'e2', contactId: 'e1', rating: 1, tag: 'negative' }],
    });
    const rows = store.outbox.pending(0, 10);
    expect(rows.map((r) => [r.sequence, r.type])).toEqual([
      [1, 'contact.started'],
      [2, 'press'],
      [3, 'contact.closed'],
    ]);
    expect(rows[2]?.data).toEqual(store.contacts.byId('e1'));
    const wrong = messageValidator();
    for (const row of rows) {
      const { topic, payload } = eventOf(row, 'clinic');
      expect(wrong({ topic, payload: JSON.parse(payload) })).toBeNull();
    }
  });

  test('indices count the settled and the ended, by day and desk', () => {
    act(presence(1, true), press(9, 'happy'), presence(20, false), wake(60));
    act(presence(70, true), press(80, 'unhappy'), presence(90, false), wake(120));
    act(presence(130, true), presence(150, false), wake(200));
    act(presence(210, true), presence(215, false), wake(300));
    const indices = store.contacts.indices(WALL, WALL + 86_400_000, 'front');
    expect(indices).toMatchObject({ served: 3, rated: 2, top: 1, negative: 1 });
    expect(indices.support?.value).toBeCloseTo(1 / 3);
    expect(indices.responseRate).toBeCloseTo(2 / 3);
    expect(store.contacts.indices(WALL, WALL + 86_400_000, 'back').served).toBe(0);
    expect(store.contacts.indices(WALL + 86_400_000, WALL + 2 * 86_400_000).served).toBe(0);
  });

  test('a failing write leaves neither the change nor its message', () => {
    act(presence(1, true), wake(3));
    const event = press(5, 'happy');
    const [state, effects] = reduce(settings, store.deskState('front') ?? EMPTY_DESK, event);
    const twice = [...effects, ...effects];
    expect(() =>
      store.record({
        desk: 'front',
        event,
        state,
        effects: twice,
        at: event.at,
        clock: 'trusted',
        captured: true,
      }),
    ).toThrow(/UNIQUE/);
    expect(store.contacts.byId('e1')?.presses).toEqual([]);
    expect(store.outbox.depth()).toBe(1);
    act(press(6, 'happy'));
    expect(store.outbox.pending(0, 10).map((r) => r.sequence)).toEqual([1, 2]);
  });
});

test('a contact found open at the next start is closed at the last sign of life', () => {
  act(presence(1, true), wake(3));
  store.alive(at(33));
  store.close();
  store = open();
  const session = store.beginSession('boot-2', { mono: 10, wall: WALL + 900_000 });
  expect(session).toEqual({ number: 2, lastAlive: at(33) });
  act({ id: 's', kind: 'start', at: { mono: 10, wall: WALL + 900_000 }, lastAlive: session.lastAlive });
  expect(store.contacts.byId('e1')).toMatchObject({
    endReason: 'power-loss',
    duration: 32_000,
    state: 'settled',
  });
  expect(store.clipless('front')).toEqual([{ id: 'e1', startedAt: at(1), endedAt: at(33) }]);
  const clip = {
    contactId: 'e1',
    state: 'failed',
    reason: 'the ring was lost',
    file: null,
    mediaType: null,
    bytes: null,
    sha256: null,
    duration: null,
    preRoll: null,
  } as const;
  store.addClip('front', clip, WALL);
  expect(store.clipless('front')).toEqual([]);
  expect(store.clipless('back')).toEqual([]);
  expect(store.outbox.pending(0, 10).at(-1)).toMatchObject({ type: 'alert', data: { desk: 'front' } });
});

test('contacts of a desk that does not record are owed no clip', () => {
  for (const input of [presence(1, true), presence(20, false), wake(60)]) {
    const [state, effects] = reduce(settings, store.deskState('front') ?? EMPTY_DESK, input);
    store.record({
      desk: 'front',
      event: null,
      state,
      effects,
      at: at(60),
      clock: 'trusted',
      captured: false,
    });
  }
  store.beginSession('boot-1', at(100));
  expect(store.contacts.byId('e1')?.state).toBe('settled');
  expect(store.clipless('front')).toEqual([]);
});

test('what was published is no longer pending, and is forgotten after its time', () => {
  act(presence(1, true), wake(3), press(5, 'happy'));
  store.outbox.published([1]);
  expect(store.outbox.pending(0, 10).map((r) => r.sequence)).toEqual([2]);
  expect(store.outbox.pending(2, 10)).toEqual([]);
  store.forget({ events: WALL + 4_000, messages: WALL + 1 });
  const reader = openForReading(folder);
  expect([...readEvents(reader, 0, Number.MAX_SAFE_INTEGER)].map((e) => e.event.id)).toEqual(['e2']);
  reader.close();
  act(presence(9, false), wake(60));
  expect(store.outbox.pending(0, 10).map((r) => r.sequence)).toEqual([2, 3]);
});

test('times of an untrusted clock are corrected once, for this boot only, and published again', () => {
  act(presence(1, true), press(5, 'happy'), presence(20, false));
  const [state, effects] = reduce(settings, store.deskState('front') ?? EMPTY_DESK, wake(60));
  store.record({ desk: 'front', event: null, state, effects, at: at(60), clock: 'trusted', captured: true });
  const raw = new Database(join(folder, STORE_FILE));
  raw.exec("UPDATE contacts SET clock = 'untrusted'; UPDATE presses SET clock = 'untrusted'");
  raw.close();
  const trueOffset = Date.UTC(2026, 5, 1) - 5_000;
  store.correctClock('another boot', trueOffset);
  expect(store.contacts.byId('e1')?.clock).toBe('untrusted');
  store.correctClock('boot-1', trueOffset);
  expect(store.contacts.byId('e1')).toMatchObject({
    clock: 'corrected',
    startedAt: '2026-06-01T00:00:01.000Z',
    endedAt: '2026-06-01T00:00:20.000Z',
    duration: 19_000,
    presses: [{ time: '2026-06-01T00:00:05.000Z', clock: 'corrected' }],
  });
  expect(store.outbox.pending(0, 10).filter((r) => r.type === 'contact.closed')).toHaveLength(2);
  store.correctClock('boot-1', trueOffset + 5);
  expect(store.outbox.pending(0, 10).filter((r) => r.type === 'contact.closed')).toHaveLength(2);
});

test('raw events come back as they went in, and replay to the same contacts', () => {
  act(
    presence(1, true),
    press(9, 'happy'),
    presence(20, false),
    presence(40, true),
    presence(60, false),
    wake(99),
  );
  const reader = openForReading(folder);
  const events = [...readEvents(reader, 0, Number.MAX_SAFE_INTEGER)];
  reader.close();
  let state = EMPTY_DESK;
  for (const [i, recorded] of events.entries()) {
    expect(parseEvent(formatEvent(recorded), i + 1)).toEqual(recorded);
    [state] = reduce(settings, state, recorded.event);
  }
  [state] = reduce(settings, state, wake(99));
  expect(state).toEqual(store.deskState('front'));
});

test('a line that is no event is refused with its number', () => {
  expect(() => parseEvent('{"desk":"front","id":"x","kind":"press"}', 7)).toThrow(/line 7/);
  expect(() => parseEvent('nonsense', 3)).toThrow('line 3 is not JSON');
});

test('a second service is kept out of the folder; a store of a newer release is left alone', () => {
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'CA_STORE_BUSY' }));
  lock.release();
  lockFolder(folder).release();
  const db = new Database(join(folder, STORE_FILE));
  db.pragma('user_version = 999');
  db.close();
  expect(open).toThrow(expect.objectContaining({ code: 'CA_STORE_NEWER' }));
});
