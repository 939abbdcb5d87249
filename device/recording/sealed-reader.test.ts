import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { descriptors, fileHandles, seal } from '../../test/stand-ins/sealed-files.ts';
import { parseDeviceKey } from './device-key.ts';
import { CHUNK } from './sealed-file.ts';
import { type ByteRange, openSealed, sealedSize } from './sealed-reader.ts';

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

describe('a file that is not what was written', () => {
  beforeEach(() => seal(path, key, content));

  /** Puts changed bytes in the place of the file. */
  const change = (to: (bytes: Buffer) => Buffer) => fs.writeFileSync(path, to(fs.readFileSync(path)));
  const flip = (place: number) =>
    change((bytes) => Buffer.from(bytes.fill((bytes[place] ?? 0) ^ 0x10, place, place + 1)));
  const chunk = (bytes: Buffer, index: number) =>
    bytes.subarray(HEADER + index * SEALED, HEADER + (index + 1) * SEALED);
  const whole = { code: 'CA_CLIP_DAMAGED', message: expect.stringContaining('/clip.mp4') };

  test.each([
    ['its first byte', HEADER + SEALED],
    ['its last byte', HEADER + 2 * SEALED - 17],
    ['its tag', HEADER + 2 * SEALED - 1],
  ])('chunk 1 changed in %s: the others can be read, nothing of this one', async (_, place) => {
    flip(place);
    const told: Buffer[] = [];
    const reading = async () => {
      for await (const bytes of openSealed(path, key)) told.push(bytes);
    };
    const message = expect.stringMatching(/clip\.mp4 is damaged: chunk 1 of 4 /);
    await expect(reading()).rejects.toMatchObject({ code: 'CA_CLIP_DAMAGED', message });
    expect(Buffer.concat(told).equals(content.subarray(0, CHUNK))).toBe(true);
    await expect(read({ start: CHUNK + 5, end: CHUNK + 6 })).rejects.toMatchObject({ message });
    expect((await read({ start: 0, end: CHUNK - 1 })).equals(content.subarray(0, CHUNK))).toBe(true);
    const rest = { start: 2 * CHUNK, end: content.length - 1 };
    expect((await read(rest)).equals(content.subarray(2 * CHUNK))).toBe(true);
  });

  test.each([
    ['at the border of a chunk', HEADER + 3 * SEALED, 'its end is missing from chunk 3 on'],
    ['within a chunk', HEADER + 2 * SEALED + 9, 'its end is missing from chunk 2 on'],
    ['by one byte', HEADER + 3 * SEALED + 1015, 'its end is missing from chunk 3 on'],
    ['behind the header', HEADER, 'its end is missing from chunk 0 on'],
    ['within the header', HEADER - 1, 'does not begin as a sealed clip'],
    ['to nothing', 0, 'does not begin as a sealed clip'],
  ])('cut short %s: no range of it', async (_, size, what) => {
    fs.truncateSync(path, size);
    const error = { ...whole, message: expect.stringContaining(what) };
    await expect(read()).rejects.toMatchObject(error);
    await expect(read({ start: 0, end: 10 })).rejects.toMatchObject(error);
    await expect(sealedSize(path, key)).rejects.toMatchObject(error);
  });

  test('made longer', async () => {
    fs.appendFileSync(path, 'x');
    await expect(read()).rejects.toMatchObject({
      ...whole,
      message: expect.stringContaining('behind its end'),
    });
  });

  test('cut short at a chunk, with a length that says so', async () => {
    fs.truncateSync(path, HEADER + 3 * SEALED);
    change((bytes) => {
      bytes.writeBigUInt64BE(BigInt(3 * CHUNK), 16);
      return bytes;
    });
    await expect(read()).rejects.toMatchObject(whole);
  });

  test('two chunks swapped', async () => {
    change((bytes) => {
      const [one, two] = [1, 2].map((index) => Buffer.from(chunk(bytes, index)));
      two?.copy(bytes, HEADER + SEALED);
      one?.copy(bytes, HEADER + 2 * SEALED);
      return bytes;
    });
    for (const index of [1, 2])
      await expect(read({ start: index * CHUNK, end: index * CHUNK })).rejects.toMatchObject(whole);
  });

  test('a chunk of another clip', async () => {
    const other = join(folder, 'other.mp4');
    await seal(other, key, content, 997);
    change((bytes) => {
      chunk(fs.readFileSync(other), 1).copy(bytes, HEADER + SEALED);
      return bytes;
    });
    await expect(read()).rejects.toMatchObject(whole);
  });

  test.each([
    ['magic', 0, 'CA_CLIP_DAMAGED'],
    ['version', 7, 'CA_CLIP_DAMAGED'],
    ['key id', 8, 'CA_VAULT_WRONG_KEY'],
    ['length', 23, 'CA_CLIP_DAMAGED'],
    ['nonce', 24, 'CA_CLIP_DAMAGED'],
    ['wrapped key', 40, 'CA_CLIP_DAMAGED'],
    ['tag', 83, 'CA_CLIP_DAMAGED'],
  ])('header: %s', async (_, place, code) => {
    flip(place);
    await expect(read()).rejects.toMatchObject({ ...whole, code });
    await expect(sealedSize(path, key)).rejects.toMatchObject({ code });
  });

  test('another device key: both are named', async () => {
    const other = parseDeviceKey(randomBytes(32).toString('hex'));
    const error = await sealedSize(path, other).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'CA_VAULT_WRONG_KEY' });
    expect(error.message).toMatch(new RegExp(`clip\\.mp4 was .*${key.id}.*${other.id}`));
  });

  test('not there, not to be read', async () => {
    await expect(read(undefined, join(folder, 'none'))).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
    await expect(read(undefined, folder)).rejects.toMatchObject({
      code: 'CA_VAULT_UNREADABLE',
      cause: { code: 'EISDIR' },
    });
  });

  afterEach(() => expect(descriptors(folder)).toBe(0));
});

it('reads only the chunks that are asked for, and closes the file when the reader goes', async () => {
  const long = randomBytes(20 * CHUNK);
  await seal(path, key, long);
  let bytes = 0;
  const { read: reading } = handles;
  vi.spyOn(handles, 'read').mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
    const result = await reading.apply(this, args as never);
    bytes += result.bytesRead;
    return result as never;
  });
  await read({ start: 5 * CHUNK - 1, end: 5 * CHUNK });
  expect(bytes).toBe(HEADER + 2 * SEALED);
  for await (const _ of openSealed(path, key)) {
    expect(descriptors(path)).toBe(1);
    break;
  }
  expect(descriptors(path)).toBe(0);
  expect(bytes).toBe(2 * HEADER + 3 * SEALED);
});
