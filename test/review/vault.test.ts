import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import type { StoredClip } from '../../device/recording/vault.ts';
import { contact, putContacts, readyClip, sealed } from './contacts.ts';
import { type PageRig, startPage } from './rig.ts';

let rig: PageRig;
let stored: StoredClip;

/** A negative contact, whose clip anybody who may see clips may see. */
function seen(id: string, clip: StoredClip): void {
  const start = systemClock.now().wall - 100_000;
  putContacts(rig, contact(id, start, { pressed: [[60, 1]], clip: readyClip(id, clip) }));
}

beforeEach(async () => {
  rig = await startPage();
  stored = await sealed(rig.vault, 'seen', Buffer.from('0123456789'));
  seen('seen', stored);
});
afterEach(() => rig.stop());

const clip = (headers = {}) => rig.ask('GET', '/api/contacts/seen/clip', undefined, headers);

test('a range of a stored clip', async () => {
  const answer = await clip({ range: 'bytes=2-5' });
  expect([answer.status, answer.headers.get('content-range'), await answer.text()]).toEqual([
    206,
    'bytes 2-5/10',
    '2345',
  ]);
});

test('a clip whose file is gone is not found, and no fault of the server', async () => {
  rmSync(join(rig.folder, 'clips', stored.file));
  expect((await clip()).status).toBe(404);
});

/** Changes a byte of a stored chunk, as a bad card would. */
function damage(file: string, chunk: number): void {
  const fd = openSync(join(rig.folder, 'clips', file), 'r+');
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
  const writing = await rig.vault.begin('long');
  await writing.write(Buffer.alloc(CHUNK, 'b'));
  const long = await writing.finish(Buffer.alloc(CHUNK, 'a'), systemClock.now(), 'video/mp4');
  seen('long', long);
  damage(long.file, 1);
  const answer = await rig.ask('GET', '/api/contacts/long/clip');
  let got = '';
  await expect(
    (async () => {
      for await (const bytes of answer.body ?? []) got += Buffer.from(bytes).toString('latin1');
    })(),
  ).rejects.toThrow();
  expect(got).toMatch(/^a*$/);
});
