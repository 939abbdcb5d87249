import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { onFullDisk } from '../../test/stand-ins/full-disk.ts';
import { CaError } from '../errors.ts';
import { type DeviceKey, parseDeviceKey } from './device-key.ts';
import { Spool, type SpooledSegment } from './spool.ts';

const newKey = () => parseDeviceKey(randomBytes(32).toString('hex'));
const MARKER = Buffer.from('what was said at the desk');
/** Magic and wrapped key. */
const HEADER = 8 + 60;

let parent: string;
let folder: string;
let key: DeviceKey;
let spool: Spool;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'spool-'));
  folder = join(parent, 'spool');
  key = newKey();
  spool = new Spool(folder, () => key);
});
afterEach(() => rm(parent, { recursive: true }));

const segment = (n: number, size = 100): SpooledSegment => ({
  zero: -3_000,
  name: `000001-00000${n}.ts`,
  // Of any bytes, among them what ends the line that stands before them.
  bytes: Buffer.concat([Buffer.from('\n'), MARKER, randomBytes(size)]),
});

/** A contact's spool as a crash leaves it. Returns its path. */
async function spooled(contactId: string, segments: SpooledSegment[]): Promise<string> {
  const file = await spool.begin(contactId);
  for (const segment of segments) await file.append(segment);
  await file.close();
  return join(folder, `${contactId}.spool`);
}

async function all(from: Spool, contactId = 'c-1'): Promise<SpooledSegment[]> {
  const segments: SpooledSegment[] = [];
  for await (const segment of from.read(contactId)) segments.push(segment);
  return segments;
}

it('gives back what it was given, in its order, to the next process, too', async () => {
  const segments = [segment(1), segment(2, 300_000), { ...segment(3), bytes: Buffer.alloc(0) }];
  await spooled('c-1', segments);
  await spooled('c-2', [segment(4)]);
  const next = new Spool(folder, () => key);
  expect(await all(next)).toEqual(segments);
  expect((await next.contacts()).sort()).toEqual(['c-1', 'c-2']);
  expect(await all(next, 'c-3')).toEqual([]);
});

it('can be read while it is written', async () => {
  const file = await spool.begin('c-1');
  const segments = [segment(1), segment(2)];
  for (const [n, segment] of segments.entries()) {
    await file.append(segment);
    expect(await all(spool)).toHaveLength(n + 1);
  }
  await file.close();
});

it('has no contacts, and destroys nothing, where there is no folder', async () => {
  expect(await spool.contacts()).toEqual([]);
  await spool.destroy('c-1');
});

it('shows nothing to whoever takes the disk, nor to other users of this machine', async () => {
  const path = await spooled('c-1', [segment(1), segment(2)]);
  const bytes = await readFile(path);
  expect(bytes.includes(MARKER)).toBe(false);
  expect(bytes.includes('000001')).toBe(false);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

it('writes the same segment differently each time', async () => {
  const twice = segment(1);
  const bytes = await readFile(await spooled('c-1', [twice, twice]));
  const [first, second] = [
    bytes.subarray(HEADER, (HEADER + bytes.length) / 2),
    bytes.subarray((HEADER + bytes.length) / 2),
  ];
  expect(first.length).toBe(second.length);
  expect(first.subarray(0, 4)).toEqual(second.subarray(0, 4));
  expect(first.subarray(4).equals(second.subarray(4))).toBe(false);
});

it('ends before a record that the power cut left unfinished, wherever it was torn', async () => {
  const whole = [segment(1), segment(2)];
  const path = await spooled('c-1', whole);
  const { size: before } = await stat(path);
  await spool.destroy('c-1');
  const bytes = await readFile(await spooled('c-1', [...whole, segment(3)]));
  for (let length = before; length < bytes.length; length++) {
    await writeFile(path, bytes.subarray(0, length));
    expect(await all(spool)).toEqual(whole);
  }
});

it('has nothing where the power was cut before the first record', async () => {
  const bytes = await readFile(await spooled('c-1', [segment(1)]));
  for (let length = 0; length < HEADER; length++) {
    await writeFile(join(folder, 'c-1.spool'), bytes.subarray(0, length));
    expect(await all(spool)).toEqual([]);
  }
});

it('says so when a byte of a record has changed, and gives nothing of that record', async () => {
  const path = await spooled('c-1', [segment(1), segment(2)]);
  const bytes = await readFile(path);
  const record = (bytes.length - HEADER) / 2;
  // Nonce, ciphertext and tag of the second record.
  for (let at = HEADER + record + 4; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ 0x01;
    await writeFile(path, flipped);
    const got: SpooledSegment[] = [];
    const reading = (async () => {
      for await (const segment of spool.read('c-1')) got.push(segment);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'CA_CLIP_DAMAGED' });
    expect(got).toHaveLength(1);
  }
});

it('cannot be read with another device key, and says that it is the key', async () => {
  const path = await spooled('c-1', [segment(1)]);
  const other = new Spool(folder, newKey);
  await expect(all(other)).rejects.toMatchObject({ code: 'CA_VAULT_WRONG_KEY' });
  const bytes = await readFile(path);
  bytes[HEADER - 1] = (bytes[HEADER - 1] ?? 0) ^ 0x01;
  await writeFile(path, bytes);
  await expect(all(spool)).rejects.toMatchObject({ code: 'CA_VAULT_WRONG_KEY' });
});

it('leaves nothing behind when there is no key, and asks for it again', async () => {
  let there = false;
  const locked = new Spool(folder, () => {
    if (there) return key;
    throw new CaError('CA_SECRET_UNREADABLE', 'no key');
  });
  await expect(locked.begin('c-1')).rejects.toMatchObject({ code: 'CA_SECRET_UNREADABLE' });
  expect(await locked.contacts()).toEqual([]);
  there = true;
  await (await locked.begin('c-1')).close();
});

it('destroys the key before it lets go of the file', async () => {
  const path = await spooled('c-1', [segment(1)]);
  const thief = join(parent, 'thief');
  await link(path, thief);
  await spool.destroy('c-1');
  expect(existsSync(path)).toBe(false);
  const left = await readFile(thief);
  expect(left.subarray(0, HEADER).equals(Buffer.alloc(HEADER))).toBe(true);
  await link(thief, path);
  expect(await all(spool)).toEqual([]);
});

it('can be destroyed twice at once, and then begun anew', async () => {
  await spooled('c-1', [segment(1)]);
  await Promise.all([spool.destroy('c-1'), spool.destroy('c-1'), spool.destroy('c-1')]);
  expect(await readdir(folder)).toEqual([]);
  await spooled('c-1', [segment(2)]);
});

it('does not write over the file of a contact', async () => {
  const segments = [segment(1)];
  await spooled('c-1', segments);
  await expect(spool.begin('c-1')).rejects.toMatchObject({ code: 'CA_VAULT_UNWRITABLE' });
  expect(await all(spool)).toEqual(segments);
});

it('says what it is that keeps it from writing', async () => {
  await writeFile(folder, 'a file where the folder belongs');
  await expect(spool.begin('c-1')).rejects.toMatchObject({
    code: 'CA_VAULT_UNWRITABLE',
    cause: { code: 'EEXIST' },
  });
});

it('goes on when the disk has room again: a record of which a part was written is written anew', async () => {
  const [first, refused, last] = [segment(1), segment(2, 5_000), segment(3)];
  const file = await spool.begin('c-1');
  await file.append(first);
  const length = async () => (await stat(join(folder, 'c-1.spool'))).size;
  const size = await length();
  // Within the length, at its end, within nonce and content.
  for (const room of [2, 4, 10, 3_000]) {
    await onFullDisk(size + room, async () => {
      await expect(file.append(refused)).rejects.toMatchObject({
        code: 'CA_VAULT_UNWRITABLE',
        cause: { code: 'EFBIG' },
      });
    });
    expect(await length()).toBe(size + room);
    // What a crash would find now.
    expect(await all(spool)).toEqual([first]);
  }
  await file.append(refused);
  await file.append(last);
  await file.close();
  expect(await all(spool)).toEqual([first, refused, last]);
});

it('can be begun again after the disk has refused its beginning', async () => {
  await spooled('c-0', []);
  await onFullDisk(HEADER - 1, async () => {
    await expect(spool.begin('c-1')).rejects.toMatchObject({ code: 'CA_VAULT_UNWRITABLE' });
  });
  expect(await spool.contacts()).toEqual(['c-0']);
  await spooled('c-1', [segment(1)]);
});
