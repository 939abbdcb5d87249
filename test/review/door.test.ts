import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PageRig, startPage } from './rig.ts';

let rig: PageRig;
beforeAll(async () => {
  rig = await startPage({ door: { names: ['reception.clinic.example'] } });
});
afterAll(() => rig.stop());

const port = () => Number(new URL(rig.url).port);

/** What comes back for bytes as they are. */
async function raw(...lines: string[]): Promise<string> {
  const socket = connect(port(), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  return text;
}

async function statusAs(host: string): Promise<number> {
  const asked = request({ host: '127.0.0.1', port: port(), path: '/api/me', headers: { host } }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return answer.statusCode;
}

test('the page answers by its names and by the address alone', async () => {
  const hosts = [
    'localhost',
    '127.0.0.1',
    `127.0.0.1:${port()}`,
    'reception.clinic.example',
    'RECEPTION.clinic.example:8443',
  ];
  for (const host of hosts) expect(await statusAs(host), host).toBe(200);
  for (const host of ['evil.example', '192.0.2.7', 'reception.clinic.example.evil.example', 'localhost.'])
    expect(await statusAs(host), host).toBe(403);
  expect(await raw('GET /api/me HTTP/1.0', 'connection: close')).toMatch(/^HTTP\/1\.1 403/);
  expect(await raw('GET /api/me HTTP/1.1', 'connection: close')).toMatch(/^HTTP\/1\.1 400/);
});

test.each([
  ['/', 200],
  ['/icon.svg', 200],
  ['/no-such-file.js', 404],
  ['/api/me', 200],
  ['/api/no-such-route', 404],
  ['/api/log?limit=0', 400],
  ['/%', 400],
  [`/api/contacts/${'x'.repeat(500)}`, null],
])('security headers are on %s', async (path, status) => {
  const answer = await rig.ask('GET', path);
  if (status !== null) expect(answer.status).toBe(status);
  expect(answer.status).toBeLessThan(500);
  const header = (name: string) => answer.headers.get(name);
  const csp = header('content-security-policy') ?? '';
  for (const rule of [
    "default-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
  ])
    expect(csp).toContain(rule);
  expect(csp).not.toMatch(/unsafe|\*|data:|http/);
  expect(
    Object.fromEntries(
      [
        'x-content-type-options',
        'referrer-policy',
        'cross-origin-resource-policy',
        'cross-origin-opener-policy',
        'cache-control',
      ].map((name) => [name, header(name)]),
    ),
  ).toEqual({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
  });
  expect(header('permissions-policy')).toMatch(/camera=\(\), microphone=\(\)/);
  expect(header('strict-transport-security')).toBe(null);
  expect(header('server')).toBe(null);
});

test.each([
  '/../../device/main.ts',
  '/..%2f..%2fdevice/main.ts',
  '/%2e%2e/%2e%2e/device/main.ts',
  '/%2e%2e%2f%2e%2e%2fdevice/main.ts',
  '/..%5c..%5cdevice/main.ts',
  '/..%252f..%252fdevice/main.ts',
  '/assets/../../../device/main.ts',
  '/assets/..%2f..%2f..%2fdevice/main.ts',
  '/assets/%2e%2e/%2e%2e/%2e%2e/device/main.ts',
  '//../../device/main.ts',
  '/%00/../../device/main.ts',
  '/etc/passwd',
  '//etc/passwd',
  '/file:///etc/passwd',
])('%s leads to no file', async (path) => {
  const answer = await raw(`GET ${path} HTTP/1.1`, 'host: localhost', 'connection: close');
  // What is no file of the page is the page itself, or nothing.
  expect(answer).toMatch(/^HTTP\/1\.1 40[034] |<title>Contact Analyzer</);
  expect(answer).not.toMatch(/import .* from|root:/);
});

test('a refused name gets no more than the refusal, with the headers', async () => {
  const asked = request({
    host: '127.0.0.1',
    port: port(),
    path: '/',
    headers: { host: 'evil.example' },
  }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  expect([answer.statusCode, answer.headers['x-content-type-options']]).toEqual([403, 'nosniff']);
});

test('a body that is too long is refused, told or not', async () => {
  const answer = await rig.ask('POST', '/api/log/verify', { text: 'x'.repeat(70_000) });
  expect(answer.status).toBe(413);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  const chunks = ReadableStream.from([`{"text":"${'x'.repeat(70_000)}"}`]).pipeThrough(
    new TextEncoderStream(),
  );
  const init = {
    method: 'POST',
    body: chunks,
    duplex: 'half',
    headers: { 'content-type': 'application/json' },
  };
  expect((await fetch(`${rig.url}/api/log/verify`, init as RequestInit)).status).toBe(413);
});

test('headers that are too long are refused', async () => {
  const answer = await raw('GET / HTTP/1.1', 'host: localhost', `x-long: ${'x'.repeat(20_000)}`);
  expect(answer).toMatch(/^HTTP\/1\.1 431/);
});

describe('slow clients', () => {
  /** Sends a byte a second until it is ended; the seconds that it took. */
  async function drip(start: string): Promise<number> {
    const socket: Socket = connect(port(), '127.0.0.1');
    socket.on('error', () => {}).resume();
    const from = performance.now();
    socket.write(start);
    const closed = once(socket, 'close').then(() => true);
    while (!(await Promise.race([closed, sleep(1_000, false)]))) socket.write('a');
    return (performance.now() - from) / 1_000;
  }

  test('a client that sends a byte a second is ended: of its headers, and of its body', async () => {
    const body =
      'POST /api/log/verify HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n';
    const [headers, whole, others] = await Promise.all([
      drip('GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: '),
      drip(body),
      // Others are served meanwhile.
      sleep(5_000).then(() => rig.ask('GET', '/api/me')),
    ]);
    expect(others.status).toBe(200);
    expect(headers).toBeGreaterThan(9);
    expect(headers).toBeLessThan(16);
    expect(whole).toBeGreaterThan(19);
    expect(whole).toBeLessThan(27);
  }, 60_000);
});

test('connections beyond the most are let go of, and those that there are stay', async () => {
  const sockets = Array.from({ length: 300 }, () => connect(port(), '127.0.0.1').on('error', () => {}));
  await expect
    .poll(() => sockets.filter(({ closed }) => closed).length, { timeout: 5_000 })
    .toBeGreaterThan(30);
  const there = sockets.find(({ closed }) => !closed);
  there?.write('GET /api/me HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const [answer] = await once(there as Socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200/);
  for (const socket of sockets) socket.destroy();
  await expect.poll(async () => (await rig.ask('GET', '/api/me').catch(() => null))?.status).toBe(200);
});
