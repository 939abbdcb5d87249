import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { SearchAnswer, SearchChoices } from '../../device/review/search/schema.ts';
import { openForReading } from '../../device/store/open.ts';
import { contact, putContacts } from './contacts.ts';
import { putClip } from './real-clip.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

/** By the machine's calendar: Tuesday 3 March 2026. */
const at = (hour: number, minute = 0, day = 3) => new Date(2026, 2, day, hour, minute).getTime();

let rig: PageRig;
beforeEach(async () => {
  rig = await startPage({ role: 'reviewer', clock: new ManualClock({ mono: 0, wall: at(12, 0, 9) }) });
  putContacts(
    rig,
    contact('a', at(9), { pressed: [[30, 1]], receptionist: 'r-1', duration: 30_000 }),
    contact('b', at(10, 40), { desk: 'back', receptionist: 'r-2', duration: 600_000 }),
    contact('c', at(10, 41), { pressed: [[30, 5]], receptionist: 'r-1' }),
    contact('d', at(9, 0, 4), { pressed: [[30, 3]], desk: 'back' }),
    contact('e', at(23, 59, 4), { pressed: [[30, 1]] }),
  );
  await putClip(rig, 'f', Buffer.from('x'), { receptionist: 'r-3' });
});
afterEach(() => rig.stop());

const search = async (query: string) => {
  const answer = await rig.ask('GET', `/api/search?${query}`);
  return { status: answer.status, body: (await answer.json()) as SearchAnswer };
};
const found = async (query: string) => (await search(query)).body.items.map(({ id }) => id).join('');
const review = (id: string, comment: string, causes: string[] = []) =>
  rig.ask('PUT', `/api/contacts/${id}/review`, { tag: null, causes, comment, revision: 0 });

const FILTERS = [
  ['', 'edcbaf'],
  ['from=2026-03-04', 'ed'],
  ['to=2026-03-03', 'cbaf'],
  ['from=2026-03-04&to=2026-03-04', 'ed'],
  ['from=2026-03-03T10:40&to=2026-03-03T10:40', 'b'],
  ['from=2026-03-03T10:20&to=2026-03-03T11:00&desk=front', 'c'],
  ['desk=back', 'db'],
  ['desk=none', ''],
  ['receptionist=r-1', 'ca'],
  ['tag=negative', 'ea'],
  ['tag=unrated', 'bf'],
  ['pressed=yes', 'edca'],
  ['pressed=no', 'bf'],
  ['min=300', 'b'],
  ['max=30', 'a'],
  ['min=60&max=70', 'edcf'],
  ['tag=negative&receptionist=r-1&pressed=yes&max=30', 'a'],
  ['reviewed=no', 'edcbaf'],
  ['reviewed=yes', ''],
  ['text=anything', ''],
] as const;
test('each filter, and some together', async () => {
  for (const [query, expected] of FILTERS) expect([query, await found(query)]).toEqual([query, expected]);
});

test('words in comments, as they were typed, in any of our alphabets, without accents', async () => {
  await review('a', 'Waited for half an hour, phone rang');
  await review('e', 'Ждали врача; kolejka była długa, eilė');
  for (const [text, expected] of [
    ['waited', 'a'],
    ['WAIT', 'a'],
    ['phone waited', 'a'],
    ['phone doctor', ''],
    ['врача', 'e'],
    ['ЖДАЛ', 'e'],
    ['kolejka byla', ''],
    ['eile', 'e'],
    ['długa', 'e'],
    ['half or nothing', ''],
  ] as const)
    expect([text, await found(`text=${encodeURIComponent(text)}`)]).toEqual([text, expected]);
  expect(await found('reviewed=yes')).toBe('ea');
  expect(await found('reviewed=no&tag=negative')).toBe('');
  expect((await search('text=phone')).body.items[0]).toMatchObject({
    comment: /half an hour/,
    reviewed: true,
  });
});

const SYNTAX = [
  '"',
  '*',
  'a"b',
  'NEAR(',
  'comment:waited',
  '-waited',
  'waited OR',
  '(',
  '^',
  "'; DROP TABLE reviews",
  '%',
  '\u0000',
  '"" AND',
  '{a b}: c',
];
test('nothing that is typed is taken for the language of the index', async () => {
  await review('a', 'waited');
  for (const text of SYNTAX) {
    const { status, body } = await search(`text=${encodeURIComponent(text)}`);
    expect([text, status]).toEqual([text, 200]);
    expect(body.items.length, text).toBeLessThanOrEqual(1);
  }
});

test('what was changed and what was erased is not found, nor left in the index', async () => {
  await review('a', 'zebra');
  await rig.ask('PUT', '/api/contacts/a/review', { tag: null, causes: [], comment: 'giraffe', revision: 1 });
  expect([await found('text=zebra'), await found('text=giraffe')]).toEqual(['', 'a']);
  rig.store.erase('a', 'page', at(13));
  expect(await found('text=giraffe')).toBe('');
  const db = openForReading(rig.folder);
  const index = db.prepare('SELECT block FROM comments_data').pluck().all() as Buffer[];
  db.close();
  expect(Buffer.concat(index).includes('gir')).toBe(false);
});

test('by cause, also by the one that it has become part of', async () => {
  const causes = rig.store.reviews.causes.all();
  const [one, two, three] = causes.map(({ id }) => id);
  await review('a', 'x', [one ?? '']);
  await review('e', 'y', [two ?? '']);
  expect([await found(`cause=${one}`), await found(`cause=${two}`), await found(`cause=${three}`)]).toEqual([
    'a',
    'e',
    '',
  ]);
  expect(await found(`cause=${one}&text=x`)).toBe('a');
  expect(await found(`cause=${one}&text=y`)).toBe('');
  await rig.ask('POST', `/api/causes/${one}/merge`, { into: two });
  expect([await found(`cause=${one}`), await found(`cause=${two}`)]).toEqual(['', 'ea']);
});

test('page after page, each contact once, also where many came in the same moment', async () => {
  putContacts(rig, ...Array.from({ length: 23 }, (_, n) => contact(`same-${n}`, at(14, 0, 5))));
  const seen: string[] = [];
  let after = '';
  for (let pages = 0; pages < 20; pages++) {
    const { body } = await search(`limit=4${after}`);
    seen.push(...body.items.map(({ id }) => id));
    if (body.next === null) break;
    after = `&after=${encodeURIComponent(body.next)}`;
  }
  expect(seen).toHaveLength(29);
  expect(new Set(seen).size).toBe(29);
  expect(seen.slice(-6).join('')).toBe('edcbaf');
});

test('what is asked wrongly is said, and never a fault of the service', async () => {
  for (const query of [
    'from=yesterday',
    'from=2026-02-30',
    'to=2026-03-03T25:00',
    'limit=1000',
    'after=x',
    'after=x~y',
    'min=-1',
    'min=x',
    'tag=bad',
    'sql=1',
    `text=${'x'.repeat(201)}`,
    'desk=',
    'pressed=1',
  ])
    expect([query, (await search(query)).status]).toEqual([query, 400]);
});

test('what there is to search for', async () => {
  rig.desks = [];
  const choices = (await (await rig.ask('GET', '/api/search/choices')).json()) as SearchChoices;
  expect(choices.receptionists).toEqual(['r-1', 'r-2', 'r-3']);
});

test.each([
  ['who reads only', somebody('read-only')],
  // What was lent counts, not who lent it.
  ['an administrator’s token for contacts', somebody('admin', { permissions: new Set(['contacts:read']) })],
])('%s is not told whose contacts they were', async (_name, who) => {
  rig.who = who;
  expect((await rig.ask('GET', '/api/search?receptionist=r-1')).status).toBe(403);
  const { body } = await search('tag=negative');
  expect(body.items.map(({ id, receptionist }) => [id, receptionist])).toEqual([
    ['e', null],
    ['a', null],
  ]);
  for (const path of ['/api/search/choices', '/api/contacts/a', '/api/search'])
    expect(await (await rig.ask('GET', path)).text()).not.toMatch(/"r-\d"/);
  rig.who = somebody('reviewer');
  expect((await search('receptionist=r-1')).body.items.map(({ receptionist }) => receptionist)).toEqual([
    'r-1',
    'r-1',
  ]);
});
