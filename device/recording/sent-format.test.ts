import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HEADER } from './sealed-file.ts';
import { recipientId, sentHead } from './sent-clip.ts';

/** The bytes that a page gives under a name. */
function vector(page: 'sent-format.md' | 'vault-format.md', name: string): Buffer {
  const text = readFileSync(join(import.meta.dirname, page), 'utf8');
  const found = new RegExp(`^${name}  +([0-9a-f]+(?:\n +[0-9a-f]+)*)$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`${page} has no vector "${name}"`);
  return Buffer.from(found.replace(/\s/g, ''), 'hex');
}

/** An X25519 private key out of its bytes (RFC 8410 §7). */
function privateKey(raw: Buffer) {
  const prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'pkcs8' });
}

const recipient = createPublicKey(privateKey(vector('sent-format.md', 'private key')));
const sent = vector('sent-format.md', 'sent clip');

test('public key and key id', () => {
  const { x = '' } = recipient.export({ format: 'jwk' });
  expect(Buffer.from(x, 'base64url')).toEqual(vector('sent-format.md', 'public key'));
  expect(recipientId(recipient)).toBe(sent.toString('hex', 8, 16));
});

test('a sent clip', () => {
  const file = vector('vault-format.md', 'sealed file');
  const head = sentHead(recipient, {
    header: file.subarray(0, HEADER),
    key: createSecretKey(vector('vault-format.md', 'clip key')),
    ephemeral: privateKey(vector('sent-format.md', 'ephemeral key')),
  });
  expect(Buffer.concat([head, file.subarray(HEADER)]).toString('hex')).toBe(sent.toString('hex'));
});
