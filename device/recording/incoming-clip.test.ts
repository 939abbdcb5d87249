import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { type FileHandle, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fileHandles } from '../../test/stand-ins/sealed-files.ts';
import { parseDeviceKey } from './device-key.ts';
import { CHUNK } from './sealed-file.ts';
import { ClipVault, type IncomingClip, type StoredClip } from './vault.ts';

// So that a test can stand between a clip's last byte and its name.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, rename: vi.fn(real.rename) };
});

const startedAt = { mono: 1, wall: Date.UTC(2026, 0, 5, 23, 59) };
const content = randomBytes(300_000);
const key = parseDeviceKey(randomBytes(32).toString('hex'));
let folder: string;
let clips: string;
let vault: ClipVault;

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'ca-vault-'));
  clips = join(folder, 'clips');
  vault = new ClipVault({ folder: clips, key: () => key });
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

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

describe('a clip on its way', () => {
  test('is not in the vault before its last byte is on the disk and has been read back', async () => {
    const steps: string[] = [];
    vi.mocked(rename).mockImplementationOnce(async (from, to) => {
      steps.push(...files());
      expect(await read(vault.open('2026-01-05/c-1.mp4')).catch((error) => error.code)).toBe(
        'CA_CLIP_NOT_FOUND',
      );
      fs.renameSync(from, to);
    });
    await put('c-1');
    expect(steps).toEqual(['.incoming/c-1']);
  });

  test('survives a power cut with its name', async () => {
    const synced: string[] = [];
    const handles = await fileHandles();
    const { sync } = handles;
    vi.spyOn(handles, 'sync').mockImplementation(function (this: FileHandle) {
      synced.push(fs.readlinkSync(`/proc/self/fd/${this.fd}`).slice(clips.length));
      return sync.call(this);
    });
    await put('c-1');
    expect(synced).toEqual(['/2026-01-05', '']);
  });

  test('of which the disk gives back something else is not a clip', async () => {
    const clip = await vault.begin('c-1');
    await clip.write(content.subarray(CHUNK));
    // Ciphertext of the second chunk, as a bad card would change it.
    const fd = fs.openSync(join(clips, '.incoming/c-1'), 'r+');
    fs.writeSync(fd, 'bad', 84 + CHUNK + 16 + 100);
    fs.closeSync(fd);
    const finishing = clip.finish(content.subarray(0, CHUNK), startedAt, 'video/mp4');
    vi.mocked(rename).mockClear();
    await expect(finishing).rejects.toMatchObject({ code: 'CA_CLIP_DAMAGED' });
    expect(rename).not.toHaveBeenCalled();
    expect(files()).toEqual([]);
  });

  const never = (work: Promise<unknown>) => expect(work).rejects.toMatchObject({ code: 'CA_CLIP_FAILED' });
  const finish = (clip: IncomingClip) => clip.finish(content.subarray(0, CHUNK), startedAt, 'video/mp4');

  test.each<[string, (clip: IncomingClip) => Promise<unknown>]>([
    ['before anything is written', async () => {}],
    ['while something is written', async (clip) => never(clip.write(randomBytes(20 * CHUNK)))],
    ['when something has been written', (clip) => clip.write(content)],
    ['while it is sealed', async (clip) => never(finish(clip))],
    ['when it is finished', finish],
  ])('leaves nothing when it is discarded %s', async (when, work) => {
    const clip = await vault.begin('c-1');
    const working = work(clip);
    if (!when.startsWith('while')) await working;
    await Promise.all([clip.discard(), clip.discard(), working]);
    expect(files()).toEqual([]);
    await never(clip.write(content));
    await never(finish(clip));
    // What is begun now belongs to the next one.
    await put('c-1');
    await clip.discard();
    expect(files()).toEqual(['2026-01-05/c-1.mp4']);
  });

  test('leaves nothing when it is discarded while it is read back, which ends then', async () => {
    const clip = await vault.begin('c-1');
    await clip.write(randomBytes(20 * CHUNK));
    const handles = await fileHandles();
    const { read } = handles;
    const reads = vi.spyOn(handles, 'read');
    let discarding: Promise<void> | undefined;
    reads.mockImplementation(function (this: FileHandle, ...args: unknown[]) {
      discarding ??= clip.discard();
      return read.apply(this, args as never) as never;
    });
    await never(finish(clip));
    await discarding;
    expect(reads.mock.calls.length).toBeLessThan(6);
    expect(files()).toEqual([]);
  });

  test('leaves nothing when it is discarded while it gets its name', async () => {
    const clip = await vault.begin('c-1');
    let discarding: Promise<void> | undefined;
    vi.mocked(rename).mockImplementationOnce(async (from, to) => {
      discarding = clip.discard();
      await Promise.race([discarding, setTimeout(20)]);
      fs.renameSync(from, to);
    });
    await never(finish(clip));
    await discarding;
    expect(files()).toEqual([]);
  });

  test('is begun anew for the same contact', async () => {
    const first = await vault.begin('c-1');
    await first.write(content);
    const { file } = await put('c-1');
    await expect(first.write(content)).rejects.toMatchObject({ code: 'CA_CLIP_FAILED' });
    await first.discard();
    expect((await read(vault.open(file))).equals(content)).toBe(true);
    // One that a crash left, and one that it kept from being told of.
    fs.writeFileSync(join(clips, '.incoming/c-1'), 'half');
    fs.linkSync(join(clips, file), join(folder, 'before'));
    await put('c-1');
    expect(files()).toEqual([file]);
    expect(
      fs
        .readFileSync(join(folder, 'before'))
        .subarray(24, 84)
        .every((byte) => byte === 0),
    ).toBe(true);
    expect((await read(vault.open(file))).equals(content)).toBe(true);
  });

  test('is destroyed when the disk refuses it; the error tells what the disk said', async () => {
    vi.mocked(rename).mockRejectedValueOnce(Object.assign(new Error('EROFS: read-only'), { code: 'EROFS' }));
    await expect(put('c-1')).rejects.toMatchObject({ code: 'CA_VAULT_UNWRITABLE', cause: { code: 'EROFS' } });
    expect(files()).toEqual([]);
    await put('c-1');
    const other = new ClipVault({ folder: join(folder, 'file', 'clips'), key: () => key });
    fs.writeFileSync(join(folder, 'file'), '');
    await expect(put('c-1', 'video/mp4', other)).rejects.toMatchObject({
      code: 'CA_VAULT_UNWRITABLE',
      cause: { code: 'ENOTDIR' },
    });
  });
});
