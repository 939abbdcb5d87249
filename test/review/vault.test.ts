import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { ClipVault, type StoredClip } from '../../device/recording/vault.ts';
import { ReviewServer } from '../../device/review/server.ts';
import { ContactsStandIn, contact, readyClip } from './stand-in.ts';

const key = parseDeviceKey(randomBytes(32).toString('hex'));
let folder: string;
let vault: ClipVault;
let contacts: ContactsStandIn;
let stored: StoredClip;
let server: ReviewServer;

// The page on the vault itself, not on a stand-in of it.
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-page-vault-'));
  vault = new ClipVault({ folder: join(folder, 'clips'), key: () => key });
  const clip = await vault.begin('seen');
  stored = await clip.finish(Buffer.from('0123456789'), systemClock.now(), 'video/mp4');
  contacts = new ContactsStandIn();
  const start = systemClock.now().wall - 100_000;
  contacts.put(contact('seen', start, { clip: readyClip('seen', stored) }));
  server = new ReviewServer({
    ...{ host: '127.0.0.1', port: 0, device: 'test', contacts, clips: vault, clock: systemClock },
    ...{ desks: () => [], health: () => ({}), log: createLog('error', { write: () => {} }) },
  });
  await server.start(new AbortController().signal);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const clip = (headers = {}) => fetch(`${server.url}/api/contacts/seen/clip`, { headers });

test('a range of a stored clip', async () => {
  const answer = await clip({ range: 'bytes=2-5' });
  expect([answer.status, answer.headers.get('content-range'), await answer.text()]).toEqual([
    206,
    'bytes 2-5/10',
    '2345',
  ]);
});

test('a clip whose file is gone is not found, and no fault of the server', async () => {
  rmSync(join(folder, 'clips', stored.file));
  expect((await clip()).status).toBe(404);
});

/** Changes a byte of a stored chunk, as a bad card would. */
function damage(file: string, chunk: number): void {
  const fd = openSync(join(folder, 'clips', file), 'r+');
  // Header 84, tag 16: device/recording/vault-format.md.
  writeSync(fd, 'x', 84 + chunk * (CHUNK + 16) + 5);
  closeSync(fd);
}

test('nothing of a damaged clip is sent', async () => {
  damage(stored.file, 0);
  const answer = await clip();
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('345');
});

test('a clip that is damaged further on breaks off there, and is not taken for whole', async () => {
  const writing = await vault.begin('long');
  await writing.write(Buffer.alloc(CHUNK, 'b'));
  const long = await writing.finish(Buffer.alloc(CHUNK, 'a'), systemClock.now(), 'video/mp4');
  contacts.put(contact('long', systemClock.now().wall, { clip: readyClip('long', long) }));
  damage(long.file, 1);
  const answer = await fetch(`${server.url}/api/contacts/long/clip`);
  let got = '';
  await expect(
    (async () => {
      for await (const bytes of answer.body ?? []) got += Buffer.from(bytes).toString('latin1');
    })(),
  ).rejects.toThrow();
  expect(got).toMatch(/^a*$/);
});
