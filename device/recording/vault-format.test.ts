import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseDeviceKey } from './device-key.ts';
import { CHUNK } from './sealed-file.ts';
import { openSealed } from './sealed-reader.ts';
import { SealedWriter } from './sealed-writer.ts';

// The vectors need a key and a nonce that are known; nothing else of the code can be given any.
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  return { ...real, randomBytes: vi.fn(real.randomBytes) };
});

const page = readFileSync(join(import.meta.dirname, 'vault-format.md'), 'utf8');

/** The bytes that the page gives under a name. */
function vector(name: string): Buffer {
  const found = new RegExp(`^${name}  +([0-9a-f]+(?:\n +[0-9a-f]+)*)$`, 'm').exec(page)?.[1];
  if (found === undefined) throw new Error(`the page has no vector "${name}"`);
  return Buffer.from(found.replace(/\s/g, ''), 'hex');
}

const key = parseDeviceKey(vector('device key').toString('hex'));
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-format-'));
  path = join(folder, 'clip');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function sealed(content: Buffer): Promise<Buffer> {
  vi.mocked(randomBytes as (size: number) => Buffer)
    .mockImplementationOnce(() => vector('clip key'))
    .mockImplementationOnce(() => vector('wrapping nonce'));
  const writer = await SealedWriter.create(path, key);
  await writer.write(content.subarray(CHUNK));
  await writer.finish(content.subarray(0, CHUNK));
  return readFileSync(path);
}

test('key id', () => {
  expect(key.id).toBe(vector('key id').toString('hex'));
});

test('wrapping key', () => {
  const secret = vector('device key');
  const derived = hkdfSync('sha256', secret, '', 'contact-analyzer v1 key wrapping', 32);
  expect(Buffer.from(derived)).toEqual(vector('wrapping key'));
});

test('a file of one short chunk', async () => {
  const content = vector('content');
  expect((await sealed(content)).toString('hex')).toBe(vector('sealed file').toString('hex'));
  expect(await buffer(openSealed(path, key))).toEqual(content);
});

test('a file of three chunks', async () => {
  const bytes = await sealed(Buffer.from(Uint8Array.from({ length: 132_072 }, (_, i) => (i * 7) % 256)));
  expect(bytes).toHaveLength(132_204);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(vector('three chunks').toString('hex'));
});
