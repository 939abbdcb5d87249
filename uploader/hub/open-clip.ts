import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { CaError, messageOf } from '../../device/errors.ts';

/**
 * Opens a clip that a device has sealed for a recipient, with the recipient's private key. Written from
 * `device/recording/sent-format.md` alone and sharing no code with the device, so that each proves the other.
 *
 *     node uploader/hub/open-clip.ts FILE --key hub.pem > clip.mp4
 */

const MAGIC = Buffer.from('CA-SENT\x01', 'latin1');
/** Where the fields of the head end. */
const KEY_ID_END = 16;
const CONTEXT_END = 32;
const INFO_END = 40;
const ENC_END = 72;
const HEAD = 120;
const CHUNK = 65_536;
const TAG = 16;

const KEM_SUITE = Buffer.from('KEM\x00\x20', 'latin1');
const SUITE = Buffer.from('HPKE\x00\x20\x00\x01\x00\x02', 'latin1');

/**
 * The content, chunk by chunk. Nothing of a chunk is given before its tag has been checked; what was given before an
 * error is true, but not the whole clip. Throws CA_CLIP_DAMAGED; CA_VAULT_WRONG_KEY where it was sealed for another key.
 */
export async function* openClip(
  source: AsyncIterable<Uint8Array>,
  privateKey: KeyObject,
): AsyncGenerator<Buffer> {
  const input = new Input(source);
  try {
    const head = await input.take(HEAD);
    const key = clipKey(head, privateKey);
    const context = head.subarray(KEY_ID_END, CONTEXT_END);
    const length = head.readBigUInt64BE(CONTEXT_END);
    if (length < 1n || length > BigInt(CHUNK) * 2n ** 32n) throw damaged('it has no possible length');
    const chunks = Number((length + BigInt(CHUNK) - 1n) / BigInt(CHUNK));
    for (let index = 0; index < chunks; index++) {
      const last = index === chunks - 1;
      const bytes = (last ? Number(length - BigInt(index) * BigInt(CHUNK)) : CHUNK) + TAG;
      const sealed = await input.take(bytes);
      if (sealed.length < bytes) throw damaged(`it ends in chunk ${index} of ${chunks}`);
      if (last && (await input.take(1)).length > 0) throw damaged('something stands behind its end');
      yield openChunk(sealed, { key, context, index, last });
    }
  } finally {
    await input.close();
  }
}

/** 16 hex digits that tell a recipient's keys apart: `keyId` of `clip.uploaded`. */
export function keyIdOf(key: KeyObject): string {
  return createHash('sha256').update(rawPublic(key)).digest('hex').slice(0, 16);
}

/** HPKE (RFC 9180), base mode, SetupBaseR and the first Open; DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
function clipKey(head: Buffer, privateKey: KeyObject): Buffer {
  if (head.length < HEAD || !head.subarray(0, MAGIC.length).equals(MAGIC))
    throw damaged('it does not begin as a sent clip does');
  const id = head.toString('hex', MAGIC.length, KEY_ID_END);
  if (id !== keyIdOf(privateKey)) {
    const remedy = 'Give the private key of the recipient that `uploads.clips` of the device named then.';
    const message = `the clip was sealed for key ${id}, this one is ${keyIdOf(privateKey)}`;
    throw new CaError('CA_VAULT_WRONG_KEY', message, { remedy });
  }
  try {
    const enc = head.subarray(INFO_END, ENC_END);
    const kemContext = Buffer.concat([enc, rawPublic(privateKey)]);
    const prk = labeledExtract(KEM_SUITE, '', 'eae_prk', sharedSecret(enc, privateKey));
    const secret = labeledExtract(
      SUITE,
      labeledExpand(KEM_SUITE, prk, 'shared_secret', kemContext, 32),
      'secret',
      '',
    );
    const context = Buffer.concat([
      Buffer.from([0]),
      labeledExtract(SUITE, '', 'psk_id_hash', ''),
      labeledExtract(SUITE, '', 'info_hash', head.subarray(0, INFO_END)),
    ]);
    const key = labeledExpand(SUITE, secret, 'key', context, 32);
    const nonce = labeledExpand(SUITE, secret, 'base_nonce', context, 12);
    return decrypt({ key, nonce }, head.subarray(ENC_END, HEAD));
  } catch (cause) {
    throw damaged('its head is not what was written', cause);
  }
}

function sharedSecret(enc: Buffer, privateKey: KeyObject): Buffer {
  const jwk = { kty: 'OKP', crv: 'X25519', x: enc.toString('base64url') };
  const secret = diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) });
  if (secret.every((byte) => byte === 0)) throw new Error('a point of small order');
  return secret;
}

function labeledExtract(suite: Buffer, salt: Buffer | '', label: string, ikm: Buffer | ''): Buffer {
  return createHmac('sha256', salt).update('HPKE-v1').update(suite).update(label).update(ikm).digest();
}

function labeledExpand(suite: Buffer, prk: Buffer, label: string, info: Buffer, bytes: number): Buffer {
  const labeled = [Buffer.from([0, bytes]), Buffer.from('HPKE-v1'), suite, Buffer.from(label), info];
  const block = Buffer.concat([...labeled, Buffer.from([1])]);
  return createHmac('sha256', prk).update(block).digest().subarray(0, bytes);
}

function openChunk(
  sealed: Buffer,
  { key, context, index, last }: { key: Buffer; context: Buffer; index: number; last: boolean },
): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index);
  nonce[4] = last ? 1 : 0;
  try {
    return decrypt({ key, nonce, aad: context }, sealed);
  } catch (cause) {
    throw damaged(`chunk ${index} is not what was written`, cause);
  }
}

function decrypt({ key, nonce, aad }: { key: Buffer; nonce: Buffer; aad?: Buffer }, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
  if (aad) decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-TAG));
  const content = decipher.update(sealed.subarray(0, -TAG));
  decipher.final();
  return content;
}

function rawPublic(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function damaged(what: string, cause?: unknown): CaError {
  return new CaError('CA_CLIP_DAMAGED', `the clip is damaged: ${what}`, { cause });
}

/** Takes bytes from a stream by number. */
class Input {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next bytes; fewer only where the stream ends. */
  async take(bytes: number): Promise<Buffer> {
    const parts = [this.#held];
    let there = this.#held.length;
    while (there < bytes) {
      const next = await this.#source.next();
      if (next.done) break;
      parts.push(Buffer.from(next.value));
      there += next.value.length;
    }
    const all = Buffer.concat(parts);
    this.#held = all.subarray(bytes);
    return all.subarray(0, bytes);
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { key: { type: 'string' } } });
  const [file] = positionals;
  if (file === undefined || values.key === undefined || positionals.length !== 1)
    throw new CaError('CA_USAGE', 'which file, and which key?', {
      remedy: 'node uploader/hub/open-clip.ts FILE --key hub.pem > clip.mp4',
    });
  const privateKey = createPrivateKey(readFileSync(values.key));
  if (privateKey.asymmetricKeyType !== 'x25519')
    throw new CaError('CA_RECIPIENT_INVALID', `${values.key} holds no X25519 key`);
  await pipeline(openClip(createReadStream(file), privateKey), process.stdout, { end: false });
}

if (import.meta.main)
  await main().catch((error) => {
    const lines = error instanceof CaError ? [error.code, error.message, error.remedy] : [messageOf(error)];
    console.error(lines.join('\n'));
    process.exitCode = 1;
  });
