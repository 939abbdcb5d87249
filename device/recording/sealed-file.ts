import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { CaError } from '../errors.ts';
import { type DeviceKey, WRAPPED } from './device-key.ts';

/** The format of a sealed file, byte by byte; `vault-format.md` says it in words and tells why. Nothing here reads or writes. */

/** Bytes of the content in a chunk; the last one may have fewer, never none. */
export const CHUNK = 65_536;
const TAG = 16;
/** Bytes of a whole chunk as it is stored: ciphertext and tag. */
export const SEALED_CHUNK = CHUNK + TAG;
const CIPHER = 'aes-256-gcm';

const MAGIC = Buffer.from('CA-CLIP\x01', 'latin1');
const ID_END = 16;
const LENGTH_END = 24;
/** Bytes before the first chunk. */
export const HEADER = LENGTH_END + WRAPPED;

/** Where in the header the clip's key lies: destroying these bytes destroys the clip. */
export const KEY_PLACE = { position: LENGTH_END, bytes: WRAPPED } as const;

/** Where a chunk begins in the file. */
export const positionOf = (index: number) => HEADER + index * SEALED_CHUNK;

/** How many chunks `length` bytes of content make. */
export const chunksOf = (length: number) => Math.ceil(length / CHUNK);

/** Bytes of chunk `index` of a file with `length` bytes of content, its tag included. */
export const sealedChunk = (index: number, length: number) => Math.min(CHUNK, length - index * CHUNK) + TAG;

/** What chunks are encrypted with. */
export interface ChunkKey {
  /** 32 bytes, random, for this file alone. As a KeyObject: with bytes Node needs 20 µs more for each chunk. */
  readonly key: KeyObject;
  /** Beginning of the header: every chunk vouches for it. */
  readonly context: Buffer;
}

/** What the header of a finished file says. */
export interface SealedHeader extends ChunkKey {
  /** Bytes of the content. */
  readonly length: number;
}

/** The first bytes of a file sealed for `deviceKey`: what it is, and for which key. */
export function contextOf(deviceKey: DeviceKey): Buffer {
  return Buffer.concat([MAGIC, Buffer.from(deviceKey.id, 'hex')]);
}

/** The header of a finished file of `length` bytes of content. Without a length, that of one being written: nobody can open it. */
export function headerOf(
  context: Buffer,
  finished?: { length: number; wrap: (context: Buffer) => Buffer },
): Buffer {
  const header = Buffer.alloc(HEADER);
  context.copy(header);
  if (!finished) return header;
  header.writeBigUInt64BE(BigInt(finished.length), ID_END);
  finished.wrap(header.subarray(0, LENGTH_END)).copy(header, LENGTH_END);
  return header;
}

/** Whether a header has what is written last: the length, and behind it the key. */
export function isFinished(header: Buffer): boolean {
  return header.subarray(ID_END, LENGTH_END).some((byte) => byte !== 0);
}

/**
 * What the header of the file called `name` says. `size`: bytes of the file.
 * @throws CaError CA_CLIP_DAMAGED, CA_VAULT_WRONG_KEY
 */
export function readHeader(
  header: Buffer,
  { deviceKey, name, size }: { deviceKey: DeviceKey; name: string; size: number },
): SealedHeader {
  const context = header.subarray(0, ID_END);
  if (header.length < HEADER || !context.subarray(0, MAGIC.length).equals(MAGIC))
    throw damaged(name, 'it does not begin as a sealed clip does');
  const id = context.toString('hex', MAGIC.length);
  if (id !== deviceKey.id) {
    const message = `clip ${name} was sealed with device key ${id}, this device has ${deviceKey.id}`;
    throw new CaError('CA_VAULT_WRONG_KEY', message);
  }
  if (!isFinished(header)) throw damaged(name, 'it was never finished');
  if (header.subarray(LENGTH_END).every((byte) => byte === 0))
    throw damaged(name, 'its key has been destroyed');
  const key = unwrapped(header, deviceKey, name);
  const length = Number(header.readBigUInt64BE(ID_END));
  const expected = HEADER + length + chunksOf(length) * TAG;
  if (size !== expected) {
    const lost = `its end is missing from chunk ${Math.floor((size - HEADER) / SEALED_CHUNK)} on`;
    const what = size < expected ? lost : 'something stands behind its end';
    throw damaged(name, `${what} (${size} bytes instead of ${expected})`);
  }
  return { key, context, length };
}

/** A chunk as it is stored: ciphertext and tag, in pieces. `content`: its bytes, in pieces too, so that nobody has to copy them. */
export function sealChunk(
  { key, context }: ChunkKey,
  { index, last }: { index: number; last: boolean },
  content: readonly Buffer[],
): Buffer[] {
  const cipher = createCipheriv(CIPHER, key, nonceOf(index, last), { authTagLength: TAG });
  cipher.setAAD(context);
  const sealed = content.map((piece) => cipher.update(piece));
  cipher.final();
  return [...sealed, cipher.getAuthTag()];
}

/** The content of a stored chunk of the file called `name`. @throws CaError CA_CLIP_DAMAGED, and then nothing of it is told */
export function openChunk(
  { key, context, length }: SealedHeader,
  index: number,
  { sealed, name }: { sealed: Buffer; name: string },
): Buffer {
  const chunks = chunksOf(length);
  try {
    const nonce = nonceOf(index, index === chunks - 1);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG });
    decipher.setAAD(context);
    decipher.setAuthTag(sealed.subarray(-TAG));
    const content = decipher.update(sealed.subarray(0, -TAG));
    decipher.final();
    return content;
  } catch (cause) {
    throw damaged(name, `chunk ${index} of ${chunks} is not what was written`, cause);
  }
}

/** The file called `name` cannot be trusted. */
export function damaged(name: string, what: string, cause?: unknown): CaError {
  return new CaError('CA_CLIP_DAMAGED', `clip ${name} is damaged: ${what}`, { cause });
}

/** Chunk number and a flag on the last one (STREAM): a chunk fits in its own place of its own file only. */
function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index);
  nonce[4] = last ? 1 : 0;
  return nonce;
}

function unwrapped(header: Buffer, deviceKey: DeviceKey, name: string): KeyObject {
  try {
    return createSecretKey(
      deviceKey.unwrap(header.subarray(LENGTH_END, HEADER), header.subarray(0, LENGTH_END)),
    );
  } catch (cause) {
    throw damaged(name, 'its header is not what was written', cause);
  }
}
