import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, failedClip, StoredDesk, settings, WALL } from '../../test/stand-ins/stored-desk.ts';
import { EMPTY_DESK, reduce } from '../contacts/reduce.ts';
import { formatEvent, parseEvent } from './event-line.ts';
import { lockFolder, openForReading } from './open.ts';
import { readEvents, Store } from './store.ts';

let desk: StoredDesk;
beforeEach(() => {
  desk = new StoredDesk();
});
afterEach(() => desk.end());

describe('a contact', () => {
  test('goes from open to settled with its press, its messages in order and without gaps', () => {
    desk.here(1).wait(3).press(9, 'unhappy').gone(20);
    expect(desk.store.contacts.byId('e1')).toMatchObject({ state: 'open', tag: 'negative', endedAt: null });
    desk.wait(22).wait(40);
    expect(desk.store.contacts.byId('e1')).toMatchObject({
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
    const rows = desk.told();
    expect(rows.map((r) => [r.sequence, r.type])).toEqual([
      [1, 'contact.started'],
      [2, 'press'],
      [3, 'contact.closed'],
    ]);
    expect(rows[2]?.data).toEqual(desk.store.contacts.byId('e1'));
    expect(desk.faults()).toEqual([]);
  });

  test('indices count the settled and the ended, by day and desk', () => {
    desk.here(1).press(9, 'happy').gone(20).wait(60);
    desk.here(70).press(80, 'unhappy').gone(90).wait(120);
    desk.here(130).gone(150).wait(200);
    desk.here(210).gone(215).wait(300);
    const indices = desk.store.contacts.indices(WALL, WALL + 86_400_000, 'front');
    expect(indices).toMatchObject({ served: 3, rated: 2, top: 1, negative: 1 });
    expect(indices.support?.value).toBeCloseTo(1 / 3);
    expect(indices.responseRate).toBeCloseTo(2 / 3);
    expect(desk.store.contacts.indices(WALL, WALL + 86_400_000, 'back').served).toBe(0);
    expect(desk.store.contacts.indices(WALL + 86_400_000, WALL + 2 * 86_400_000).served).toBe(0);
  });

  test('a failing write leaves neither the change nor its message', () => {
    desk.here(1).wait(3);
    const { store } = desk;
    const event = { id: 'p', kind: 'press', button: 'happy', at: at(5) } as const;
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
        scored: [],
        captured: true,
      }),
    ).toThrow(/UNIQUE/);
    expect(store.contacts.byId('e1')?.presses).toEqual([]);
    expect(store.outbox.depth()).toBe(1);
    desk.press(6, 'happy');
    expect(desk.told().map((r) => r.sequence)).toEqual([1, 2]);
  });
});

test('a contact found open at the next start is closed at the last sign of life', () => {
  desk.here(1).wait(3);
  desk.store.alive(at(33));
  const start = desk.restart({ mono: 10, wall: WALL + 900_000 }, 'boot-2');
  expect(start).toMatchObject({ lastAlive: at(33) });
  desk.put(start);
  expect(desk.store.contacts.byId('e1')).toMatchObject({
    endReason: 'power-loss',
    duration: 32_000,
    state: 'settled',
  });
  expect(desk.store.clipless('front')).toMatchObject([{ id: 'e1', startedAt: at(1), endedAt: at(33) }]);
  desk.store.addClip('front', failedClip('e1'), WALL);
  expect(desk.store.clipless('front')).toEqual([]);
  expect(desk.told().at(-1)).toMatchObject({ type: 'alert', data: { desk: 'front' } });
});

test('contacts of a desk that does not record are owed no clip', () => {
  desk.captured = false;
  desk.here(1).gone(20).wait(60);
  desk.store.beginSession('boot-1', at(100));
  expect(desk.store.contacts.byId('e1')?.state).toBe('settled');
  expect(desk.store.clipless('front')).toEqual([]);
  expect([...desk.store.owedClips()]).toEqual([]);
});

test('what was published is no longer pending, and is forgotten after its time', () => {
  desk.here(1).wait(3).press(5, 'happy');
  desk.store.outbox.published(desk.told().slice(0, 1));
  expect(desk.told().map((r) => r.sequence)).toEqual([2]);
  expect(desk.store.outbox.pending(2, 10)).toEqual([]);
  desk.store.forget({ events: WALL + 4_000, messages: WALL + 1, bins: 0, actions: 0 });
  const reader = openForReading(desk.folder);
  expect([...readEvents(reader, 0, Number.MAX_SAFE_INTEGER)].map((e) => e.event.id)).toEqual(['e2']);
  reader.close();
  desk.gone(9).wait(60);
  expect(desk.told().map((r) => r.sequence)).toEqual([2, 3]);
});

test('times of an untrusted clock are corrected once, for this boot only, and published again', () => {
  desk.here(1).press(5, 'happy').gone(20);
  desk.wait(60);
  const raw = desk.sql();
  raw.exec("UPDATE contacts SET clock = 'untrusted'; UPDATE presses SET clock = 'untrusted'");
  raw.close();
  const trueOffset = Date.UTC(2026, 5, 1) - 5_000;
  desk.store.correctClock('another boot', trueOffset);
  expect(desk.store.contacts.byId('e1')?.clock).toBe('untrusted');
  desk.store.correctClock('boot-1', trueOffset);
  expect(desk.store.contacts.byId('e1')).toMatchObject({
    clock: 'corrected',
    startedAt: '2026-06-01T00:00:01.000Z',
    endedAt: '2026-06-01T00:00:20.000Z',
    duration: 19_000,
    presses: [{ time: '2026-06-01T00:00:05.000Z', clock: 'corrected' }],
  });
  expect(desk.told().filter((r) => r.type === 'contact.closed')).toHaveLength(2);
  desk.store.correctClock('boot-1', trueOffset + 5);
  expect(desk.told().filter((r) => r.type === 'contact.closed')).toHaveLength(2);
});

test('raw events come back as they went in, and replay to the same contacts', () => {
  desk.here(1).press(9, 'happy').gone(20).here(40).veto(50).gone(60).wait(99);
  const reader = openForReading(desk.folder);
  const events = [...readEvents(reader, 0, Number.MAX_SAFE_INTEGER)];
  reader.close();
  let state = EMPTY_DESK;
  for (const [i, recorded] of events.entries()) {
    expect(parseEvent(formatEvent(recorded), i + 1)).toEqual(recorded);
    [state] = reduce(settings, state, recorded.event);
  }
  [state] = reduce(settings, state, { kind: 'wake', at: at(99) });
  expect(state).toEqual(desk.store.deskState('front'));
});

test('a line that is no event is refused with its number', () => {
  expect(() => parseEvent('{"desk":"front","id":"x","kind":"press"}', 7)).toThrow(/line 7/);
  expect(() => parseEvent('nonsense', 3)).toThrow('line 3 is not JSON');
});

test('a second service is kept out of the folder; a store of a newer release is left alone', () => {
  const lock = lockFolder(desk.folder);
  expect(() => lockFolder(desk.folder)).toThrow(expect.objectContaining({ code: 'CA_STORE_BUSY' }));
  lock.release();
  lockFolder(desk.folder).release();
  const db = desk.sql();
  db.pragma('user_version = 999');
  db.close();
  const open = () => new Store(desk.folder, 'clinic', String, () => WALL, { keep: 'all', sample: 0 });
  expect(open).toThrow(expect.objectContaining({ code: 'CA_STORE_NEWER' }));
});

test('a start that died does not make a contact longer, nor forget that its patient was still there', () => {
  desk.here(1).wait(3);
  desk.store.alive(at(33));
  desk.restart(at(40));
  const start = desk.restart(at(50));
  expect(start).toMatchObject({ lastAlive: at(33) });
  desk.put(start);
  expect(desk.store.contacts.byId('e1')).toMatchObject({ endReason: 'power-loss', duration: 32_000 });
  desk.restart(at(60));
  expect(desk.store.clipless('front')).toMatchObject([{ id: 'e1', there: true, thisBoot: true }]);
});

test.each([
  ['who had left', () => desk.gone(30)],
  ['of whom the sensor was lost', () => desk.put({ id: 'x', kind: 'sensor-lost', at: at(30) })],
])('nobody was there %s before the power was cut', (_, happens) => {
  desk.here(1).wait(3);
  happens();
  desk.put(desk.restart(at(60)));
  expect(desk.store.clipless('front')).toMatchObject([{ endReason: 'power-loss', there: false }]);
});
