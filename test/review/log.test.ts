import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { LogCheck, LogNames, LogPage } from '../../device/review/log/schema.ts';
import { aboutOf, hashOf } from '../../device/store/log-chain.ts';
import type { Store } from '../../device/store/store.ts';
import { fillStore } from './filled-store.ts';
import { type PageRig, startPage } from './rig.ts';

/** Noon of a working day in the machine's time zone. */
const NOON = new Date(2026, 10, 20, 12).getTime();
const HOUR = 3_600_000;

let rig: PageRig;
afterEach(() => rig.stop());

function put(store: Store, count: number, wall = NOON): void {
  for (let n = 0; n < count; n++)
    store.logAction({
      ...{
        wall: wall - (count - 1 - n) * HOUR,
        actor: 'page',
        account: n % 2 ? 'anna' : 'boris',
        target: { desk: 'front' },
      },
      ...{ action: n % 3 ? 'clip.view' : 'contact.view', outcome: 'ok' },
    });
}

const start = async (fill: (store: Store, folder: string) => void) => {
  rig = await startPage({ clock: new ManualClock({ mono: 1_000, wall: NOON }), fill });
};
const list = async (query = '') => (await (await rig.ask('GET', `/api/log${query}`)).json()) as LogPage;
const verify = async () => (await (await rig.ask('POST', '/api/log/verify', {})).json()) as LogCheck;

test('newest first, a page at a time, each entry once', async () => {
  await start((store) => put(store, 23));
  const seen: number[] = [];
  let after = '';
  for (;;) {
    const { items, next } = await list(`?limit=5${after}`);
    seen.push(...items.map(({ place }) => place));
    if (next === null) break;
    after = `&after=${next}`;
  }
  expect(seen).toEqual(Array.from({ length: 23 }, (_, n) => 23 - n));
  const [newest] = (await list('?limit=1')).items;
  expect(newest).toEqual({
    ...{ place: 23, time: new Date(NOON).toISOString(), actor: 'page', account: 'boris' },
    ...{ action: 'clip.view', target: { desk: 'front' }, outcome: 'ok', erased: false },
  });
});

test('entries of one moment, and those of a clock that was wrong, are neither lost nor doubled', async () => {
  await start((store) => {
    for (const wall of [NOON, NOON, NOON, 0, NOON - 0.4, NOON, NOON + 0.4]) put(store, 1, wall);
  });
  const seen: number[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page: LogPage = await list(`?limit=2${after && `&after=${after}`}`);
    seen.push(...page.items.map(({ place }) => place));
    after = page.next;
  }
  expect(seen).toEqual([7, 6, 5, 3, 2, 1, 4]);
});

test('filters: days of the clinic, account, action, and all of them', async () => {
  await start((store) => put(store, 48));
  const places = async (query: string) => (await list(`?limit=200${query}`)).items.map(({ place }) => place);
  // From 12 o'clock back to 0: thirteen of this day.
  expect(await places('&from=2026-11-20')).toEqual(Array.from({ length: 13 }, (_, n) => 48 - n));
  expect(await places('&from=2026-11-19&to=2026-11-19')).toHaveLength(24);
  expect(await places('&to=2026-11-18')).toHaveLength(11);
  expect(await places('&from=2026-11-21')).toEqual([]);
  expect(await places('&account=anna')).toHaveLength(24);
  expect(await places('&action=contact.view')).toHaveLength(16);
  expect(await places('&account=anna&action=contact.view&from=2026-11-20')).toEqual([46, 40]);
  expect(await places("&account=anna'--")).toEqual([]);
  const names = (await (await rig.ask('GET', '/api/log/names')).json()) as LogNames;
  expect(names).toEqual({ accounts: ['anna', 'boris'], actions: ['clip.view', 'contact.view'] });
});

test.each([
  ['?limit=0'],
  ['?limit=201'],
  ['?after=-1'],
  ['?after=1_2_3'],
  ['?from=2026-02-30'],
  ['?from=yesterday'],
  ['?account='],
  [`?account=${'x'.repeat(65)}`],
  ['?order=place'],
])('what is no query is refused: %s', async (query) => {
  await start(() => {});
  expect((await rig.ask('GET', `/api/log${query}`)).status).toBe(400);
});

test('the check says that all is well, or which entry is not', async () => {
  await start((store) => put(store, 40));
  expect(await verify()).toMatchObject({ entries: 40, fault: null, head: { place: 40 } });
  const file = new Database(`${rig.folder}/contacts.sqlite`);
  file.exec("UPDATE actions SET account = 'carl' WHERE place = 7");
  expect(await verify()).toMatchObject({ entries: 40, fault: { place: 7, what: 'changed' } });
  // What is no JSON any more is shown as it stands there.
  file.exec("DROP INDEX actions_by_contact; UPDATE actions SET target = '<b>' WHERE place = 8");
  file.close();
  expect((await list(`?limit=40`)).items.find(({ place }) => place === 8)?.target).toEqual({
    unreadable: '<b>',
  });
});

test('an erased contact leaves no id in the log, and the log whole', async () => {
  let id = '';
  await start((store, folder) => {
    [id = ''] = fillStore(folder, { contacts: 2, until: NOON });
    put(store, 2);
    store.logAction({
      ...{ wall: NOON, actor: 'page', account: 'anna', action: 'contact.view', outcome: 'ok' },
      target: { contactId: id },
    });
  });
  expect((await list()).items[0]).toMatchObject({ target: { contactId: id }, erased: false });
  rig.store.erase(id, 'page', NOON);
  const { items } = await list();
  expect(items.slice(0, 2)).toMatchObject([
    { action: 'log.erased', target: { places: '3' } },
    { action: 'contact.view', account: 'anna', target: {}, erased: true },
  ]);
  expect(JSON.stringify(items)).not.toContain(id);
  expect(await verify()).toMatchObject({ fault: null, entries: 4 });
});

describe('the export', () => {
  test('has all that a hash is made of, and is itself in the log', async () => {
    await start((store) => put(store, 1_100));
    const answer = await rig.ask('GET', '/api/log/export?account=anna');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="log-2026-11-20.csv"');
    const bytes = Buffer.from(await answer.arrayBuffer()).toString();
    expect(bytes.startsWith('\ufeffplace,time,')).toBe(true);
    const [, ...lines] = bytes.trim().split('\r\n');
    expect(lines).toHaveLength(550);
    const [place, time, actor, account, action, ...rest] = (lines[0] ?? '').split(
      /,(?=(?:[^"]*"[^"]*")*[^"]*$)/,
    );
    const [target = '', outcome, salt = '', about = '', previous, hash] = rest;
    expect(aboutOf(salt, target.slice(1, -1).replaceAll('""', '"'))).toBe(about);
    const entry = {
      place: Number(place),
      wall: Date.parse(time ?? ''),
      actor,
      account,
      action,
      outcome,
      about,
      previous,
    };
    expect(hashOf(entry as Parameters<typeof hashOf>[0])).toBe(hash);
    expect((await list('?limit=1')).items[0]).toMatchObject({
      ...{ action: 'log.export', account: 'admin', target: { account: 'anna' } },
    });
  });

  test('a text that looks like a formula stays a text', async () => {
    await start((store) =>
      store.logAction({
        ...{
          wall: NOON,
          actor: 'page',
          account: '=cmd()',
          action: 'sign-in-refused',
          target: {},
          outcome: 'ok',
        },
      }),
    );
    expect(await (await rig.ask('GET', '/api/log/export')).text()).toContain(",'=cmd(),");
  });
});

test.each([
  ['reviewer', 403],
  ['receptionist', 403],
  ['read-only', 403],
  ['admin', 200],
] as const)('%s: %i', async (role, status) => {
  rig = await startPage({ role });
  for (const [method, path] of [
    ['GET', '/api/log'],
    ['GET', '/api/log/names'],
    ['GET', '/api/log/export'],
    ['POST', '/api/log/verify'],
  ] as const)
    expect((await rig.ask(method, path, method === 'POST' ? {} : undefined)).status, path).toBe(status);
  rig.who = null;
  expect((await rig.ask('GET', '/api/log')).status).toBe(401);
});
