import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { Own, OwnContact } from '../../device/review/inbox/schema.ts';
import { WALL } from '../stand-ins/stored-desk.ts';
import { type PageRig, somebody, startPage } from './rig.ts';
import { stay } from './stays.ts';

const DAY = 86_400_000;
let clock: ManualClock;
let rig: PageRig;
beforeEach(async () => {
  clock = new ManualClock({ mono: 5_000, wall: WALL });
  rig = await startPage({ role: 'receptionist', clock });
});
afterEach(() => rig.stop());

async function get<T>(path: string): Promise<T> {
  const answer = await rig.ask('GET', path);
  expect([answer.status, path]).toEqual([200, path]);
  return (await answer.json()) as T;
}
const status = async (path: string) => (await rig.ask('GET', path)).status;
const answer = (id: string, text: string) => rig.ask('POST', `/api/own/${id}/answer`, { text });
const review = (id: string) =>
  rig.store.reviews.put(id, { tag: 'negative', causes: ['queue'], comment: 'Look at this.' }, 0, {
    ...{ accountId: 'a-boss', account: 'the-boss', wall: WALL + 60_000 },
  });

test('a receptionist sees their own contacts, newest first, page by page, and nobody else anything', async () => {
  const mine = [0, 100, 200].map((s) => stay(rig.store, s, { receptionist: 'r-1', press: 'happy' }));
  const others = stay(rig.store, 300, { receptionist: 'r-2', press: 'unhappy' });
  stay(rig.store, 400, { desk: 'back', press: 'unhappy' });
  const first = await get<Own>('/api/own?limit=2');
  const rest = await get<Own>(`/api/own?limit=2&after=${first.next}`);
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(mine.reverse());
  expect(rest.next).toBe(null);
  expect(first.items[0]).toEqual({
    ...{ id: mine[0], desk: 'front', startedAt: '2026-01-05T08:03:20.000Z', duration: 20_000 },
    ...{ tag: 'positive', tagSource: 'press', reviewed: false, answered: false, clip: false },
  });
  for (const path of [`/api/own/${others}`, `/api/own/${others}/clip`, '/api/own/none'])
    expect([await status(path), path]).toEqual([404, path]);
  expect((await answer(others, 'not mine')).status).toBe(404);
  for (const path of ['/api/inbox', `/api/contacts/${mine[0]}`, '/api/causes', '/api/measures'])
    expect([await status(path), path]).toEqual([403, path]);
  rig.who = somebody('receptionist', { receptionist: null });
  expect(await status('/api/own')).toBe(403);
});

test('what models said, and who reviewed, is in no answer', async () => {
  const id = stay(rig.store, 0, { receptionist: 'r-1', press: 'unhappy', priority: 0.7 });
  review(id);
  const shown = await get<OwnContact>(`/api/own/${id}`);
  expect(shown).toEqual({
    ...{ id, desk: 'front', startedAt: '2026-01-05T08:00:00.000Z', duration: 20_000, tag: 'negative' },
    ...{ tagSource: 'reviewer', reviewed: true, answered: false, clip: true, preRoll: 5_250 },
    presses: [{ at: 10_000, rating: 1, tag: 'negative' }],
    review: {
      causes: [{ id: 'queue', names: expect.objectContaining({ lt: 'Eilė prie registratūros' }) }],
      ...{ comment: 'Look at this.', at: '2026-01-05T08:01:00.000Z' },
    },
    answer: null,
  });
  const all = JSON.stringify([shown, await get('/api/own')]);
  expect(all).not.toMatch(/score|hint|priority|face|0\.7|the-boss|a-boss/i);
});

test('a clip is shown of what was negative or reviewed', async () => {
  const [plain = '', negative = ''] = (['happy', 'unhappy'] as const).map((press, n) =>
    stay(rig.store, n * 100, { receptionist: 'r-1', press }),
  );
  const clips = async () => (await get<Own>('/api/own')).items.map(({ clip }) => clip);
  expect(await clips()).toEqual([true, false]);
  const seen = async (id: string) =>
    ((await (await rig.ask('GET', `/api/own/${id}/clip`)).json()) as { error: string }).error;
  // There is no file in this vault: it was looked for.
  expect([await seen(plain), await seen(negative)]).toEqual(['no-clip', 'CA_CLIP_NOT_FOUND']);
  review(plain);
  expect(await seen(plain)).toBe('CA_CLIP_NOT_FOUND');
});

test('a review is answered once; the answer may be changed for seven days, and the reviewer sees it', async () => {
  const id = stay(rig.store, 0, { receptionist: 'r-1', press: 'unhappy' });
  expect((await answer(id, 'too early')).status).toBe(409);
  review(id);
  const { answer: said } = (await (await answer(id, ' The system was down. ')).json()) as OwnContact;
  expect(said).toEqual({
    ...{ text: 'The system was down.', at: '2026-01-05T08:00:00.000Z', until: '2026-01-12T08:00:00.000Z' },
  });
  clock.step(7 * DAY - 1);
  expect((await answer(id, 'The system was down, and I said so.')).status).toBe(200);
  clock.step(1);
  expect((await answer(id, 'Too late.')).status).toBe(409);
  for (const text of ['', ' ', 'x'.repeat(2_001)]) expect((await answer(id, text)).status).toBe(400);
  expect((await get<Own>('/api/own')).items).toMatchObject([{ id, answered: true }]);
  rig.who = somebody('reviewer');
  const page = await get<{ review: object }>(`/api/contacts/${id}`);
  expect(page.review).toMatchObject({
    answer: { text: 'The system was down, and I said so.', by: 'r-1', at: '2026-01-12T07:59:59.999Z' },
  });
  const inbox = await get<{ items: object[] }>('/api/inbox?by=me');
  expect(inbox.items).toMatchObject([{ id, answered: true }]);
  // What is said anew does not take the answer away.
  const again = { tag: 'neutral', causes: [], comment: 'So it was.', revision: 1 };
  expect((await rig.ask('PUT', `/api/contacts/${id}/review`, again)).status).toBe(200);
  expect(rig.store.reviews.of(id)).toMatchObject({ comment: 'So it was.', answer: { by: 'r-1' } });
});
