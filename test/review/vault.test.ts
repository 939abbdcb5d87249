import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { ClipVault, type StoredClip } from '../../device/recording/vault.ts';
import { ReviewServer } from '../../device/review/server.ts';
import { ContactsStandIn, contact, readyClip } from './stand-in.ts';

let folder: string;
let stored: StoredClip;
let server: ReviewServer;

// The page on the vault itself, not on a stand-in of it.
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-page-vault-'));
  const vault = new ClipVault(join(folder, 'clips'));
  const file = join(folder, 'cut.mp4');
  writeFileSync(file, '0123456789');
  stored = await vault.put('seen', systemClock.now(), {
    file,
    mediaType: 'video/mp4',
    duration: 1,
    preRoll: 0,
  });
  const contacts = new ContactsStandIn();
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
