import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PERMISSIONS, ROLES, type Role } from '../../device/review/access/permissions.ts';
import type { Who } from '../../device/review/access/who.ts';
import { type App, createApp } from '../../device/review/app.ts';
import { ChangeStream } from '../../device/review/changes.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

/**
 * Who may use which route of the API, in one literal table: A admin, V reviewer, R receptionist, O read-only,
 * T a program with a token of an admin that grants all that can be granted, - nobody that is known.
 */
const TABLE: Record<string, string> = {
  // Who looks, and who may.
  'GET /api/me': 'AVROT-',
  'POST /api/sign-in': 'AVROT-',
  'POST /api/code': 'AVROT-',
  'POST /api/set-up': 'AVROT-',
  'POST /api/redeem': 'AVROT-',
  'POST /api/sign-out': 'AVRO',
  'GET /api/account': 'AVRO',
  'PATCH /api/account': 'AVRO',
  'POST /api/account/password': 'AVRO',
  'DELETE /api/account/sessions/:id': 'AVRO',
  'POST /api/account/tokens': 'AVRO',
  'DELETE /api/account/tokens/:id': 'AVRO',
  'GET /api/accounts': 'A',
  'POST /api/accounts': 'A',
  'PATCH /api/accounts/:id': 'A',
  'POST /api/accounts/:id/reset': 'A',
  'DELETE /api/accounts/:id': 'A',
  'DELETE /api/accounts/:id/tokens': 'A',

  // Today.
  'GET /api/today': 'AVOT',
  'GET /api/health': 'AVOT',
  'GET /api/changes': 'AVROT',

  // The inbox and a contact.
  'GET /api/inbox': 'AVOT',
  'DELETE /api/contacts/:id': 'AT',
  'GET /api/contacts/:id': 'AVOT',
  'GET /api/contacts/:id/clip': 'AVT',
  'GET /api/contacts/:id/download': 'AVT',
  'GET /api/contacts/:id/holds': 'AVT',
  'POST /api/contacts/:id/holds/end': 'AVT',
  'POST /api/contacts/:id/open': 'AVT',
  'PUT /api/contacts/:id/review': 'AVT',
  'DELETE /api/contacts/:id/review/done': 'AVT',
  'GET /api/contacts/:id/waveform': 'AVT',

  // Causes and measures.
  'GET /api/causes': 'AVOT',
  'POST /api/causes': 'AVT',
  'PATCH /api/causes/:id': 'AVT',
  'POST /api/causes/:id/merge': 'AVT',
  'GET /api/measures': 'AVOT',
  'POST /api/measures': 'AVT',
  'PATCH /api/measures/:id': 'AVT',

  // A receptionist's own.
  'GET /api/own': 'R',
  'GET /api/own/:id': 'R',
  'POST /api/own/:id/answer': 'R',
  'GET /api/own/:id/clip': 'R',

  // Search and cases.
  'GET /api/search': 'AVOT',
  'GET /api/search/choices': 'AVOT',
  'GET /api/cases': 'AVT',
  'POST /api/cases': 'AVT',
  'GET /api/cases/:id': 'AVT',
  'PATCH /api/cases/:id': 'AVT',
  'POST /api/cases/:id/contacts': 'AVT',
  'DELETE /api/cases/:id/contacts/:contactId': 'AVT',
  'GET /api/cases/:id/export': 'AVT',
  'POST /api/holds': 'AVT',

  // Reports.
  'GET /api/reports': 'AVOT',
  'GET /api/reports/export': 'AVOT',
  'GET /api/reports/measures/:id': 'AVOT',
  'GET /api/annotations': 'AVOT',
  'POST /api/annotations': 'AVT',
  'DELETE /api/annotations/:id': 'AVT',
  'PATCH /api/annotations/:id': 'AVT',

  // Settings.
  'GET /api/settings': 'AVT',
  'PUT /api/settings': 'AT',
  'POST /api/settings/preview': 'AT',
  'POST /api/shifts': 'AT',

  // The log.
  'GET /api/log': 'AT',
  'GET /api/log/export': 'AT',
  'GET /api/log/names': 'AT',
  'POST /api/log/verify': 'AT',

  'GET /api/openapi.json': 'AVROT',
};

const COLUMNS: Record<string, Who | null> = {
  A: somebody('admin'),
  V: somebody('reviewer'),
  R: somebody('receptionist'),
  O: somebody('read-only'),
  T: somebody('admin', {
    by: 'token',
    permissions: new Set(ROLES.admin.filter((permission) => permission !== 'accounts:write')),
  }),
  '-': null,
};
/** What is answered to who may not. */
const REFUSALS = ['sign-in', 'not-allowed', 'person-only'];
const CHANGING = ['POST', 'PUT', 'PATCH', 'DELETE'];

let rig: PageRig;
let app: App;
let routes: string[];

beforeAll(async () => {
  rig = await startPage();
  app = await createApp(rig.served, new ChangeStream(rig.served.clock), {
    names: [],
    tls: null,
    strict: false,
  });
  await app.ready();
  routes = routesOf(app);
});
afterAll(async () => {
  await app.close();
  await rig.stop();
});

/** All routes, as `GET /api/me`; HEAD is told with its GET. */
function routesOf({ printRoutes }: App): string[] {
  const found: string[] = [];
  const above: string[] = [];
  for (const line of printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', rest = ''] = /^((?:[│ ] {3})*)[├└]── (.*)$/u.exec(line) ?? [];
    if (rest === '') continue;
    const [, part = '', methods = ''] = /^(.*?)(?: \(([A-Z, ]+)\))?$/.exec(rest) ?? [];
    const depth = indent.length / 4;
    above.length = depth;
    above[depth] = part;
    for (const method of methods.split(', ').filter(Boolean)) found.push(`${method} ${above.join('')}`);
  }
  return found.filter((route) => !route.startsWith('HEAD ') || !found.includes(route.replace('HEAD', 'GET')));
}

/** The answer of a route to whoever asks now: its status, and the error's code. Of what never ends, the head. */
async function ask(route: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  const [method = '', path = ''] = route.split(' ');
  const answer = await app.inject({
    ...{ method: method as 'GET', url: path.replaceAll(/:\w+/g, 'x'), payloadAsStream: true },
    headers: { host: '127.0.0.1', ...headers },
    ...(CHANGING.includes(method) ? { payload: {} } : {}),
  });
  const stream = answer.stream();
  const ended = (async () => {
    let text = '';
    for await (const bytes of stream) text += bytes;
    return text;
  })().catch(() => '');
  const refused = answer.statusCode >= 400;
  const text = refused ? await ended : await Promise.race([ended, sleep(50, '')]);
  stream.destroy();
  if (!refused || !text.startsWith('{')) return [answer.statusCode, ''];
  return [answer.statusCode, (JSON.parse(text) as { error: string }).error];
}

test('each route of the API stands in the table, and nothing else', () => {
  const ofApi = routes.filter((route) => route.includes(' /api/'));
  expect(ofApi.sort()).toEqual(Object.keys(TABLE).sort());
  expect(ofApi.length).toBeGreaterThan(15);
});

test('what is no part of the API is the page itself, read only', () => {
  const others = routes.filter((route) => !route.includes(' /api/'));
  const files = /^GET \/(index\.html|icon\.svg|assets\/[\w.-]+)?$/;
  expect(others.filter((route) => !files.test(route))).toEqual([]);
});

describe.each(Object.entries(COLUMNS))('%s', (column, who) => {
  test.each(Object.entries(TABLE))('%s is for %s', async (route, allowed) => {
    rig.who = who;
    const [status, error] = await ask(route);
    const refused = REFUSALS.includes(error);
    expect([route, column, refused]).toEqual([route, column, !allowed.includes(column)]);
    if (refused) expect(status).toBe(who === null ? 401 : 403);
    else expect(status).toBeLessThan(500);
    if (route.startsWith('GET ') && refused) {
      const [head] = await ask(route.replace('GET', 'HEAD'));
      expect([401, 403, 404]).toContain(head);
    }
  });
});

describe('whatever changes anything', () => {
  const changing = Object.keys(TABLE).filter((route) => CHANGING.includes(route.split(' ')[0] ?? ''));
  test.each(changing)('%s: not without the token of the session, nor for another site', async (route) => {
    rig.who = somebody('admin', { csrf: 'right' });
    expect(await ask(route, { 'x-csrf-token': 'wrong' })).toEqual([403, 'csrf']);
    expect(await ask(route)).toEqual([403, 'csrf']);
    const foreign = { origin: 'https://evil.example', 'x-csrf-token': 'right' };
    expect(await ask(route, foreign)).toEqual([403, 'foreign-origin']);
  });
});

test('each permission is somebody’s, and no role has one that there is not', () => {
  const granted = new Set(Object.keys(ROLES).flatMap((role) => [...ROLES[role as Role]] as string[]));
  expect([...granted].sort()).toEqual([...PERMISSIONS].sort());
});
