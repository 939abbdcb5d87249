import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoredDesk, WALL } from '../../test/stand-ins/stored-desk.ts';
import { type NewAction, readActions } from './actions.ts';
import { openForReading } from './open.ts';

let desk: StoredDesk;
beforeEach(() => {
  desk = new StoredDesk();
});
afterEach(() => desk.end());

const action = (wall: number, about: Partial<NewAction> = {}): NewAction => ({
  ...{ wall, actor: 'mqtt', action: 'pause', target: { desk: 'front', ms: 60_000 }, outcome: 'ok' },
  ...about,
});

function read(from: number, to: number) {
  const db = openForReading(desk.folder);
  const found = [...readActions(db, from, to)];
  db.close();
  return found;
}

test('actions are read in their order, between two times, beside the service', () => {
  desk.store.logAction(action(WALL, { actor: 'console', outcome: 'CA_COMMAND_INVALID', target: {} }));
  desk.store.logAction(action(WALL + 2));
  desk.store.logAction(action(WALL + 1, { action: 'veto' }));
  expect(read(WALL, WALL + 2)).toEqual([
    {
      ...{ time: '2026-01-05T08:00:00.000Z', actor: 'console', action: 'pause', target: {} },
      outcome: 'CA_COMMAND_INVALID',
    },
    expect.objectContaining({ action: 'veto', target: { desk: 'front', ms: 60_000 } }),
  ]);
  expect(read(0, Number.MAX_SAFE_INTEGER)).toHaveLength(3);
});

test('an erased contact is named by no action, and others stay as they are', () => {
  desk.here(1).gone(20).wait(60).here(61).gone(80).wait(120);
  for (const contactId of ['e1', 'e3'])
    desk.store.logAction(action(WALL, { action: 'fetch', target: { contactId } }));
  desk.store.erase('e1', 'mqtt', WALL);
  expect(read(0, 2 * WALL).map(({ target }) => target)).toEqual([{}, { contactId: 'e3' }, { places: '1' }]);
});

test('what was asked for long ago is forgotten', () => {
  for (const wall of [WALL, WALL + 1, WALL + 2]) desk.store.logAction(action(wall));
  desk.store.forget({ events: 0, messages: 0, bins: 0, actions: WALL + 1 });
  expect(read(0, 2 * WALL).map(({ time }) => time)).toEqual([
    '2026-01-05T08:00:00.001Z',
    '2026-01-05T08:00:00.002Z',
  ]);
});
