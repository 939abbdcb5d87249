import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillStore } from './filled-store.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

/** One route of the API, as its own documentation has it. */
interface Route {
  method: string;
  path: string;
  params: Named[];
  query: Named[];
  body: Schema | null;
}
interface Named {
  name: string;
  schema: Schema;
}
interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  items?: Schema;
}
interface Operation {
  parameters?: { in: string; name: string; schema?: Schema }[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
}

/** Requests to each route. */
const RUNS = 60;

let rig: PageRig;
let ids: string[] = [];
let routes: Route[];

beforeAll(async () => {
  const until = Date.now();
  rig = await startPage({
    // Whoever tries codes and passwords is stopped by address: each request comes from another one.
    sso: { header: 'x-remote-user', proxies: ['127.0.0.1'] },
    fill(_, folder) {
      ids = fillStore(folder, { contacts: 300, until });
    },
  });
  const paths: Record<string, Record<string, Operation>> = (
    (await (await rig.ask('GET', '/api/openapi.json')).json()) as {
      paths: Record<string, Record<string, Operation>>;
    }
  ).paths;
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      ...{ method: method.toUpperCase(), path },
      params: named(parameters, 'path'),
      query: named(parameters, 'query'),
      body: requestBody?.content?.['application/json']?.schema ?? null,
    })),
  );
});
afterAll(() => rig.stop());

const named = (parameters: NonNullable<Operation['parameters']>, place: string): Named[] =>
  parameters.filter((p) => p.in === place).map(({ name, schema = {} }) => ({ name, schema }));

const WORDS = [
  ...[
    '',
    ' ',
    'null',
    '0',
    '-1',
    '1e309',
    'NaN',
    'true',
    '../../../etc/passwd',
    '%2e%2e%2f',
    '\0',
    '\uD800',
    'ё',
    '😀',
  ],
  ...[
    '<img src=x onerror=alert(1)>',
    "' OR 1=1 --",
    '"*"',
    'NEAR(a b)',
    '2026-02-30',
    '9999-12-31',
    '0000-00-00',
  ],
  ...['2026-11-22T25:61:00Z', 'constructor', '__proto__', 'x'.repeat(5_000), '=cmd|a', '[]', '{}'],
];
const word = () => fc.oneof(fc.constantFrom(...WORDS), fc.string(), fc.constantFrom(...ids.slice(0, 5)));
const anything = () =>
  fc.oneof(word(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.jsonValue());

/** Something that is nearly what the schema asks for, and now and then is. */
function nearly(schema: Schema): fc.Arbitrary<unknown> {
  const right = ((): fc.Arbitrary<unknown> => {
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map(nearly));
    const type = [schema.type ?? 'string'].flat()[0];
    if (type === 'object')
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([key, value]) => [key, nearly(value)]),
        ),
        { requiredKeys: [] },
      );
    if (type === 'array') return fc.array(nearly(schema.items ?? {}), { maxLength: 3 });
    if (type === 'number' || type === 'integer') return fc.oneof(fc.integer(), fc.double());
    if (type === 'boolean') return fc.boolean();
    return word();
  })();
  return fc.oneof({ arbitrary: right, weight: 9 }, { arbitrary: anything(), weight: 1 });
}

const values = (parts: Named[]) =>
  fc.record(Object.fromEntries(parts.map(({ name, schema }) => [name, nearly(schema)])), {
    requiredKeys: [],
  });

let asked = 0;
/** Asks as somebody whom the route is for, from an address of their own. `shut`: it was not looked at what was asked. */
async function ask(
  route: Route,
  address: string,
  body: string | null,
  more = {},
): Promise<{ status: number; shut: boolean }> {
  rig.who = somebody(route.path.startsWith('/api/own') ? 'receptionist' : 'admin');
  const from = `10.0.${asked >> 8}.${asked++ & 255}`;
  const json = body === null ? {} : { 'content-type': 'application/json' };
  const headers = { ...json, 'x-forwarded-for': from, ...more };
  const answer = await fetch(new URL(address, rig.url), { method: route.method, body, headers });
  const { status } = answer;
  if (status !== 403) await answer.body?.cancel();
  // HEAD says no reason, and asks nothing that GET does not ask.
  const refused =
    status === 403 && route.method !== 'HEAD' && !(await answer.text()).includes('reason-needed');
  return { status, shut: refused || status === 429 };
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** What an address can carry. */
const encoded = (value: unknown) => encodeURIComponent(asText(value).toWellFormed());

test('there are routes to be tried', () => {
  expect(routes.length).toBeGreaterThan(30);
});

test('no input makes any route answer with a fault of the server', { timeout: 240_000 }, async () => {
  const faults: string[] = [];
  for (const route of routes) {
    // It never ends by itself.
    if (route.path === '/api/changes') continue;
    let turnedAway = 0;
    const request = fc.record({
      params: values(route.params),
      query: values(route.query),
      body: route.body ? nearly(route.body) : fc.constant(undefined),
      range: fc.option(
        fc.constantFrom('bytes=0-', 'bytes=-1', 'bytes=9-1', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=x'),
      ),
    });
    for (const { params, query, body, range } of fc.sample(request, RUNS)) {
      const path = route.path.replaceAll(
        /\{(\w+)\}/g,
        (_, name: string) => encoded(params[name] ?? ids[0]) || '-',
      );
      const search = Object.entries(query)
        .map(([name, value]) => `${encodeURIComponent(name)}=${encoded(value)}`)
        .join('&');
      const address = `${path}${search === '' ? '' : `?${search}`}`;
      const none = route.method === 'GET' || route.method === 'HEAD' || body === undefined;
      const sent = none ? null : JSON.stringify(body);
      const { status, shut } = await ask(route, address, sent, range === null ? {} : { range });
      turnedAway += Number(shut);
      // 503: asked for too often at once, which is no fault.
      if (status >= 500 && status !== 503)
        faults.push(`${route.method} ${address.slice(0, 300)} ${sent?.slice(0, 300)}: ${status}`);
    }
    // Who guesses a password is turned away after some.
    if (turnedAway > RUNS * 0.8) faults.push(`${route.method} ${route.path}: ${turnedAway} were turned away`);
  }
  const told = rig.logged.filter((line) => line.includes('the page could not answer'));
  expect([...faults, ...told.slice(0, 3)]).toEqual([]);
});

test.each([
  ['an unfinished JSON', '{"a":'],
  ['no JSON at all', 'a=b'],
  ['a number', '1'],
  ['a deep one', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['one that would poison prototypes', '{"__proto__":{"admin":true}}'],
])('a body that is %s is refused', async (_, body) => {
  for (const route of routes.filter(({ body }) => body !== null)) {
    const address = route.path.replaceAll(/\{\w+\}/g, ids[0] ?? '');
    const { method } = route;
    const { status } = await ask(route, address, body);
    expect([method, address, status]).toEqual([method, address, 400]);
  }
});
