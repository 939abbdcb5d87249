import { createReadStream } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contact, putContacts, readyClip } from '../../test/review/contacts.ts';
import { type PageRig, startPage } from '../../test/review/rig.ts';
import { ManualClock } from '../clock.ts';
import type { Store } from '../store/store.ts';

const endless = { size: async () => 1e12, open: () => createReadStream('/dev/zero') };
let rig: PageRig;
/** Who hears of the store's changes. */
let listening: number;

function counted({ contacts }: Store): void {
  listening = 0;
  const onChange = contacts.onChange.bind(contacts);
  contacts.onChange = (listener) => {
    listening++;
    const off = onChange(listener);
    return () => {
      listening -= Number(off());
      return true;
    };
  };
}

beforeEach(async () => {
  rig = await startPage({ clips: endless, fill: counted });
});
afterEach(() => rig.stop());

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
  expect(rig.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(rig.server.health()).toMatchObject({ status: 'ok', detail: { url: rig.url } });
  expect((await rig.ask('GET', '/')).status).toBe(200);
});

test('a commit of the store reaches an open page', async () => {
  const answer = await rig.ask('GET', '/api/changes');
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  putContacts(rig, contact('new', Date.now()));
  await events(answer.body, 'change', 1);
});

test('a change of presence reaches an open page', async () => {
  const answer = await rig.ask('GET', '/api/changes');
  rig.server.notifyChanged();
  await events(answer.body, 'change', 1);
});

test('a page that goes away is forgotten', async () => {
  const away = new AbortController();
  await fetch(`${rig.url}/api/changes`, { signal: away.signal });
  expect(rig.server.health().detail?.viewers).toBe(1);
  away.abort();
  await expect.poll(() => rig.server.health().detail?.viewers).toBe(0);
});

test('stop ends open pages and running downloads at once, and can be called again', async () => {
  putContacts(rig, contact('endless', Date.now(), { pressed: [[60, 1]], clip: readyClip('endless') }));
  const page = await rig.ask('GET', '/api/changes');
  const download = await rig.ask('GET', '/api/contacts/endless/clip');
  expect(download.status).toBe(200);
  const begun = performance.now();
  await rig.server.stop();
  await rig.server.stop();
  expect(performance.now() - begun).toBeLessThan(1_000);
  await page.text().catch(() => 'broken off');
  await expect(download.arrayBuffer()).rejects.toThrow();
  expect(listening).toBe(0);
  expect(rig.server.url).toBeNull();
  expect(rig.server.health().status).toBe('failed');
});

test('stop leaves no timer behind', async () => {
  const clock = new ManualClock({ mono: 1_000, wall: Date.UTC(2026, 0, 5) });
  const other = await startPage({ clock });
  expect(clock.waiting()).toContain('page heartbeat');
  await other.stop();
  expect(clock.waiting()).toEqual([]);
});

test('a port in use is an error with a remedy, and leaves nothing behind', async () => {
  const port = Number(new URL(rig.url).port);
  await expect(startPage({ port, fill: counted })).rejects.toMatchObject({ code: 'CA_PORT_IN_USE' });
  expect(listening).toBe(0);
});
