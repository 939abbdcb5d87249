import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { ContactPage, Measures } from '../../device/review/inbox/schema.ts';
import type { LogPage } from '../../device/review/log/schema.ts';
import type { SearchAnswer } from '../../device/review/search/schema.ts';
import type { TodayNow } from '../../device/review/today/today.ts';
import { failedClip, readyClip, WALL } from '../stand-ins/stored-desk.ts';
import { type PageRig, somebody, startPage } from './rig.ts';
import { chosenId, stay } from './stays.ts';

const anna = somebody('admin', { accountId: 'a-anna', name: 'anna' });
const boris = somebody('admin', { accountId: 'a-boris', name: 'boris' });

let rig: PageRig;
beforeEach(async () => {
  rig = await startPage({ clock: new ManualClock({ mono: 5_000, wall: WALL + 60_000 }) });
});
afterEach(() => rig.stop());

const get = async <T>(path: string) => (await (await rig.ask('GET', path)).json()) as T;
const page = (id: string) => get<ContactPage>(`/api/contacts/${id}`);
const review = (id: string, tag: string | null, revision = 0) =>
  rig.ask('PUT', `/api/contacts/${id}/review`, { tag, causes: ['price'], comment: '', revision });

test('what somebody else has said of a contact is told neither by their measure nor by the log', async () => {
  const id = stay(rig.store, 0, { id: chosenId(true), press: 'happy' });
  rig.who = anna;
  expect((await review(id, 'negative')).status).toBe(200);
  const measure = { title: 'A sign', owner: 'Ann', causes: ['price'], contactId: id };
  const made = (await (await rig.ask('POST', '/api/measures', measure)).json()) as { id: string };
  const seen = async () => ({
    measures: (await get<Measures>('/api/measures')).measures.map(({ contactId, causes }) => [
      contactId,
      causes,
    ]),
    tag: (await get<LogPage>('/api/log?action=contact.tag')).items.map(({ target }) => target),
  });
  const opened = async () => (await get<LogPage>('/api/log?action=clip.open')).items[0]?.target;
  const reason = { reason: 'complaint', text: 'the bill' };
  expect((await rig.ask('POST', `/api/contacts/${id}/open`, reason)).status).toBe(200);
  expect(await opened()).toEqual({ contactId: id, reason: 'complaint' });
  expect((await page(id)).openings).toMatchObject([{ text: 'the bill' }]);
  const whole = { measures: [[id, ['price']]], tag: [{ contactId: id, tag: 'negative' }] };
  expect(await seen()).toEqual(whole);
  rig.who = boris;
  expect(await opened()).toEqual({ contactId: id });
  expect((await page(id)).openings).toEqual([]);
  expect(await seen()).toEqual({ measures: [[null, []]], tag: [{ contactId: id }] });
  const changed = await rig.ask('PATCH', `/api/measures/${made.id}`, { owner: 'Eve' });
  expect(await changed.json()).toMatchObject({ owner: 'Eve', contactId: null, causes: [] });
  // By the salt, the few tags there are could be tried.
  const csv = await (await rig.ask('GET', '/api/log/export?action=contact.tag')).text();
  const [, line = ''] = csv.trim().split('\r\n');
  expect(line).toContain(id);
  expect(line).not.toMatch(/tag""|negative|,[0-9a-f]{32},/);
  expect((await review(id, 'positive', 1)).status).toBe(200);
  expect((await seen()).measures).toEqual(whole.measures);
  expect((await seen()).tag).toContainEqual({ contactId: id, tag: 'negative' });
  // Whose role gives no opinions has none to be swayed.
  rig.who = somebody('read-only');
  expect((await get<Measures>('/api/measures')).measures).toMatchObject([{ contactId: id }]);
});

test('whom chance has chosen is not shown before its clip is there either', async () => {
  const id = stay(rig.store, 0, { id: chosenId(true), press: 'happy', clip: false });
  rig.who = boris;
  const shown = async () => {
    const { blind, contact } = await page(id);
    const { items } = await get<SearchAnswer>('/api/search?tag=positive');
    const today = (await get<TodayNow>('/api/today')).contacts.find((one) => one.id === id);
    return {
      blind,
      tag: contact.tag,
      presses: contact.presses.length,
      found: items.length,
      today: today?.tag,
    };
  };
  const nothing = { blind: true, tag: 'unrated', presses: 0, found: 0, today: null };
  const all = { blind: false, tag: 'positive', presses: 1, found: 1, today: 'positive' };
  expect(await shown()).toEqual(nothing);
  // Who was shown nothing cannot agree with it.
  expect([(await review(id, null)).status, (await review(id, 'neutral')).status]).toEqual([400, 200]);
  expect(await shown()).toEqual({ ...all, tag: 'neutral', found: 0, today: 'neutral' });
  rig.who = anna;
  expect((await page(id)).blind).toBe(true);
  rig.store.addClip('front', readyClip(id), WALL);
  expect([(await page(id)).blind, (await page(id)).class]).toEqual([true, 'sample']);
});

test('nor while the patient is still there', async () => {
  const id = stay(rig.store, 0, { id: chosenId(true), press: 'happy', clip: false, open: true });
  rig.who = boris;
  expect((await page(id)).contact).toMatchObject({ presses: [], tag: 'unrated' });
});

test.each([
  ['no clip comes any more', { press: 'happy' as const, clip: false }],
  ['somebody was dissatisfied', { press: 'unhappy' as const, clip: false }],
  ['models suspect it', { priority: 0.5, clip: false }],
])('it is shown where %s', async (what, about) => {
  const id = stay(rig.store, 0, { id: chosenId(true), ...about });
  if (what.startsWith('no clip')) rig.store.addClip('front', failedClip(id), WALL);
  rig.who = boris;
  expect((await page(id)).blind).toBe(false);
});

test('nor is one hidden that chance has not chosen, or whose clip is not kept', async () => {
  rig.who = boris;
  expect((await page(stay(rig.store, 0, { press: 'happy', clip: false }))).blind).toBe(false);
  await rig.stop();
  rig = await startPage({ clock: new ManualClock(), keep: { keep: 'negative', sample: 0.1 } });
  rig.who = boris;
  const id = stay(rig.store, 0, { id: chosenId(true), press: 'happy', clip: false });
  expect((await page(id)).blind).toBe(false);
  const unrated = stay(rig.store, 60, { id: chosenId(true), clip: false });
  expect((await page(unrated)).blind).toBe(true);
});
