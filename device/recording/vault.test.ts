import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Clip } from './recorder.ts';
import { ClipVault } from './vault.ts';

const startedAt = { mono: 1, wall: Date.UTC(2026, 0, 5, 23, 59) };
const content = randomBytes(300_000);
let folder: string;
let vault: ClipVault;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vault-'));
  vault = new ClipVault(join(folder, 'clips'));
});
afterEach(() => rm(folder, { recursive: true }));

async function clip(mediaType: Clip['mediaType'] = 'video/mp4'): Promise<Clip> {
  const file = join(folder, 'clip.mp4');
  await writeFile(file, content);
  return { file, mediaType, duration: 1, preRoll: 1 };
}
const read = (stream: Readable) => buffer(stream);

it('keeps a clip under its day and contact, and takes it out of RAM', async () => {
  const taken = await clip();
  const stored = await vault.put('c-1', startedAt, taken);
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(stored).toEqual({ file: '2026-01-05/c-1.mp4', bytes: content.length, sha256 });
  expect(existsSync(taken.file)).toBe(false);
  expect(await vault.size(stored.file)).toBe(content.length);
  expect((await read(vault.open(stored.file))).equals(content)).toBe(true);
});

it('gives any range, both ends included', async () => {
  const { file } = await vault.put('c-1', startedAt, await clip('audio/mp4'));
  expect(file).toBe('2026-01-05/c-1.m4a');
  const range = await read(vault.open(file, { start: 70_000, end: 140_000 }));
  expect(range.equals(content.subarray(70_000, 140_001))).toBe(true);
});

it('knows no name that leads out of it, nor a clip that is not there', async () => {
  await vault.put('c-1', startedAt, await clip());
  for (const file of [
    '../clip.mp4',
    '/etc/passwd',
    '2026-01-05/../../x.mp4',
    '.incoming/c-1',
    '2026-01-05/c-1.mp4\0',
  ]) {
    expect(() => vault.open(file)).toThrow(expect.objectContaining({ code: 'CA_CLIP_NOT_FOUND' }));
    await expect(vault.size(file)).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
  }
  await expect(read(vault.open('2026-01-05/c-2.mp4'))).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
  await expect(vault.put('../../c', startedAt, await clip())).rejects.toMatchObject({
    code: 'CA_CLIP_FAILED',
  });
});

it('removes what a power cut left unfinished, and never shows it', async () => {
  const incoming = join(folder, 'clips', '.incoming');
  await mkdir(incoming, { recursive: true });
  await writeFile(join(incoming, 'c-0'), 'half');
  await vault.put('c-1', startedAt, await clip());
  expect(await readdir(incoming)).toEqual([]);
});

it('says what is wrong when there is no clip, and recovers', async () => {
  const missing = { ...(await clip()), file: join(folder, 'gone.mp4') };
  await expect(vault.put('c-1', startedAt, missing)).rejects.toMatchObject({ code: 'CA_CLIP_FAILED' });
  expect(existsSync(join(folder, 'clips', '2026-01-05'))).toBe(false);
  await vault.put('c-1', startedAt, await clip());
});
