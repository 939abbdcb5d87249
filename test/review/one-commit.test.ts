import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { RouteOptions } from 'fastify';
import { expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { inOneCommit } from '../../device/review/access/one-commit.ts';
import { openForReading, STORE_FILE } from '../../device/store/open.ts';
import { WALL } from '../stand-ins/stored-desk.ts';
import { contact, putContacts, readyClip } from './contacts.ts';
import { type PageRig, startPage } from './rig.ts';
import { Browser, invite, PASSWORD, setUp } from './sign-in-rig.ts';

/** What changes nothing, or nothing but the looks of the asker's own page. */
const UNLOGGED = [
  'POST /api/log/verify',
  'POST /api/settings/preview',
  'POST /api/code',
  'PATCH /api/account',
];

/** All rows of all tables. */
function tables(folder: string): Record<string, unknown[]> {
  const db = openForReading(folder);
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  const rows = Object.fromEntries(names.map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()]));
  db.close();
  return rows;
}

/** While `act` runs, the log of actions takes no entry. */
async function withoutLog<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const db = new Database(join(folder, STORE_FILE));
  db.exec("CREATE TRIGGER refused BEFORE INSERT ON actions BEGIN SELECT raise(ABORT, 'no entry'); END");
  try {
    return await act();
  } finally {
    db.exec('DROP TRIGGER refused');
    db.close();
  }
}

interface Step {
  /** As the documentation of the API has it. */
  readonly route: string;
  readonly by: Browser;
  readonly path?: string;
  readonly body?: unknown;
}

test('whatever is changed is logged: where the log takes no entry, nothing is changed', async () => {
  const shifts: string[] = [];
  const clock = new ManualClock({ mono: 1_000, wall: WALL });
  const rig = await startPage({ signIn: true, clock, shift: async (desk) => void shifts.push(desk) });
  try {
    putContacts(
      rig,
      ...['n-1', 'n-2'].map((id) =>
        contact(id, WALL - 3_600_000, { pressed: [[9, 1]], receptionist: 'r-1', clip: readyClip(id) }),
      ),
    );
    const root = await setUp(rig);
    const anna = await invite(rig, root, 'anna', 'receptionist');
    const covered: string[] = [];
    const step = async <T>({ route, by, path, body = {} }: Step): Promise<T> => {
      const [method = '', address = ''] = route.split(' ');
      const ask = () => by.ask(method, path ?? address, body);
      const state = () => [
        tables(rig.folder),
        readFileSync(join(rig.folder, 'config.yaml'), 'utf8'),
        [...shifts],
      ];
      const before = state();
      const refused = await withoutLog(rig.folder, ask);
      expect([route, refused.status]).toEqual([route, 503]);
      expect(state(), route).toEqual(before);
      const done = await ask();
      const text = await done.text();
      expect([route, done.ok, text]).toEqual([route, true, text]);
      expect(actionsIn(state()), route).toBeGreaterThan(actionsIn(before));
      covered.push(route);
      return (text === '' ? null : JSON.parse(text)) as T;
    };

    await reviewing(step, root, anna);
    await managing(step, rig, root);
    await accounts(step, rig, root);
    const openapi = (await (await root.ask('GET', '/api/openapi.json')).json()) as { paths: object };
    const changing = Object.entries(openapi.paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => !['get', 'head'].includes(method))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect([...new Set([...covered, ...UNLOGGED])].sort()).toEqual(changing.sort());
  } finally {
    await rig.stop();
  }
});

type Do = <T>(step: Step) => Promise<T>;
const actionsIn = ([rows]: unknown[]) => (rows as Record<string, unknown[]>).actions?.length ?? 0;

async function reviewing(step: Do, by: Browser, anna: Browser): Promise<void> {
  const at = (id: string) => `/api/contacts/${id}`;
  const review = { tag: 'neutral', causes: [], comment: 'x', revision: 0 };
  await step({ route: 'PUT /api/contacts/{id}/review', by, path: `${at('n-1')}/review`, body: review });
  const answer = { text: 'Sorry' };
  await step({ route: 'POST /api/own/{id}/answer', by: anna, path: '/api/own/n-1/answer', body: answer });
  await step({ route: 'DELETE /api/contacts/{id}/review/done', by, path: `${at('n-1')}/review/done` });
  const reason = { reason: 'complaint', text: '' };
  await step({ route: 'POST /api/contacts/{id}/open', by, path: `${at('n-1')}/open`, body: reason });

  const cause = { group: 'waiting', name: 'New', language: 'en' };
  const { causes } = await step<{ causes: { id: string }[] }>({ route: 'POST /api/causes', by, body: cause });
  const { id } = causes.at(-1) as { id: string };
  const retired = { retired: true };
  await step({ route: 'PATCH /api/causes/{id}', by, path: `/api/causes/${id}`, body: retired });
  const into = { into: causes[0]?.id === id ? causes[1]?.id : causes[0]?.id };
  await step({ route: 'POST /api/causes/{id}/merge', by, path: `/api/causes/${id}/merge`, body: into });

  const measure = { title: 'A sign', owner: 'Ann' };
  const made = await step<{ id: string }>({ route: 'POST /api/measures', by, body: measure });
  const done = { state: 'done' };
  await step({ route: 'PATCH /api/measures/{id}', by, path: `/api/measures/${made.id}`, body: done });
}

async function managing(step: Do, { folder }: PageRig, by: Browser): Promise<void> {
  const opened = await step<{ case: { id: string } }>({
    ...{ route: 'POST /api/cases', by, body: { title: 'A complaint', note: '', contactIds: ['n-1'] } },
  });
  const at = `/api/cases/${opened.case.id}`;
  await step({ route: 'PATCH /api/cases/{id}', by, path: at, body: { note: 'more' } });
  const more = { contactIds: ['n-2'] };
  await step({ route: 'POST /api/cases/{id}/contacts', by, path: `${at}/contacts`, body: more });
  const gone = `${at}/contacts/n-2`;
  await step({ route: 'DELETE /api/cases/{id}/contacts/{contactId}', by, path: gone });
  const hold = { contactIds: ['n-1', 'n-2'], reason: 'court', until: '2026-06-30' };
  await step({ route: 'POST /api/holds', by, body: hold });
  const end = '/api/contacts/n-2/holds/end';
  await step({ route: 'POST /api/contacts/{id}/holds/end', by, path: end, body: { note: 'over' } });
  const n2 = '/api/contacts/n-2';
  await step({ route: 'DELETE /api/contacts/{id}', by, path: n2, body: { confirm: 'n-2' } });

  const note = { day: '2026-01-05', text: 'Open day', excluded: false };
  const { id } = await step<{ id: string }>({ route: 'POST /api/annotations', by, body: note });
  const noted = `/api/annotations/${id}`;
  await step({ route: 'PATCH /api/annotations/{id}', by, path: noted, body: { text: 'Closed' } });
  await step({ route: 'DELETE /api/annotations/{id}', by, path: noted });

  const { revision } = (await (await by.ask('GET', '/api/settings')).json()) as { revision: string };
  const change = { change: { age: 30 * 86_400_000 }, revision };
  await step({ route: 'PUT /api/settings', by, body: change });
  expect(readFileSync(join(folder, 'config.yaml'), 'utf8')).toContain('age: 30d');
  const shift = { desk: 'front', receptionist: 'r-2' };
  await step({ route: 'POST /api/shifts', by, body: shift });
}

async function accounts(step: Do, rig: PageRig, by: Browser): Promise<void> {
  const asked = (name: string) => ({ name, role: 'reviewer', receptionist: null });
  const { account, code } = await step<{ account: { id: string }; code: string }>({
    ...{ route: 'POST /api/accounts', by, body: asked('boris') },
  });
  const boris = new Browser(rig);
  await step({ route: 'POST /api/redeem', by: boris, body: { code, password: PASSWORD } });
  await boris.me();
  const body = { name: 'boris', password: PASSWORD };
  const elsewhere = new Browser(rig);
  await step({ route: 'POST /api/sign-in', by: elsewhere, body });
  const own = (await (await boris.ask('GET', '/api/account')).json()) as {
    sessions: { id: string; current: boolean }[];
  };
  const other = own.sessions.find(({ current }) => !current)?.id;
  const session = `/api/account/sessions/${other}`;
  await step({ route: 'DELETE /api/account/sessions/{id}', by: boris, path: session });
  const token = { name: 'hub', permissions: ['today:read'], days: 30 };
  const make = { route: 'POST /api/account/tokens', by: boris, body: token };
  const [first] = [await step<{ token: { id: string } }>(make), await step(make)];
  const ended = `/api/account/tokens/${first?.token.id}`;
  await step({ route: 'DELETE /api/account/tokens/{id}', by: boris, path: ended });
  const at = `/api/accounts/${account.id}`;
  await step({ route: 'DELETE /api/accounts/{id}/tokens', by, path: `${at}/tokens` });
  const change = { old: PASSWORD, password: 'nine yellow kettles' };
  await step({ route: 'POST /api/account/password', by: boris, body: change });
  await boris.me();
  await step({ route: 'POST /api/sign-out', by: boris });
  await step({ route: 'POST /api/accounts/{id}/reset', by, path: `${at}/reset` });
  await step({ route: 'PATCH /api/accounts/{id}', by, path: at, body: { role: 'admin' } });
  const unused = await step<{ account: { id: string } }>({
    ...{ route: 'POST /api/accounts', by, body: asked('carl') },
  });
  await step({ route: 'DELETE /api/accounts/{id}', by, path: `/api/accounts/${unused.account.id}` });
  const admin = { code: rig.access.codeFor(null).code, name: 'second', password: PASSWORD };
  await step({ route: 'POST /api/set-up', by: new Browser(rig), body: admin });
}

test('a route that waits has to say what it commits', () => {
  const route = { method: 'POST', url: '/api/x', config: {}, handler: async () => ({}) } as RouteOptions;
  expect(() => inOneCommit(route, {} as never)).toThrow('/api/x');
  expect(() => inOneCommit({ ...route, method: 'GET' }, {} as never)).not.toThrow();
});
