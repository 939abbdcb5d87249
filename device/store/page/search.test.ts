import { afterEach, beforeEach, expect, test } from 'vitest';
import { stay } from '../../../test/review/stays.ts';
import { spyOnSql } from '../../../test/stand-ins/sql-spy.ts';
import { at, StoredDesk, WALL } from '../../../test/stand-ins/stored-desk.ts';
import { matchOf, type SearchFilter } from './search.ts';

test.each([
  ['waited', '"waited"*'],
  ['Waited WAITED waited', '"waited"*'],
  ['doctor wait waiting', '"doctor"* AND "waiting"*'],
  ['no doctor', '"no" AND "doctor"*'],
  ['a '.repeat(100), '"a"'],
  ['Ждали, врача!', '"ждали"* AND "врача"*'],
  ['"NEAR( -', '"near"*'],
  ['* ^ -', ''],
  ['one two three four five six seven', '"one"* AND "two"* AND "three"* AND "four"* AND "five"* AND "six"*'],
])('%s: %s', (typed, query) => {
  expect(matchOf(typed)).toBe(query);
});

let desk: StoredDesk;
beforeEach(() => {
  desk = new StoredDesk();
});
afterEach(() => desk.end());

const ANY: SearchFilter = {
  ...{ from: null, to: null, desk: null, receptionist: null, tag: null, cause: null, text: null },
  ...{ minDuration: null, maxDuration: null, pressed: null, reviewed: null },
};

test('however filters are put together, few statements are compiled, and they find the same', () => {
  const id = stay(desk.store, 0, { press: 'unhappy', receptionist: 'r-1' });
  stay(desk.store, 100, { press: 'happy', desk: 'back' });
  const said = { tag: null, causes: ['queue'], comment: 'waited' };
  desk.store.reviews.put(id, said, 0, { accountId: 'a-1', account: 'ann', wall: WALL });
  const right: SearchFilter = {
    ...{ from: WALL, to: WALL + 1, desk: 'front', receptionist: 'r-1', tag: 'negative', cause: 'queue' },
    ...{ text: 'waited', minDuration: 20_000, maxDuration: 20_000, pressed: true, reviewed: true },
  };
  const wrong: SearchFilter = {
    ...{ from: WALL + 1, to: WALL, desk: 'back', receptionist: 'r-2', tag: 'neutral', cause: 'rude' },
    ...{ text: 'phone', minDuration: 20_001, maxDuration: 19_999, pressed: false, reviewed: false },
  };
  const names = Object.keys(ANY) as (keyof SearchFilter)[];
  const spy = spyOnSql();
  for (let n = 0; n < 2 ** names.length; n++) {
    const asked = names.filter((_, bit) => n & (2 ** bit));
    const filter = { ...ANY, ...Object.fromEntries(asked.map((name) => [name, right[name]])) };
    const found = desk.store.search.find(filter, null, 9).map((one) => one.id);
    expect([asked, found.includes(id)]).toEqual([asked, true]);
    const one = asked[n % asked.length];
    if (one === undefined) continue;
    const but = desk.store.search.find({ ...filter, [one]: wrong[one] }, null, 9).map((other) => other.id);
    expect([asked, one, but.includes(id)]).toEqual([asked, one, false]);
  }
  spy.end();
  expect(spy.statements.size).toBeLessThan(15);
});

test('a page goes on where the last one ended, but never beyond the end that is asked for', () => {
  const [first, second, third] = [0, 100, 200].map((from) => stay(desk.store, from));
  const found = (to: number | null, after: { wall: number; id: string } | null) =>
    desk.store.search.find({ ...ANY, to }, after, 9).map(({ id }) => id);
  expect(found(null, null)).toEqual([third, second, first]);
  expect(found(at(200).wall, null)).toEqual([second, first]);
  const last = { wall: at(100).wall, id: second ?? '' };
  expect(found(at(200).wall, last)).toEqual([first]);
  expect(found(at(100).wall, last)).toEqual([first]);
  expect(found(at(50).wall, { wall: at(200).wall, id: third ?? '' })).toEqual([first]);
});
