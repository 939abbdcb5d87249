import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { TodayNow } from '../../device/review/today/today.ts';
import { contact, noClip, presence, putContacts, readyClip, score } from './contacts.ts';
import { fillStore } from './filled-store.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

const MINUTE = 60_000;
const NOON = new Date(2026, 10, 20, 12).getTime();

let rig: PageRig;
beforeEach(async () => {
  rig = await startPage({ clock: new ManualClock({ mono: 1_000, wall: NOON }) });
  rig.desks = [presence('front', NOON - 9 * MINUTE), presence('back', NOON - MINUTE, 'x')];
  putContacts(
    rig,
    contact('yesterday', NOON - 24 * 60 * MINUTE),
    contact('first', NOON - 90 * MINUTE, {
      ...{
        pressed: [
          [20, 1, 'repeat'],
          [60, 5],
        ],
        clip: readyClip('first'),
        receptionist: 'r-1',
      },
      scores: [score('first', 0.5, 0.4, 0.1)],
      hint: { kind: 'suspected-negative', priority: 1, reasons: ['face'] },
    }),
    contact('second', NOON - 60 * MINUTE, {
      ...{ desk: 'back', pressed: [[60, 1]], clip: noClip('second', 'deleted', 'space') },
    }),
    contact('third', NOON - 30 * MINUTE, {
      ...{ state: 'open', endedAt: null, duration: null, endReason: null, served: false },
    }),
  );
});
afterEach(() => rig.stop());

const today = async () => (await (await rig.ask('GET', '/api/today')).json()) as TodayNow;

test('the contacts of the local day, newest first, and the indices of the day and of each desk', async () => {
  const { contacts, indices, ...now } = await today();
  expect(now).toMatchObject({ device: 'reception-1', now: new Date(NOON).toISOString(), more: false });
  expect(contacts.map(({ id }) => id)).toEqual(['third', 'second', 'first']);
  expect(indices.day).toMatchObject({ served: 2, top: 1, negative: 1 });
  expect(indices.day.from).toBe(new Date(2026, 10, 20).toISOString());
  expect(indices.desks.back).toMatchObject({ served: 1, top: 0, negative: 1 });
  expect(now.desks[1]).toMatchObject({ desk: 'back', present: true });
});

test('of a contact what a list shows: no score, no hint, no file, nobody who works there', async () => {
  const { contacts } = await today();
  expect(contacts[2]).toEqual({
    ...{
      id: 'first',
      desk: 'front',
      state: 'settled',
      startedAt: new Date(NOON - 90 * MINUTE).toISOString(),
    },
    ...{ duration: 65_000, endReason: 'departed', served: true, tag: 'positive', tagSource: 'press' },
    ...{ veto: false, clock: 'trusted', blind: false },
    presses: [
      { rating: 1, tag: 'negative', flags: ['repeat'] },
      { rating: 5, tag: 'positive', flags: [] },
    ],
    clip: { state: 'ready', reason: null, mediaType: 'video/mp4' },
  });
  expect(contacts[1]?.clip).toEqual({ state: 'deleted', reason: 'space', mediaType: null });
  expect(contacts[0]).toMatchObject({ state: 'open', duration: null, presses: [], clip: null });
});

test('a pause, and who is on shift', async () => {
  const [front] = rig.desks;
  const paused = new Date(NOON + 10 * MINUTE).toISOString();
  if (front) rig.desks = [{ ...front, paused, receptionist: 'r-2' }];
  expect((await today()).desks).toMatchObject([{ desk: 'front', paused, receptionist: 'r-2' }]);
  rig.who = somebody('read-only');
  expect((await today()).desks).toMatchObject([{ desk: 'front', paused, receptionist: null }]);
});

test('the health of each part', async () => {
  rig.health = { store: { status: 'ok' }, 'desk front': { status: 'degraded', reason: 'No sensor.' } };
  expect(await (await rig.ask('GET', '/api/health')).json()).toEqual(rig.health);
});

test('a receptionist sees nothing of the day, nor does nobody', async () => {
  for (const [who, status] of [
    [somebody('receptionist'), 403],
    [null, 401],
  ] as const) {
    rig.who = who;
    for (const path of ['/api/today', '/api/health'])
      expect((await rig.ask('GET', path)).status, path).toBe(status);
  }
});

test('a busy day costs milliseconds, at eight desks', { timeout: 60_000 }, async () => {
  const clock = new ManualClock({ mono: 1_000, wall: NOON });
  const desks = Array.from({ length: 8 }, (_, n) => `desk-${n}`);
  let ids: string[] = [];
  const busy = await startPage({
    clock,
    fill(_, folder) {
      ids = fillStore(folder, { contacts: 12_000, until: NOON, perDay: 1_500, desks });
    },
  });
  const last = busy.store.contacts.byId(ids.at(-1) ?? '');
  clock.step(Date.parse(last?.startedAt ?? '') - NOON);
  busy.desks = desks.map((desk) => presence(desk, NOON));
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const begun = performance.now();
    const answer = await busy.ask('GET', '/api/today');
    expect(((await answer.json()) as TodayNow).more).toBe(true);
    times.push(performance.now() - begun);
  }
  await busy.stop();
  const p95 = times.sort((a, b) => a - b)[18] ?? 0;
  console.log(`today: p95 ${p95.toFixed(1)} ms of ${times.length}`);
  expect(p95).toBeLessThan(100);
});
