import { createReadStream } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ContactsStandIn, contact, readyClip } from '../../test/review/stand-in.ts';
import { type Clock, ManualClock, systemClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { ReviewServer } from './server.ts';

const contacts = new ContactsStandIn();
const signal = new AbortController().signal;
let server: ReviewServer;

const create = (port = 0, clock: Clock = systemClock) =>
  new ReviewServer({
    ...{ host: '127.0.0.1', port, device: 'reception-1', contacts, clock },
    clips: { size: async () => 1e12, open: () => createReadStream('/dev/zero') },
    desks: () => [],
    health: () => ({}),
    log: createLog('error'),
  });

beforeEach(async () => {
  server = create();
  await server.start(signal);
});
afterEach(() => server.stop());

/** Reads an event stream until `count` events named `name` have come. */
async function events(body: ReadableStream<Uint8Array> | null, name: string, count: number): Promise<void> {
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.split(`event: ${name}\n`).length > count) return;
  }
  throw new Error(`the stream ended after: ${text}`);
}

test('listens on a free port and says where', async () => {
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(server.health()).toMatchObject({ status: 'ok', detail: { url: server.url } });
  expect((await fetch(`${server.url}/`)).status).toBe(200);
});

test('a commit of the store reaches an open page', async () => {
  const answer = await fetch(`${server.url}/api/changes`);
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  contacts.put(contact('new', Date.now()));
  await events(answer.body, 'change', 1);
});

test('a change of presence reaches an open page', async () => {
  const answer = await fetch(`${server.url}/api/changes`);
  server.notifyChanged();
  await events(answer.body, 'change', 1);
});

test('a page that goes away is forgotten', async () => {
  const away = new AbortController();
  await fetch(`${server.url}/api/changes`, { signal: away.signal });
  expect(server.health().detail?.viewers).toBe(1);
  away.abort();
  await expect.poll(() => server.health().detail?.viewers).toBe(0);
});

test('stop ends open pages and running downloads at once, and can be called again', async () => {
  contacts.put(contact('endless', Date.now(), { clip: readyClip('endless', {}) }));
  const page = await fetch(`${server.url}/api/changes`);
  const download = await fetch(`${server.url}/api/contacts/endless/clip`);
  const begun = performance.now();
  await server.stop();
  await server.stop();
  expect(performance.now() - begun).toBeLessThan(1_000);
  await page.text().catch(() => 'broken off');
  await expect(download.arrayBuffer()).rejects.toThrow();
  expect(contacts.listeners).toBe(0);
  expect(server.url).toBeNull();
  expect(server.health().status).toBe('failed');
});

test('stop leaves no timer behind', async () => {
  const clock = new ManualClock();
  const other = create(0, clock);
  await other.start(signal);
  expect(clock.waiting()).toEqual(['page heartbeat']);
  await other.stop();
  expect(clock.waiting()).toEqual([]);
});

test('a port in use is an error with a remedy, and leaves nothing behind', async () => {
  const port = Number(new URL(server.url ?? '').port);
  const second = create(port);
  await expect(second.start(signal)).rejects.toMatchObject({ code: 'CA_PORT_IN_USE' });
  await second.stop();
  expect(contacts.listeners).toBe(1);
});
