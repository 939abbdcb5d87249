import { type FileHandle, open } from 'node:fs/promises';
import { CaError, messageOf } from '../errors.ts';
import type { DeviceKey } from './device-key.ts';
import { nameOf, readAll, systemCode } from './disk.ts';
import {
  CHUNK,
  damaged,
  HEADER,
  openChunk,
  positionOf,
  readHeader,
  SEALED_CHUNK,
  type SealedHeader,
  sealedChunk,
} from './sealed-file.ts';

/** First and last byte wanted, as in HTTP: 0 ≤ start ≤ end. What lies behind the end of the content is left out. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly name: string;
  readonly header: SealedHeader;
}

/**
 * The content of a sealed file, or a range of it, chunk by chunk. Only the chunks that the range touches are read, and
 * nothing of a chunk is given before its tag has been checked. Throws CA_CLIP_NOT_FOUND, CA_CLIP_DAMAGED,
 * CA_VAULT_WRONG_KEY, CA_VAULT_UNREADABLE.
 */
export async function* openSealed(
  path: string,
  deviceKey: DeviceKey,
  range: ByteRange = { start: 0, end: Number.POSITIVE_INFINITY },
): AsyncGenerator<Buffer> {
  const file = await openFile(path, deviceKey);
  const room = Buffer.allocUnsafeSlow(SEALED_CHUNK);
  try {
    const { start } = range;
    const end = Math.min(range.end, file.header.length - 1);
    for (let index = Math.floor(start / CHUNK); index * CHUNK <= end; index++) {
      const content = await readChunk(file, index, room);
      yield content.subarray(Math.max(0, start - index * CHUNK), end + 1 - index * CHUNK);
    }
  } finally {
    await file.handle.close();
  }
}

/** Bytes of the content of a sealed file, as its header vouches for them. Rejects as `openSealed` throws. */
export async function sealedSize(path: string, deviceKey: DeviceKey): Promise<number> {
  const file = await openFile(path, deviceKey);
  await file.handle.close();
  return file.header.length;
}

async function openFile(path: string, deviceKey: DeviceKey): Promise<OpenFile> {
  const name = nameOf(path);
  const handle = await open(path, 'r').catch((cause) => Promise.reject(unreadable(name, cause)));
  try {
    const { size } = await handle.stat();
    const bytes = await readAll(handle, Buffer.alloc(HEADER), 0);
    return { handle, name, header: readHeader(bytes, { deviceKey, name, size }) };
  } catch (cause) {
    await handle.close();
    throw unreadable(name, cause);
  }
}

/** `room`: where the ciphertext may lie until it is decrypted. */
async function readChunk(file: OpenFile, index: number, room: Buffer): Promise<Buffer> {
  const { handle, name, header } = file;
  const wanted = sealedChunk(index, header.length);
  const sealed = await readAll(handle, room.subarray(0, wanted), positionOf(index)).catch((cause) =>
    Promise.reject(unreadable(name, cause, `chunk ${index} of `)),
  );
  if (sealed.length < wanted) throw damaged(name, `chunk ${index} has been cut off while it was read`);
  return openChunk(header, index, { sealed, name });
}

/** What kept the file called `name`, or a `part` of it, from being read. An error of ours stays as it is. */
export function unreadable(name: string, cause: unknown, part = ''): CaError {
  if (cause instanceof CaError) return cause;
  if (systemCode(cause) === 'ENOENT') return new CaError('CA_CLIP_NOT_FOUND', `no clip ${name}`, { cause });
  return new CaError('CA_VAULT_UNREADABLE', `${part}clip ${name} cannot be read: ${messageOf(cause)}`, {
    cause,
  });
}
