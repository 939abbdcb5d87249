import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  ContactsStandIn,
  clipsIn,
  contact,
  noClip,
  presence,
  readyClip,
} from '../../test/review/stand-in.ts';
import { ManualClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { ChangeStream } from './changes.ts';
import { createApp } from './routes.ts';

const MINUTE = 60_000;
const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));
let folder: string;
let app: ReturnType<typeof createApp>;
let logged: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-routes-'));
  await writeFile(join(folder, 'clip.mp4'), bytes);
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(() => {
  const noon = new Date(2026, 10, 20, 12).getTime();
  const clock = new ManualClock({ mono: 1_000, wall: noon });
  const contacts = new ContactsStandIn();
  contacts.put(
    contact('yesterday', noon - 24 * 60 * MINUTE),
    contact('first', noon - 90 * MINUTE, { pressed: [[60, 5]], clip: readyClip('first', {}) }),
    contact('second', noon - 60 * MINUTE, {
      desk: 'back',
      pressed: [[60, 1]],
      clip: noClip('second', 'deleted', null),
    }),
    contact('third', noon - 30 * MINUTE, { clip: readyClip('third', { file: 'gone.mp4' }) }),
  );
  logged = [];
  const log = createLog('info', { write: (line) => void logged.push(line) });
  const desks = () => [presence('front', noon - 9 * MINUTE), presence('back', noon - MINUTE, 'x')];
  const health = () => ({ store: { status: 'ok' as const } });
  app = createApp(
    { device: 'reception-1', contacts, clips: clipsIn(folder), desks, health, clock, log },
    new ChangeStream(clock),
  );
});

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

test('today: the contacts of the local day, newest first, and the indices of the day and of each desk', async () => {
  const today = (await get('/api/today')).json();
  expect(today.device).toBe('reception-1');
  expect(today.now).toBe(new Date(2026, 10, 20, 12).toISOString());
  expect(today.contacts.map((c: { id: string }) => c.id)).toEqual(['third', 'second', 'first']);
  expect(today.indices.day).toMatchObject({
    served: 3,
    top: 1,
    negative: 1,
    from: new Date(2026, 10, 20).toISOString(),
  });
  expect(today.indices.desks.back).toMatchObject({ served: 1, top: 0, negative: 1 });
  expect(today.desks[1]).toMatchObject({ desk: 'back', present: true });
});

test('one contact, and the health of the service', async () => {
  expect((await get('/api/contacts/first')).json()).toMatchObject({ id: 'first', tag: 'positive' });
  expect((await get('/api/health')).json()).toEqual({ store: { status: 'ok' } });
});

test.each([
  ['whole', undefined, 200, 0, 999],
  ['the first bytes', 'bytes=0-99', 206, 0, 99],
  ['the last bytes', 'bytes=-10', 206, 990, 999],
  ['an open end', 'bytes=500-', 206, 500, 999],
  ['an end beyond the end', 'bytes=990-9999', 206, 990, 999],
  ['several ranges', 'bytes=0-1,5-6', 200, 0, 999],
  ['garbage', 'bytes=a-b', 200, 0, 999],
])('clip: %s', async (_name, range, status, start, end) => {
  const answer = await get('/api/contacts/first/clip', range === undefined ? {} : { range });
  expect(answer.statusCode).toBe(status);
  expect(answer.rawPayload.equals(bytes.subarray(start, end + 1))).toBe(true);
  expect(answer.headers).toMatchObject({
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'content-length': String(end - start + 1),
  });
  expect(answer.headers['content-range']).toBe(status === 206 ? `bytes ${start}-${end}/1000` : undefined);
});

test('clip: a range beyond the end is refused with the size', async () => {
  const answer = await get('/api/contacts/first/clip', { range: 'bytes=1000-' });
  expect(answer.statusCode).toBe(416);
  expect(answer.headers['content-range']).toBe('bytes */1000');
});

test('clip: HEAD tells the size and sends nothing', async () => {
  const answer = await app.inject({
    method: 'HEAD',
    url: '/api/contacts/first/clip',
    headers: { range: 'bytes=0-9' },
  });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers).toMatchObject({ 'content-length': '1000', 'accept-ranges': 'bytes' });
  expect(answer.rawPayload).toHaveLength(0);
});

test('each view of a clip is in the log, once', async () => {
  await get('/api/contacts/first/clip', { range: 'bytes=0-' });
  await get('/api/contacts/first/clip', { range: 'bytes=500-' });
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    { contact: 'first', msg: 'clip opened in the page' },
  ]);
});

test.each([
  ['an unknown contact', '/api/contacts/nobody', 404],
  ['the clip of an unknown contact', '/api/contacts/nobody/clip', 404],
  ['a deleted clip', '/api/contacts/second/clip', 404],
  ['a clip whose file is gone', '/api/contacts/third/clip', 404],
  ['an id that cannot be one', '/api/contacts/a%00b', 400],
  ['a way up the tree', '/api/contacts/..%2f..%2fetc%2fpasswd/clip', 400],
  ['a way out of the page’s folder', '/..%2froutes.ts', 404],
  ['a broken escape', '/%zz', 400],
  ['an unknown address', '/api/nothing', 404],
])('%s is answered in JSON with the right status', async (_name, url, status) => {
  const answer = await get(url);
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toHaveProperty('message');
});

test('a missing file is an error in the log', async () => {
  await get('/api/contacts/third/clip');
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([{ level: 'error', contact: 'third' }]);
});

test.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080'])(
  'host %s may',
  async (host) => {
    expect((await get('/api/today', { host })).statusCode).toBe(200);
  },
);

test.each(['evil.example', 'localhost.evil.example:8080', '127.0.0.1.evil.example', '192.168.1.5', '[::2]'])(
  'host "%s" may not (DNS rebinding)',
  async (host) => {
    for (const url of ['/', '/api/today', '/api/contacts/first/clip', '/nowhere']) {
      expect((await get(url, { host })).statusCode).toBe(403);
    }
  },
);

test('nothing but GET and HEAD', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
    const answer = await app.inject({ method, url: '/api/today', payload: '{' });
    expect([method, answer.statusCode, answer.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
  }
});

test('the page and its parts, with a strict policy on every answer', async () => {
  const types = {
    '/': 'text/html',
    '/page.js': 'javascript',
    '/page.css': 'text/css',
    '/icon.svg': 'image/svg+xml',
  };
  for (const [url, type] of Object.entries(types)) {
    const answer = await get(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain(type);
  }
  for (const url of ['/', '/api/today', '/nowhere', '/api/contacts/first/clip']) {
    const { headers } = await get(url);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  }
});

test('what breaks inside is a 500 without its insides, and an error in the log', async () => {
  app.get('/broken', () => {
    throw new Error('secret detail');
  });
  const answer = await get('/broken');
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('secret detail');
  expect(logged.join()).toContain('secret detail');
});
