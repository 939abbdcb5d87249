import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { CaError } from '../errors.ts';
import { type DeviceKey, parseDeviceKey } from './device-key.ts';
import { CHUNK } from './sealed-file.ts';
import { ClipVault, type StoredClip } from './vault.ts';

const startedAt = { mono: 1, wall: Date.UTC(2026, 0, 5, 23, 59) };
const content = randomBytes(300_000);
const device = parseDeviceKey(randomBytes(32).toString('hex'));
let folder: string;
let clips: string;
let key: () => DeviceKey;
let vault: ClipVault;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'ca-vault-'));
  clips = join(folder, 'clips');
  key = () => device;
  vault = new ClipVault({ folder: clips, key: () => key() });
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Stores a clip as the recorder does. */
async function put(
  contactId: string,
  mediaType: 'video/mp4' | 'audio/mp4' = 'video/mp4',
  into = vault,
): Promise<StoredClip> {
  const clip = await into.begin(contactId);
  await clip.write(content.subarray(CHUNK, 200_000));
  await clip.write(content.subarray(200_000));
  return clip.finish(content.subarray(0, CHUNK), startedAt, mediaType);
}
const read = (stream: Readable) => buffer(stream);
const files = () =>
  fs
    .readdirSync(clips, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(clips.length + 1))
    .sort();

it('keeps a clip under its day and contact, encrypted', async () => {
  const stored = await put('c-1');
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(stored).toEqual({ file: '2026-01-05/c-1.mp4', bytes: content.length, sha256 });
  expect(files()).toEqual([stored.file]);
  expect(fs.readFileSync(join(clips, stored.file)).includes(content.subarray(100_000, 100_016))).toBe(false);
  expect(await vault.size(stored.file)).toBe(content.length);
  expect((await read(vault.open(stored.file))).equals(content)).toBe(true);
});

it('gives any range, both ends included', async () => {
  const { file } = await put('c-1', 'audio/mp4');
  expect(file).toBe('2026-01-05/c-1.m4a');
  const range = await read(vault.open(file, { start: 70_000, end: 140_000 }));
  expect(range.equals(content.subarray(70_000, 140_001))).toBe(true);
});

it('knows no name that leads out of it, nor a clip that is not there', async () => {
  await put('c-1');
  for (const name of ['x', 'x.mp4']) fs.writeFileSync(join(folder, name), 'outside');
  for (const file of [
    '../x.mp4',
    '/etc/passwd',
    '2026-01-05/../../x.mp4',
    '.incoming/c-1',
    '2026-01-05/c-1.mp4\0',
  ]) {
    expect(() => vault.open(file)).toThrow(expect.objectContaining({ code: 'CA_CLIP_NOT_FOUND' }));
    await expect(vault.size(file)).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
    await vault.destroy(file);
    expect(await vault.missing([file])).toEqual([file]);
  }
  await expect(read(vault.open('2026-01-05/c-2.mp4'))).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
  await expect(vault.size('2026-01-05/c-2.mp4')).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
  await expect(vault.begin('../../c')).rejects.toMatchObject({ code: 'CA_CLIP_FAILED' });
  await vault.destroyOf('../../x');
  for (const name of ['x', 'x.mp4']) expect(fs.readFileSync(join(folder, name), 'utf8')).toBe('outside');
});

it('needs its key at each step, not before', async () => {
  const { file } = await put('c-1');
  const gone = new CaError('CA_SECRET_UNREADABLE', 'no key');
  key = () => {
    throw gone;
  };
  await expect(vault.begin('c-2')).rejects.toBe(gone);
  await expect(read(vault.open(file))).rejects.toBe(gone);
  await expect(vault.size(file)).rejects.toBe(gone);
  await vault.destroy(file);
  expect(files()).toEqual([]);
  key = () => device;
  await put('c-2');
});

describe('destroying', () => {
  const keyIn = (path: string) =>
    fs
      .readFileSync(path)
      .subarray(24, 84)
      .some((byte) => byte !== 0);

  test('a clip: its key too; not there is no error', async () => {
    const { file } = await put('c-1');
    fs.linkSync(join(clips, file), join(folder, 'link'));
    await vault.destroy(file);
    await vault.destroy(file);
    expect(files()).toEqual([]);
    expect(keyIn(join(folder, 'link'))).toBe(false);
  });

  test('all of a contact, whatever day its clip has, and of no other', async () => {
    await put('c-1');
    const clip = await vault.begin('c-9');
    await clip.finish(content.subarray(0, 10), { ...startedAt, wall: 0 }, 'audio/mp4');
    await put('c-9');
    const writing = await vault.begin('c-9');
    await writing.write(content);
    expect(files()).toEqual([
      '.incoming/c-9',
      '1970-01-01/c-9.m4a',
      '2026-01-05/c-1.mp4',
      '2026-01-05/c-9.mp4',
    ]);
    await vault.destroyOf('c-9');
    expect(files()).toEqual(['2026-01-05/c-1.mp4']);
    await expect(writing.write(content)).rejects.toMatchObject({ code: 'CA_CLIP_FAILED' });
    await vault.destroyOf('c-9');
    await new ClipVault({ folder: join(folder, 'none'), key }).destroyOf('c-9');
  });

  test('one that cannot be destroyed does not save the others', async () => {
    await put('c-1');
    fs.mkdirSync(join(clips, '.incoming', 'c-1'));
    await expect(vault.destroyOf('c-1')).rejects.toMatchObject({
      code: 'CA_VAULT_UNWRITABLE',
      cause: { code: 'EISDIR' },
    });
    expect(files()).toEqual([]);
    await put('c-2');
    await expect(vault.reconcile(() => false)).rejects.toMatchObject({ code: 'CA_VAULT_UNWRITABLE' });
    expect(files()).toEqual([]);
  });
});

describe('with the store', () => {
  test('what nobody vouches for and what was never finished is destroyed', async () => {
    const [kept, lost] = [await put('c-1'), await put('c-2')];
    await (await vault.begin('c-3')).finish(Buffer.from('x'), { ...startedAt, wall: 0 }, 'audio/mp4');
    fs.writeFileSync(join(clips, '.incoming/c-0'), 'half');
    fs.writeFileSync(join(clips, '2026-01-05/notes.txt'), 'of somebody');
    fs.linkSync(join(clips, lost.file), join(folder, 'link'));
    const asked: string[] = [];
    const known = (file: string) => {
      asked.push(file);
      return file === kept.file;
    };
    const next = new ClipVault({ folder: clips, key });
    expect(await next.reconcile(known)).toEqual({ removed: 3 });
    expect(asked.sort()).toEqual(['1970-01-01/c-3.m4a', kept.file, lost.file]);
    expect(files()).toEqual([kept.file, '2026-01-05/notes.txt']);
    expect(fs.readdirSync(clips).sort()).toEqual(['.incoming', '2026-01-05']);
    expect(
      fs
        .readFileSync(join(folder, 'link'))
        .subarray(24, 84)
        .every((byte) => byte === 0),
    ).toBe(true);
    expect(await next.reconcile(() => true)).toEqual({ removed: 0 });
    expect(await new ClipVault({ folder: join(folder, 'none'), key }).reconcile(() => false)).toEqual({
      removed: 0,
    });
  });

  test('a clip that is being written is not touched', async () => {
    const clip = await vault.begin('c-1');
    await vault.reconcile(() => false);
    expect(await clip.finish(Buffer.from('x'), startedAt, 'video/mp4')).toMatchObject({ bytes: 1 });
  });

  test('which clips are missing; a vault that is not there misses none', async () => {
    const { file } = await put('c-1');
    expect(await vault.missing([file, '2026-01-05/c-2.mp4'])).toEqual(['2026-01-05/c-2.mp4']);
    const unplugged = new ClipVault({ folder: join(folder, 'none'), key });
    await expect(unplugged.missing([file])).rejects.toMatchObject({ code: 'CA_VAULT_UNREADABLE' });
    expect(await unplugged.missing([])).toEqual([]);
  });
});
