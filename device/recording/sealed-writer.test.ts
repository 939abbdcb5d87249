import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { type FileHandle, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { descriptors, fileHandles, seal } from '../../test/stand-ins/sealed-files.ts';
import { parseDeviceKey } from './device-key.ts';
import { CHUNK } from './sealed-file.ts';
import { type ByteRange, openSealed } from './sealed-reader.ts';
import { destroySealed, SealedWriter } from './sealed-writer.ts';

// So that a test can see what lies on the disk when a file is unlinked.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, unlink: vi.fn(real.unlink) };
});

const HEADER = 84;
const SEALED = CHUNK + 16;
const key = parseDeviceKey(randomBytes(32).toString('hex'));
/** Four chunks, the last of 1000 bytes. */
const content = randomBytes(3 * CHUNK + 1000);
let folder: string;
let path: string;
let handles: FileHandle;

beforeEach(async () => {
  folder = fs.mkdtempSync(join(tmpdir(), 'ca-sealed-'));
  path = join(folder, 'clip.mp4');
  handles = await fileHandles();
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const read = (range?: ByteRange, from = path) => buffer(openSealed(from, key, range));

describe('a file that was never finished', () => {
  test('cannot be opened, and holds no key', async () => {
    const writer = await SealedWriter.create(path, key);
    await writer.write(content);
    const bytes = fs.readFileSync(path);
    expect(bytes.length).toBeGreaterThan(3 * CHUNK);
    expect(bytes.subarray(16, HEADER + SEALED).every((byte) => byte === 0)).toBe(true);
    const never = { code: 'CA_CLIP_DAMAGED', message: expect.stringContaining('never finished') };
    await expect(read({ start: CHUNK, end: CHUNK })).rejects.toMatchObject(never);
    const flushed = vi.spyOn(handles, 'datasync');
    await writer.abort();
    expect(flushed).not.toHaveBeenCalled();
  });

  test('is gone after abort, which may be called at any time and again', async () => {
    const writer = await SealedWriter.create(path, key);
    const writing = writer.write(randomBytes(40 * CHUNK));
    const refused = expect(writing).rejects.toMatchObject({
      code: 'CA_CLIP_FAILED',
      message: expect.stringContaining('discarded'),
    });
    await writer.abort();
    await refused;
    expect(fs.readdirSync(folder)).toEqual([]);
    await seal(path, key, content);
    await writer.abort();
    await expect(writer.write(content)).rejects.toMatchObject({ code: 'CA_CLIP_FAILED' });
    await expect(writer.finish(content)).rejects.toMatchObject({ code: 'CA_CLIP_FAILED' });
    expect((await read()).equals(content)).toBe(true);
    expect(descriptors(path)).toBe(0);
  });

  test('is gone when abort comes while it is being finished', async () => {
    const writer = await SealedWriter.create(path, key);
    let aborting: Promise<void> | undefined;
    const { datasync } = handles;
    vi.spyOn(handles, 'datasync').mockImplementationOnce(function (this: FileHandle) {
      aborting = writer.abort();
      return datasync.call(this);
    });
    const discarded = { message: expect.stringContaining('discarded') };
    await expect(writer.finish(content.subarray(0, CHUNK))).rejects.toMatchObject(discarded);
    await aborting;
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test('is not what abort finds after finish', async () => {
    const writer = await SealedWriter.create(path, key);
    await writer.finish(content.subarray(0, CHUNK));
    await writer.abort();
    expect(await read()).toHaveLength(CHUNK);
  });

  test('is gone after abort of a finish that the disk refused', async () => {
    const writer = await SealedWriter.create(path, key);
    await writer.write(content);
    vi.spyOn(handles, 'datasync').mockRejectedValueOnce(
      Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }),
    );
    const error = {
      code: 'CA_VAULT_UNWRITABLE',
      cause: { code: 'EIO' },
      message: expect.stringContaining('clip.mp4 could not be written'),
    };
    await expect(writer.finish(content.subarray(0, CHUNK))).rejects.toMatchObject(error);
    await expect(writer.finish(content.subarray(0, CHUNK))).rejects.toMatchObject(error);
    fs.linkSync(path, join(folder, 'link'));
    await writer.abort();
    expect(fs.existsSync(path)).toBe(false);
    expect(
      fs
        .readFileSync(join(folder, 'link'))
        .subarray(24, HEADER)
        .every((byte) => byte === 0),
    ).toBe(true);
  });
});

test('after a failed write nothing more is written: no chunk is sealed twice', async () => {
  const writer = await SealedWriter.create(path, key);
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const writev = vi.spyOn(handles, 'writev').mockRejectedValueOnce(full);
  const error = { code: 'CA_VAULT_UNWRITABLE', cause: { code: 'ENOSPC' } };
  await expect(writer.write(content)).rejects.toMatchObject(error);
  await expect(writer.write(content)).rejects.toMatchObject(error);
  await expect(writer.finish(content.subarray(0, CHUNK))).rejects.toMatchObject(error);
  expect(writev).toHaveBeenCalledTimes(1);
  await writer.abort();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test.each([
  ['none', 0, 0],
  ['a short one before more', CHUNK - 1, 10],
  ['too long a one', CHUNK + 1, 0],
])('no file can have a head like this: %s', async (_, head, body) => {
  const writer = await SealedWriter.create(path, key);
  await writer.write(content.subarray(0, body));
  const error = { code: 'CA_CLIP_FAILED', message: expect.stringContaining(`${head} bytes`) };
  await expect(writer.finish(content.subarray(0, head))).rejects.toMatchObject(error);
  await writer.abort();
});

describe('destroying', () => {
  beforeEach(() => seal(path, key, content));

  test('takes the key off the disk before the name', async () => {
    const steps: string[] = [];
    const keyThere = () =>
      fs
        .readFileSync(path)
        .subarray(24, HEADER)
        .some((byte) => byte !== 0);
    for (const step of ['datasync', 'sync'] as const) {
      const real = handles[step];
      vi.spyOn(handles, step).mockImplementation(async function (this: FileHandle) {
        steps.push(`${step} ${fs.existsSync(path) ? keyThere() : 'gone'}`);
        return real.call(this);
      });
    }
    vi.mocked(unlink).mockImplementationOnce(async (file) => {
      steps.push(`unlink ${keyThere()}`);
      fs.unlinkSync(file);
    });
    await destroySealed(path);
    expect(steps).toEqual(['datasync false', 'unlink false', 'sync gone']);
  });

  test('the key is gone also where the name stays, and it can be tried again', async () => {
    vi.mocked(unlink).mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }));
    await expect(destroySealed(path)).rejects.toMatchObject({
      code: 'CA_VAULT_UNWRITABLE',
      cause: { code: 'EIO' },
    });
    await expect(read()).rejects.toMatchObject({
      code: 'CA_CLIP_DAMAGED',
      message: expect.stringContaining('key has been destroyed'),
    });
    await destroySealed(path);
    expect(fs.existsSync(path)).toBe(false);
  });

  test('the file stays where the key could not be taken', async () => {
    const flushed = vi
      .spyOn(handles, 'datasync')
      .mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }));
    await expect(destroySealed(path)).rejects.toMatchObject({ code: 'CA_VAULT_UNWRITABLE' });
    expect(fs.existsSync(path)).toBe(true);
    expect(descriptors(path)).toBe(0);
    await destroySealed(path);
    expect(flushed).toHaveBeenCalledTimes(2);
  });

  test('what is not there is no error', async () => {
    await destroySealed(join(folder, 'none'));
    await destroySealed(path);
    await destroySealed(path);
    fs.writeFileSync(path, 'short');
    await destroySealed(path);
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});
