import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { descriptors, seal } from '../../test/stand-ins/sealed-files.ts';
import { parseDeviceKey } from './device-key.ts';
import { CHUNK, HEADER } from './sealed-file.ts';
import { destroySealed } from './sealed-writer.ts';
import { openToSend, recipientId, type Sending } from './sent-clip.ts';
import { ClipVault } from './vault.ts';

const key = parseDeviceKey(randomBytes(32).toString('hex'));
const recipient = generateKeyPairSync('x25519').publicKey;
/** Three chunks, the last of 1000 bytes. */
const content = randomBytes(2 * CHUNK + 1000);
const HEAD = 120;
const DAY = '2026-01-05';
let folder: string;
let path: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-sent-'));
  mkdirSync(join(folder, DAY));
  path = join(folder, DAY, 'c1.mp4');
  await seal(path, key, content);
});
afterEach(() => {
  expect(descriptors(folder)).toBe(0);
  rmSync(folder, { recursive: true });
});

async function send(sending: Partial<Sending> = {}, piece = Number.POSITIVE_INFINITY) {
  const sent = await openToSend(path, { key, recipient, head: null, ...sending });
  try {
    const bytes: Buffer[] = [];
    for (let at = 0; at < sent.bytes; at += piece) bytes.push(await sent.read(at, at + piece));
    return { ...sent, all: Buffer.concat(bytes) };
  } finally {
    await sent.close();
  }
}

describe('the form for the device', () => {
  it('is the file as it lies there', async () => {
    const sent = await send({ recipient: null });
    expect(sent.all.equals(readFileSync(path))).toBe(true);
    expect(sent).toMatchObject({ sealedFor: 'device', keyId: key.id, bytes: sent.all.length });
    expect(sent.head).toHaveLength(0);
    expect((await send({ recipient: null, head: sent.head })).all.equals(sent.all)).toBe(true);
  });
});

describe('the form for a recipient', () => {
  it('is a head and the chunks of the file, and holds nothing of what opens the file with the device key', async () => {
    const sent = await send();
    const file = readFileSync(path);
    expect(sent).toMatchObject({ sealedFor: 'recipient', keyId: recipientId(recipient) });
    expect(sent.head).toHaveLength(HEAD);
    expect(sent.all).toHaveLength(sent.bytes);
    expect(sent.all.subarray(0, HEAD).equals(sent.head)).toBe(true);
    expect(sent.all.subarray(HEAD).equals(file.subarray(HEADER))).toBe(true);
    expect(sent.all.includes(file.subarray(36, HEADER))).toBe(false);
  });

  it.each([1000, 119, 120, 121, CHUNK, 65_536 * 2 + 7])(
    'is the same read in pieces of %i bytes',
    async (piece) => {
      const { head, all } = await send();
      expect((await send({ head }, piece)).all.equals(all)).toBe(true);
    },
  );

  it('gives what there is, and no more, at its ends', async () => {
    const sent = await openToSend(path, { key, recipient, head: null });
    expect(await sent.read(sent.bytes - 1, sent.bytes + 10)).toHaveLength(1);
    expect(await sent.read(sent.bytes + 5, sent.bytes + 10)).toHaveLength(0);
    expect(await sent.read(7, 7)).toHaveLength(0);
    expect((await sent.read(100, 140)).subarray(0, 20).equals(sent.head.subarray(100))).toBe(true);
    await sent.close();
  });

  it('has the same bytes again with the head that was kept, and others without', async () => {
    const first = await send();
    expect((await send({ head: first.head })).all.equals(first.all)).toBe(true);
    const other = (await send()).all;
    expect(other.subarray(0, 40).equals(first.all.subarray(0, 40))).toBe(true);
    expect(other.subarray(40, HEAD).equals(first.all.subarray(40, HEAD))).toBe(false);
  });

  it('does not go on with the head of another recipient, form, version or clip', async () => {
    const { head } = await send();
    const changed = { code: 'CA_RECIPIENT_CHANGED' };
    const other = generateKeyPairSync('x25519').publicKey;
    await expect(send({ head, recipient: other })).rejects.toMatchObject(changed);
    await expect(send({ head, recipient: null })).rejects.toMatchObject(changed);
    await expect(send({ head: Buffer.alloc(0) })).rejects.toMatchObject(changed);
    const version = Buffer.from(head);
    version[7] = 2;
    await expect(send({ head: version })).rejects.toMatchObject(changed);
    await destroySealed(path);
    await seal(path, key, content.subarray(1));
    await expect(send({ head })).rejects.toMatchObject(changed);
  });
});

describe('a recipient that cannot be', () => {
  const raw = (hex: string) =>
    createPublicKey({
      key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(hex, 'hex').toString('base64url') },
      format: 'jwk',
    });
  const wrong: [string, KeyObject][] = [
    ['a key of another kind', generateKeyPairSync('ed25519').publicKey],
    ['a private key', generateKeyPairSync('x25519').privateKey],
    // RFC 7748 §6.1 and the points of order 1, 2, 4 and 8 (https://cr.yp.to/ecdh.html#validate).
    ['the point 0', raw('00'.repeat(32))],
    ['the point 1', raw(`01${'00'.repeat(31)}`)],
    ['a point of order 8', raw('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800')],
    ['another of order 8', raw('5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157')],
    ['p − 1', raw(`ec${'ff'.repeat(30)}7f`)],
    ['p', raw(`ed${'ff'.repeat(30)}7f`)],
    ['p + 1', raw(`ee${'ff'.repeat(30)}7f`)],
  ];
  it.each(wrong)('%s', async (_, recipient) => {
    await expect(send({ recipient })).rejects.toMatchObject({ code: 'CA_RECIPIENT_INVALID' });
  });
});

describe('a clip that goes while it is sent', () => {
  it.each([null, recipient])('is not found once it is destroyed', async (to) => {
    const sent = await openToSend(path, { key, recipient: to, head: null });
    await sent.read(0, 1000);
    await destroySealed(path);
    await expect(sent.read(1000, 2000)).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
    await sent.close();
    await expect(send({ recipient: to })).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
  });

  it.each([null, recipient])(
    'is not found once its key is destroyed, though the file is still there',
    async (to) => {
      const sent = await openToSend(path, { key, recipient: to, head: null });
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0, 24, HEADER));
      await expect(sent.read(HEADER, 2000)).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
      await sent.close();
      await expect(send({ recipient: to })).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
    },
  );

  it('is not found once another hand has removed it', async () => {
    const sent = await openToSend(path, { key, recipient, head: null });
    unlinkSync(path);
    await expect(sent.read(0, 2000)).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
    await sent.close();
  });

  it('is damaged when its end is cut off or its header changed, before or meanwhile', async () => {
    const sent = await openToSend(path, { key, recipient, head: null });
    const bytes = readFileSync(path);
    truncateSync(path, bytes.length - 1);
    await expect(sent.read(0, sent.bytes)).rejects.toMatchObject({ code: 'CA_CLIP_DAMAGED' });
    await expect(send()).rejects.toMatchObject({ code: 'CA_CLIP_DAMAGED' });
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await expect(sent.read(0, 10)).rejects.toMatchObject({ code: 'CA_CLIP_DAMAGED' });
    await sent.close();
    await expect(send()).rejects.toMatchObject({ code: 'CA_CLIP_DAMAGED' });
  });

  it('of another device key is told as such', async () => {
    const other = parseDeviceKey(randomBytes(32).toString('hex'));
    await expect(send({ key: other })).rejects.toMatchObject({ code: 'CA_VAULT_WRONG_KEY' });
  });
});

it('is had from the vault by its name', async () => {
  const vault = new ClipVault({ folder, key: () => key });
  const sent = await vault.toSend(`${DAY}/c1.mp4`, recipient, null);
  expect((await sent.read(0, 8)).toString('latin1')).toBe('CA-SENT\x01');
  await sent.close();
  for (const name of [`${DAY}/c2.mp4`, '../c1.mp4'])
    await expect(vault.toSend(name, null, null)).rejects.toMatchObject({ code: 'CA_CLIP_NOT_FOUND' });
});

it('names a recipient by its raw public key', () => {
  const pem = createPublicKey(
    createPrivateKey(generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
  );
  expect(recipientId(pem)).toMatch(/^[0-9a-f]{16}$/);
  expect(recipientId(pem)).not.toBe(recipientId(recipient));
});
