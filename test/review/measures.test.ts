import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { Measure, Measures } from '../../device/review/inbox/schema.ts';
import { WALL } from '../stand-ins/stored-desk.ts';
import { type PageRig, startPage } from './rig.ts';
import { stay } from './stays.ts';

let rig: PageRig;
beforeEach(async () => {
  rig = await startPage({ role: 'reviewer', clock: new ManualClock({ mono: 5_000, wall: WALL }) });
});
afterEach(() => rig.stop());

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await rig.ask(method, path, body);
  expect([answer.status, path]).toEqual([200, path]);
  return (await answer.json()) as T;
}
const status = async (method: string, path: string, body: object) =>
  (await rig.ask(method, path, body)).status;

test('a measure is made, changed and done; the newest comes first', async () => {
  const contactId = stay(rig.store, 0, { press: 'unhappy' });
  await rig.store.reviews.causes.merge('price', 'payment', { account: 'a', wall: WALL });
  const first = await ask<Measure>('POST', '/api/measures', { title: ' A sign at the door ', owner: 'Ann' });
  expect(first).toEqual({
    ...{ id: first.id, title: 'A sign at the door', owner: 'Ann', due: null, effective: null, causes: [] },
    ...{
      desk: null,
      contactId: null,
      createdAt: '2026-01-05T08:00:00.000Z',
      createdBy: 'reviewer',
      state: 'open',
    },
  });
  const about = { due: '2026-02-01', causes: ['price', 'payment'], desk: 'front', contactId };
  const second = await ask<Measure>('POST', '/api/measures', { title: 'Cards', owner: 'Bob', ...about });
  expect(second).toMatchObject({ ...about, causes: ['payment'] });
  const list = async (query = '') =>
    (await ask<Measures>('GET', `/api/measures${query}`)).measures.map(({ title }) => title);
  expect(await list()).toEqual(['Cards', 'A sign at the door']);
  const done = { state: 'done', effective: '2026-01-20', due: null } as const;
  expect(await ask<Measure>('PATCH', `/api/measures/${second.id}`, done)).toEqual({ ...second, ...done });
  const moved = { title: 'Cards only', owner: 'Eve', desk: 'back', due: '2026-03-01' };
  expect(await ask<Measure>('PATCH', `/api/measures/${second.id}`, moved)).toMatchObject(moved);
  expect(await ask<Measure>('PATCH', `/api/measures/${second.id}`, { desk: null, title: 'Cards' })).toEqual({
    ...{ ...second, ...done, owner: 'Eve', due: '2026-03-01', desk: null },
  });
  expect(await list('?open=true')).toEqual(['A sign at the door']);
  expect(await list('?open=false')).toEqual(['Cards', 'A sign at the door']);
  const review = { tag: null, causes: [], comment: '', revision: 0 };
  const { measureIds } = await ask<{ measureIds: string[] }>(
    'PUT',
    `/api/contacts/${contactId}/review`,
    review,
  );
  expect(measureIds).toEqual([second.id]);
});

test('what cannot be is refused', async () => {
  const whole = { title: 'x', owner: 'y' };
  for (const body of [{ title: 'x' }, { ...whole, due: '2026-02-30' }, { ...whole, title: ' ' }])
    expect(await status('POST', '/api/measures', body)).toBe(400);
  expect(await status('POST', '/api/measures', { ...whole, causes: ['none'] })).toBe(400);
  expect(await status('POST', '/api/measures', { ...whole, contactId: 'none' })).toBe(404);
  expect(await status('PATCH', '/api/measures/none', { state: 'done' })).toBe(404);
  const { id } = await ask<Measure>('POST', '/api/measures', whole);
  for (const body of [{}, { state: 'gone' }, { effective: 'soon' }, { causes: [] }, { desk: '' }])
    expect(await status('PATCH', `/api/measures/${id}`, body)).toBe(400);
  // A year of which somebody has typed the first digit so far.
  for (const body of [{ effective: '0002-10-10' }, { due: '0002-10-10' }])
    expect(await status('PATCH', `/api/measures/${id}`, body)).toBe(400);
});
