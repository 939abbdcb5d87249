import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import type { InputEvent } from '../types.ts';
import { createApp } from './routes.ts';
import { TabletInput } from './tablet-input.ts';

const ID = '0b9d6f0e-7d6c-4b6e-9d0c-0123456789ab';
let clock: ManualClock;
let app: ReturnType<typeof createApp>;
let events: InputEvent[];
let logged: string[];

function tablet(desk: string, code: string): TabletInput {
  const buttons = [
    { name: 'bad</script>', rating: 1, tag: 'negative' },
    { name: 'good', rating: 5, tag: 'positive' },
  ] as const;
  const input = new TabletInput({ desk, code, buttons, clock, fault: () => null, address: () => '' });
  input.start((event) => {
    if (event.kind === 'press' && event.button !== 'good') throw new Error('broken listener');
    events.push(event);
  });
  return input;
}

beforeEach(() => {
  clock = new ManualClock();
  events = [];
  logged = [];
  const log = createLog('info', { write: (line) => void logged.push(line) });
  app = createApp([tablet('front', 'front-code'), tablet('back', 'back-code')], clock, log);
});

const get = (url: string, remoteAddress = '10.0.0.1') => app.inject({ url, remoteAddress });
/** A press as the page sends it. */
async function post(
  told: object = {},
  headers: Record<string, string> = {},
  url = '/front/front-code/presses',
) {
  const { session, stamp } = (await get('/front/front-code/state')).json();
  const payload = { id: ID, button: 'good', ago: 0, session, stamp, elapsed: 0, ...told };
  return app.inject({ method: 'POST', url, payload, headers, remoteAddress: '10.0.0.1' });
}

test('the page is one document with the faces inside, kept by nobody', async () => {
  const { statusCode, headers, body } = await get('/front/front-code');
  expect(statusCode).toBe(200);
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(body).not.toMatch(/tablet\.(css|js)/);
  const data = /<script type="application\/json" id="desk">(.*?)<\/script>/.exec(body)?.[1] ?? '';
  expect(JSON.parse(data).faces).toEqual([
    { name: 'good', mood: 4, rating: null },
    { name: 'bad</script>', mood: 2, rating: null },
  ]);
  expect((await get('/front/front-code/')).statusCode).toBe(200);
});

test('a wrong desk, a wrong code and the code of another desk are all nothing', async () => {
  const urls = [
    '/front/wrong-code',
    '/side/front-code',
    '/front/back-code',
    '/front',
    '/',
    '/front/front-code/x',
  ];
  for (const url of urls) expect((await get(url)).statusCode, url).toBe(404);
  expect((await get('/front/wrong-code/state')).statusCode).toBe(404);
  expect((await post({}, {}, '/front/wrong-code/presses')).statusCode).toBe(404);
  expect(events).toEqual([]);
});

test('who tries codes is refused for a minute, even with the right one; others are not', async () => {
  for (let i = 0; i < 10; i++) expect((await get(`/front/guess-${i}`)).statusCode).toBe(404);
  expect((await get('/front/front-code')).statusCode).toBe(429);
  expect((await get('/front/front-code', '10.0.0.2')).statusCode).toBe(200);
  clock.advance(60_000);
  expect((await get('/front/front-code')).statusCode).toBe(200);
});

test('a press counts, once', async () => {
  expect((await post()).json()).toEqual({ result: 'counted' });
  expect((await post()).json()).toEqual({ result: 'repeated' });
  expect(events).toHaveLength(1);
  const fast = await post({ id: ID.replace('0b', '1b') });
  expect(fast.statusCode).toBe(429);
});

test('a stamp of another session is to be asked for again', async () => {
  expect((await post({ session: 'before-the-restart' })).statusCode).toBe(409);
  expect(events).toEqual([]);
});

test.each([
  { id: 'no-uuid' },
  { id: undefined },
  { ago: -1 },
  { ago: 'soon' },
  { button: 'x'.repeat(17) },
  { button: 'veto' },
  { stamp: undefined },
])('%j is no press', async (told) => {
  expect((await post(told)).statusCode).toBe(400);
  expect(events).toEqual([]);
});

test('big bodies and forms are refused', async () => {
  expect((await post({ filler: 'x'.repeat(2_000) })).statusCode).toBe(413);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
    expect((await post({}, { 'content-type': type })).statusCode).toBe(415);
  expect(events).toEqual([]);
});

test.each(['http://elsewhere.example', 'null', 'http://localhost:81'])(
  'pages of %s may not press',
  async (origin) => {
    expect((await post({}, { origin })).statusCode).toBe(403);
    expect(events).toEqual([]);
  },
);

test('the page itself may', async () => {
  expect((await post({}, { origin: 'http://localhost:80', host: 'localhost:80' })).statusCode).toBe(200);
});

test('an error is logged without the code', async () => {
  expect((await post({ button: 'bad</script>' })).statusCode).toBe(500);
  expect(logged.join()).toContain('/:desk/:code/presses');
  expect(logged.join()).not.toContain('front-code');
});
