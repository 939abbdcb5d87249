import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { openToSend } from '../../device/recording/sent-clip.ts';
import { keyIdOf, openClip } from '../../uploader/hub/open-clip.ts';
import { seal } from '../stand-ins/sealed-files.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'device/recording/sent-format.md'), 'utf8');
const HEAD = 120;
const SEALED = CHUNK + 16;
let folder: string;
let pem: string;
let hub: KeyObject;
/** Four chunks, the last of 1000 bytes. */
const content = randomBytes(3 * CHUNK + 1000);
let sent: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-open-'));
  // The keys are made by the commands of the page.
  const commands = page.match(/^openssl .*$/gm) ?? [];
  expect(commands).toHaveLength(3);
  const told = commands.map((command) => execFileSync('sh', ['-c', command], { cwd: folder }).toString());
  pem = join(folder, 'hub.pem');
  hub = createPrivateKey(readFileSync(pem));
  expect(told[2]?.replace(/\s/g, '')).toBe(keyIdOf(hub));
  sent = await sentOf(content);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function sentOf(bytes: Buffer): Promise<Buffer> {
  const path = join(folder, `${randomBytes(4).toString('hex')}.mp4`);
  const key = parseDeviceKey(randomBytes(32).toString('hex'));
  await seal(path, key, bytes);
  const recipient = createPublicKey(readFileSync(join(folder, 'hub.pub.pem')));
  const clip = await openToSend(path, { key, recipient, head: null });
  const all = await clip.read(0, clip.bytes);
  await clip.close();
  return all;
}

/** What is told of the clip, and why nothing more. */
async function opened(bytes: Buffer, { key = hub, piece = 40_000 } = {}) {
  const told: Buffer[] = [];
  const source = async function* () {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  };
  const error = await (async () => {
    for await (const chunk of openClip(source(), key)) told.push(chunk);
    return null;
  })().catch((thrown: unknown) => thrown);
  return { told: Buffer.concat(told), error };
}

describe('a sent clip', () => {
  it.each([1, 1000, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 77])(
    'of %i bytes is opened by the hub, and by a reader written from the page alone',
    async (length) => {
      const bytes = randomBytes(length);
      const all = await sentOf(bytes);
      expect((await opened(all)).told.equals(bytes)).toBe(true);
      const file = join(folder, 'sent');
      writeFileSync(file, all);
      const reader = join(root, 'test/stand-ins/open-sent.py');
      expect(execFileSync('/usr/bin/python3', [reader, pem, file]).equals(bytes)).toBe(true);
    },
  );

  it.each([1, 119, 65_552, 1_000_000])('may come in pieces of %i bytes', async (piece) => {
    const { told, error } = await opened(sent, { piece });
    expect(error).toBeNull();
    expect(told.equals(content)).toBe(true);
  });

  it('is opened on the command line, which fails with the reason where it cannot be', () => {
    const file = join(folder, 'clip');
    writeFileSync(file, sent);
    const open = (...args: string[]) =>
      spawnSync(process.execPath, [join(root, 'uploader/hub/open-clip.ts'), ...args], { maxBuffer: 1e7 });
    const good = open(file, '--key', pem);
    expect(good.stderr.toString()).toBe('');
    expect(good.status).toBe(0);
    expect(good.stdout.equals(content)).toBe(true);
    writeFileSync(file, sent.subarray(0, -1));
    const bad = open(file, '--key', pem);
    expect(bad.status).toBe(1);
    expect(bad.stderr.toString()).toContain('CA_CLIP_DAMAGED\nthe clip is damaged: it ends in chunk 3 of 4');
    expect(open(file).stderr.toString()).toContain('CA_USAGE');
  });
});

describe('what was not written so', () => {
  const changed = (place: number, by = 0x10) => {
    const bytes = Buffer.from(sent);
    bytes[place] = (bytes[place] ?? 0) ^ by;
    return bytes;
  };

  it.each([0x01, 0x80])('any byte of the head changed (by %i): nothing is told', async (by) => {
    for (let place = 0; place < HEAD; place++) {
      const { told, error } = await opened(changed(place, by));
      // Another key id is another key, as far as anybody can tell.
      const code = place >= 8 && place < 16 ? 'CA_VAULT_WRONG_KEY' : 'CA_CLIP_DAMAGED';
      expect([place, told.length, (error as { code?: string })?.code]).toEqual([place, 0, code]);
    }
  });

  it.each([
    ['first byte', HEAD + 2 * SEALED],
    ['last byte', HEAD + 3 * SEALED - 17],
    ['tag', HEAD + 3 * SEALED - 1],
  ])('the %s of chunk 2 changed: two chunks are told, nothing of that one', async (_, place) => {
    const { told, error } = await opened(changed(place));
    expect(error).toMatchObject({ code: 'CA_CLIP_DAMAGED', message: expect.stringContaining('chunk 2') });
    expect(told.equals(content.subarray(0, 2 * CHUNK))).toBe(true);
  });

  it('chunks in another order', async () => {
    const [a, b] = [HEAD + SEALED, HEAD + 2 * SEALED];
    const swapped = Buffer.concat([
      sent.subarray(0, a),
      sent.subarray(b, b + SEALED),
      sent.subarray(a, b),
      sent.subarray(b + SEALED),
    ]);
    const { told, error } = await opened(swapped);
    expect(error).toMatchObject({ code: 'CA_CLIP_DAMAGED' });
    expect(told).toHaveLength(CHUNK);
  });

  it.each([0, 50, HEAD, HEAD + 10, HEAD + SEALED, HEAD + 3 * SEALED, -1])('cut off at %i', async (at) => {
    const { told, error } = await opened(sent.subarray(0, at));
    expect(error).toMatchObject({ code: 'CA_CLIP_DAMAGED' });
    expect(told.length % CHUNK).toBe(0);
    expect(told.length).toBeLessThan(content.length);
  });

  it('something behind its end, chunks of another clip, a length that was shortened to fit', async () => {
    const behind = await opened(Buffer.concat([sent, Buffer.alloc(1)]));
    expect(behind.error).toMatchObject({ message: expect.stringContaining('behind its end') });
    expect(behind.told).toHaveLength(3 * CHUNK);
    const other = await sentOf(content);
    const mixed = await opened(Buffer.concat([sent.subarray(0, HEAD), other.subarray(HEAD)]));
    expect([mixed.told.length, mixed.error]).toMatchObject([0, { code: 'CA_CLIP_DAMAGED' }]);
    const shortened = Buffer.from(sent.subarray(0, HEAD + SEALED));
    shortened.writeBigUInt64BE(BigInt(CHUNK), 32);
    expect(await opened(shortened)).toMatchObject({
      told: Buffer.alloc(0),
      error: { code: 'CA_CLIP_DAMAGED' },
    });
  });

  it('an ephemeral key of small order, and a clip for somebody else', async () => {
    const weak = Buffer.from(sent).fill(0, 40, 72);
    expect(await opened(weak)).toMatchObject({ told: Buffer.alloc(0), error: { code: 'CA_CLIP_DAMAGED' } });
    execFileSync('openssl', ['genpkey', '-algorithm', 'X25519', '-out', join(folder, 'other.pem')]);
    const key = createPrivateKey(readFileSync(join(folder, 'other.pem')));
    const { error } = await opened(sent, { key });
    expect(error).toMatchObject({
      code: 'CA_VAULT_WRONG_KEY',
      message: expect.stringContaining(keyIdOf(hub)),
    });
  });

  it('a source that fails is not taken for its end, and is closed', async () => {
    let closed = false;
    const source = async function* () {
      try {
        yield sent.subarray(0, HEAD + SEALED + 5);
        throw new Error('connection reset');
      } finally {
        closed = true;
      }
    };
    const told: Buffer[] = [];
    await expect(async () => {
      for await (const chunk of openClip(source(), hub)) told.push(chunk);
    }).rejects.toThrow('connection reset');
    expect(Buffer.concat(told)).toHaveLength(CHUNK);
    expect(closed).toBe(true);
  });
});
