import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { CAUSE_GROUPS, type Causes } from '../../device/review/inbox/schema.ts';
import { WALL } from '../stand-ins/stored-desk.ts';
import { type PageRig, startPage } from './rig.ts';
import { stay } from './stays.ts';

let rig: PageRig;
beforeEach(async () => {
  rig = await startPage({ role: 'reviewer', clock: new ManualClock({ mono: 5_000, wall: WALL }) });
});
afterEach(() => rig.stop());

async function ask(method: string, path: string, body?: object): Promise<Causes> {
  const answer = await rig.ask(method, path, body);
  expect([answer.status, path]).toEqual([200, path]);
  return (await answer.json()) as Causes;
}
async function refused(method: string, path: string, body: object): Promise<unknown> {
  const answer = await rig.ask(method, path, body);
  const { error } = (await answer.json()) as { error: string };
  return [answer.status, error];
}
const find = ({ causes }: Causes, id: string) => causes.find((cause) => cause.id === id);
const review = (id: string, causes: string[], revision = 0) =>
  rig.ask('PUT', `/api/contacts/${id}/review`, { tag: null, causes, comment: '', revision });

test('a clinic begins with some twenty causes in six groups, named in four languages', async () => {
  const { version, causes } = await ask('GET', '/api/causes');
  expect(version).toBe(1);
  expect(causes.length).toBeGreaterThanOrEqual(20);
  expect([...new Set(causes.map(({ group }) => group))]).toEqual([...CAUSE_GROUPS]);
  for (const language of ['en', 'ru', 'pl', 'lt'] as const) {
    const names = causes.map((cause) => cause.names[language]);
    expect(names.filter((name) => !name)).toEqual([]);
    expect(new Set(names).size).toBe(causes.length);
  }
});

test('each change makes a version, which reviews remember', async () => {
  const added = await ask('POST', '/api/causes', { group: 'premises', name: 'Дверь', language: 'ru' });
  expect(added.version).toBe(2);
  const { id } = added.causes.at(-1) ?? { id: '' };
  const named = await ask('PATCH', `/api/causes/${id}`, { name: 'Durys', language: 'lt', group: 'waiting' });
  expect(named.version).toBe(3);
  expect(find(named, id)).toEqual({
    ...{ id, group: 'waiting', names: { ru: 'Дверь', lt: 'Durys' } },
    ...{ retired: false, mergedInto: null, uses: 0 },
  });
  const contact = stay(rig.store, 0, { press: 'unhappy' });
  await review(contact, [id]);
  expect(rig.store.outbox.pending(0, 99).at(-1)?.data).toMatchObject({ causes: [id], taxonomy: 3 });
  expect(find(await ask('GET', '/api/causes'), id)?.uses).toBe(1);
});

test('a retired cause is not offered any more, stays where it is, and still counts', async () => {
  const [before, after] = [0, 100].map((s) => stay(rig.store, s, { press: 'unhappy' }));
  await review(before ?? '', ['price']);
  expect(find(await ask('PATCH', '/api/causes/price', { retired: true }), 'price')?.retired).toBe(true);
  expect((await review(after ?? '', ['price'])).status).toBe(400);
  expect((await review(before ?? '', ['price', 'queue'], 1)).status).toBe(200);
  expect(rig.store.reviews.causeCounts(0, 2 * WALL).counts).toEqual([
    { cause: 'price', contacts: 1 },
    { cause: 'queue', contacts: 1 },
  ]);
  await ask('PATCH', '/api/causes/price', { retired: false });
  expect((await review(after ?? '', ['price'])).status).toBe(200);
});

test('merged, what was said before counts for the other, once a contact; and what was merged into it, too', async () => {
  const ids = [0, 100, 200].map((s) => stay(rig.store, s, { press: 'unhappy' }));
  await review(ids[0] ?? '', ['rude', 'inattentive']);
  await review(ids[1] ?? '', ['no-help']);
  await review(ids[2] ?? '', ['queue']);
  await ask('POST', '/api/causes/no-help/merge', { into: 'inattentive' });
  const merged = await ask('POST', '/api/causes/inattentive/merge', { into: 'rude' });
  expect(merged.version).toBe(3);
  for (const id of ['no-help', 'inattentive'])
    expect(find(merged, id)).toMatchObject({ mergedInto: 'rude', retired: true, uses: 0 });
  expect(find(merged, 'rude')?.uses).toBe(2);
  const { reviews } = rig.store;
  expect(reviews.causeCounts(0, 2 * WALL)).toEqual({
    reviewed: 3,
    counts: [
      { cause: 'rude', contacts: 2 },
      { cause: 'queue', contacts: 1 },
    ],
  });
  expect(ids.map((id) => reviews.of(id)?.causes)).toEqual([['rude'], ['rude'], ['queue']]);
  // Named by its old id, by a page that was loaded before.
  expect((await review(ids[2] ?? '', ['no-help'], 1)).status).toBe(200);
  expect(reviews.of(ids[2] ?? '')?.causes).toEqual(['rude']);
  // What nobody says anew is no change.
  expect((await review(ids[0] ?? '', ['rude'], 1)).status).toBe(200);
  expect(reviews.of(ids[0] ?? '')?.revision).toBe(1);
});

test('counts are those of a time, and of a desk', () => {
  const { reviews } = rig.store;
  const by = { accountId: 'a', account: 'a', wall: WALL };
  const said = { tag: null, comment: '' };
  const first = stay(rig.store, 0, {});
  const second = stay(rig.store, 100, {});
  const third = stay(rig.store, 200, { desk: 'back' });
  reviews.put(first, { ...said, causes: ['queue'] }, 0, by);
  reviews.put(second, { ...said, causes: ['queue', 'price'] }, 0, by);
  reviews.put(third, { ...said, causes: [] }, 0, by);
  const counted = (...asked: Parameters<typeof reviews.causeCounts>) => {
    const { reviewed, counts } = reviews.causeCounts(...asked);
    return [reviewed, ...counts.map(({ cause, contacts }) => `${cause} ${contacts}`)];
  };
  expect(counted(WALL, WALL + 200_001)).toEqual([3, 'queue 2', 'price 1']);
  expect(counted(WALL + 1, WALL + 200_000)).toEqual([1, 'price 1', 'queue 1']);
  expect(counted(0, 2 * WALL, { desk: 'back' })).toEqual([1]);
});

test('what cannot be is refused', async () => {
  const id = stay(rig.store, 0, { press: 'unhappy' });
  expect((await review(id, ['nothing'])).status).toBe(400);
  await ask('POST', '/api/causes/price/merge', { into: 'payment' });
  expect(await refused('POST', '/api/causes/price/merge', { into: 'queue' })).toEqual([409, 'merged']);
  expect(await refused('POST', '/api/causes/queue/merge', { into: 'price' })).toEqual([409, 'merged']);
  expect(await refused('POST', '/api/causes/queue/merge', { into: 'queue' })).toEqual([409, 'same-cause']);
  expect(await refused('POST', '/api/causes/queue/merge', { into: 'none' })).toEqual([404, 'unknown-cause']);
  expect(await refused('PATCH', '/api/causes/none', { retired: true })).toEqual([404, 'unknown-cause']);
  expect(await refused('PATCH', '/api/causes/price', { retired: false })).toEqual([409, 'merged']);
  for (const body of [
    {},
    { name: 'x' },
    { language: 'en' },
    { name: ' ', language: 'en' },
    { group: 'other' },
  ])
    expect(await refused('PATCH', '/api/causes/queue', body)).toEqual([400, 'bad-request']);
  expect((await ask('GET', '/api/causes')).version).toBe(2);
});
