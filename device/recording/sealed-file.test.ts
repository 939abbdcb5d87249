import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { descriptors, fileHandles, seal } from '../../test/stand-ins/sealed-files.ts';
import { parseDeviceKey } from './device-key.ts';
import { CHUNK } from './sealed-file.ts';
import { type ByteRange, openSealed, sealedSize } from './sealed-reader.ts';
import { SealedWriter } from './sealed-writer.ts';

const HEADER = 84;
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

describe('what is read is what was written', () => {
  test.each([1, 16, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, content.length])(
    '%i bytes',
    async (length) => {
      expect(await seal(path, key, content.subarray(0, length))).toBe(length);
      expect(await sealedSize(path, key)).toBe(length);
      expect(descriptors(path)).toBe(0);
      expect((await read()).equals(content.subarray(0, length))).toBe(true);
      expect(fs.statSync(path).size).toBe(HEADER + length + 16 * Math.ceil(length / CHUNK));
    },
  );

  test.each([997, CHUNK - 1, CHUNK, CHUNK + 1, 150_000])('in pieces of %i bytes', async (piece) => {
    const long = randomBytes(12 * CHUNK);
    await seal(path, key, long, piece);
    expect((await read()).equals(long)).toBe(true);
  });

  test('one large piece', async () => {
    const long = randomBytes(30 * CHUNK + 5);
    await seal(path, key, long);
    expect((await read()).equals(long)).toBe(true);
  });

  test('by a disk that never takes all at once', async () => {
    const writev = handles.writev;
    let writes = 0;
    vi.spyOn(handles, 'writev').mockImplementation(async function (this: FileHandle, parts, at) {
      writes += 1;
      const first = (parts as Buffer[]).find((part) => part.length > 0) as Buffer;
      return (await writev.call(this, [first.subarray(0, 7_001)], at)) as never;
    });
    await seal(path, key, content);
    expect(writes).toBeGreaterThan(content.length / 7_001);
    expect((await read()).equals(content)).toBe(true);
  });

  test('any range, both ends included', async () => {
    await seal(path, key, content);
    const places = [
      0,
      1,
      CHUNK - 1,
      CHUNK,
      CHUNK + 1,
      2 * CHUNK,
      3 * CHUNK - 1,
      3 * CHUNK,
      content.length - 1,
    ];
    for (const start of places) {
      for (const end of places.filter((place) => place >= start)) {
        const part = await read({ start, end });
        expect(part.equals(content.subarray(start, end + 1)), `${start}-${end}`).toBe(true);
      }
    }
  });

  test('of a range beyond the end, what there is', async () => {
    await seal(path, key, content);
    const far = { start: content.length - 5, end: content.length + CHUNK };
    expect((await read(far)).equals(content.subarray(-5))).toBe(true);
    expect(await read({ start: content.length, end: content.length + 5 })).toHaveLength(0);
  });
});

describe('what lies on the disk', () => {
  test('is for this user alone, and shows nothing of the content', async () => {
    const marked = Buffer.concat(Array(30_000).fill(Buffer.from('a marker!')));
    const umask = process.umask(0);
    await seal(path, key, marked);
    process.umask(umask);
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(path).includes('marker')).toBe(false);
    expect(fs.readdirSync(folder)).toEqual(['clip.mp4']);
  });

  test('differs although the content is the same', async () => {
    await seal(path, key, content);
    await seal(join(folder, 'again.mp4'), key, content, 997);
    const [one, two] = [path, join(folder, 'again.mp4')].map((file) => fs.readFileSync(file).subarray(16));
    expect(one?.subarray(68, 84).equals(two?.subarray(68, 84) as Buffer)).toBe(false);
    expect(one?.subarray(8, 68).equals(two?.subarray(8, 68) as Buffer)).toBe(false);
  });

  test('is flushed before it is finished', async () => {
    const flushed: number[] = [];
    const datasync = handles.datasync;
    vi.spyOn(handles, 'datasync').mockImplementation(async function (this: FileHandle) {
      flushed.push((await this.stat()).size);
      const header = fs.readFileSync(path).subarray(24, HEADER);
      expect(header.some((byte) => byte !== 0)).toBe(true);
      return datasync.call(this);
    });
    await seal(path, key, content);
    expect(flushed).toEqual([fs.statSync(path).size]);
  });

  test('an existing file is not touched', async () => {
    fs.writeFileSync(path, 'somebody else');
    await expect(SealedWriter.create(path, key)).rejects.toMatchObject({
      code: 'CA_VAULT_UNWRITABLE',
      cause: { code: 'EEXIST' },
    });
    expect(fs.readFileSync(path, 'utf8')).toBe('somebody else');
    expect(descriptors(path)).toBe(0);
  });
});
