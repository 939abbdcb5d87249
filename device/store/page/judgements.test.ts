import { afterEach, beforeEach, expect, test } from 'vitest';
import { chosenId, type StayAbout, stay } from '../../../test/review/stays.ts';
import { failedClip, readyClip, StoredDesk, WALL } from '../../../test/stand-ins/stored-desk.ts';

let desk: StoredDesk;
beforeEach(() => {
  desk = new StoredDesk();
});
afterEach(() => desk.end());

const chosen = (from = 0, about: StayAbout = {}) =>
  stay(desk.store, from, { id: chosenId(true), press: 'happy', ...about });
const judged = (only: string | null = null) =>
  desk.store.reports.reviews
    .judged({ from: 0, to: 2 * WALL, desk: only })
    .map(({ class: of, press, reviewer, n }) => [of, press, reviewer, n].join(' '));
function say(id: string, tag: 'positive' | 'negative' | 'neutral' | null, account = 'ann'): void {
  const revision = desk.store.reviews.of(id)?.revision ?? 0;
  const said = { tag, causes: [], comment: '' };
  const by = { accountId: `a-${account}`, account, wall: WALL };
  expect(desk.store.reviews.put(id, said, revision, by)).not.toBe(null);
}

test('of the sample counts who was shown nothing: not once the clip has gone, but before it is there', () => {
  const [early, late, failed] = [chosen(0, { clip: false }), chosen(100), chosen(200, { clip: false })];
  desk.store.addClip('front', failedClip(failed), WALL);
  desk.store.clipDeleted(late, 'age', WALL);
  for (const id of [late, failed]) {
    expect(desk.store.reviews.hidesFrom(id, 'a-ann')).toBe(false);
    say(id, 'neutral');
  }
  expect(judged()).toEqual([]);
  // It may still come: then she would be asked as one who knows.
  expect(desk.store.reviews.hidesFrom(early, 'a-ann')).toBe(true);
  say(early, 'neutral');
  desk.store.addClip('front', readyClip(early), WALL);
  say(early, 'negative', 'bob');
  expect(judged()).toEqual(['sample positive neutral 1']);
});

test('the first blind tag counts, whatever becomes of the contact', () => {
  const id = chosen();
  say(id, 'neutral');
  say(id, 'positive');
  say(id, 'negative', 'bob');
  desk.store.reviews.undo(id, 'a-ann');
  say(id, 'negative');
  desk.store.clipDeleted(id, 'space', WALL);
  expect(judged()).toEqual(['sample positive neutral 1']);
  desk.store.erase(id, 'page', WALL);
  expect(judged()).toEqual([]);
});

test('of negative contacts and hints the first tag of a reviewer; of what nobody asks about, none', () => {
  const [negative, hint] = [
    stay(desk.store, 0, { press: 'unhappy' }),
    stay(desk.store, 100, { priority: 0.5 }),
  ];
  const rest = stay(desk.store, 200, { press: 'happy' });
  say(negative, null);
  say(rest, 'negative');
  expect(judged()).toEqual([]);
  say(negative, 'neutral', 'bob');
  say(hint, 'negative');
  expect(judged('front')).toEqual(['hint  negative 1', 'negative negative neutral 1']);
  expect(judged('back')).toEqual([]);
});

test('times that were put right move it', () => {
  desk.clock = 'untrusted';
  const id = 'c-1';
  const reviewed = () =>
    desk.store.reports.reviews.judged({ from: 9 * WALL, to: 12 * WALL, desk: null }).length;
  desk.put({ id, kind: 'presence', present: true, at: { mono: 5_000, wall: WALL } });
  desk.press(15, 'unhappy').gone(20).wait(60);
  say(id, 'neutral');
  expect(reviewed()).toBe(0);
  desk.store.correctClock('boot-1', 10 * WALL);
  expect(reviewed()).toBe(1);
});
