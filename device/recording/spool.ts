import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CaError, messageOf } from '../errors.ts';
import type { DeviceKey } from './device-key.ts';
import { syncFolder, systemCode } from './disk.ts';

/**
 * What has been captured of the contacts that are open, on the disk, so that neither a crash nor a power cut loses it.
 * One file a contact, encrypted with a key of its own, which goes with the file when the clip is made:
 *
 *   magic 8 | wrapped key 60 | record, record, …      record: length of what follows 4, nonce 12, ciphertext, tag 16
 *
 * A record's plaintext is one line of JSON, which says what segment it is, and the segment. A record that the power cut
 * left unfinished ends the file: it is not there.
 */
const MAGIC = Buffer.from('CASPOOL1', 'latin1');
const HEADER = MAGIC.length + 60;
const NONCE = 12;
const TAG = 16;
const SUFFIX = '.spool';

/** A segment as the spool keeps it. */
export interface SpooledSegment {
  /** Of the timeline that its time stamps count from, monotonic ms (`Timeline.zero`). */
  readonly zero: number;
  /** Name of its file in the ring: the names order as the capture went. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** The folder of the spool files of all desks. */
export class Spool {
  readonly #folder: string;
  readonly #key: () => DeviceKey;

  constructor(folder: string, key: () => DeviceKey) {
    this.#folder = folder;
    this.#key = key;
  }

  /** A new file for a contact. Rejects with CA_VAULT_UNWRITABLE and what the device key throws. */
  async begin(contactId: string): Promise<SpoolFile> {
    const key = randomBytes(32);
    const wrapped = this.#key().wrap(key, MAGIC);
    return writable(async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const path = this.#path(contactId);
      const file = await open(path, 'wx', 0o600);
      try {
        await file.writeFile(Buffer.concat([MAGIC, wrapped]));
        await syncFolder(this.#folder);
      } catch (error) {
        // It may be tried again.
        await file.close();
        await rm(path, { force: true });
        throw error;
      }
      return new SpoolFile(file, key);
    });
  }

  /** The segments of a contact, in the order in which they were written; none where there is no file. Rejects with what `DeviceKey.unwrap` throws. */
  async *read(contactId: string): AsyncGenerator<SpooledSegment> {
    const path = this.#path(contactId);
    if (!existsSync(path)) return;
    const file = await open(path, 'r');
    try {
      const header = await take(file, HEADER, 0);
      if (!header?.subarray(0, MAGIC.length).equals(MAGIC)) return;
      const key = this.#key().unwrap(header.subarray(MAGIC.length), MAGIC);
      for (let at = HEADER; ; ) {
        const length = await take(file, 4, at);
        const record = length && (await take(file, length.readUInt32BE(), at + 4));
        if (!record) return;
        at += 4 + record.length;
        yield parse(decrypt(key, record, path));
      }
    } finally {
      await file.close();
    }
  }

  /** Ids of the contacts that have a file. */
  async contacts(): Promise<string[]> {
    if (!existsSync(this.#folder)) return [];
    const names = await readdir(this.#folder);
    return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
  }

  /** Destroys a contact's file, its key first; no error where there is none. Rejects with CA_VAULT_UNWRITABLE. */
  async destroy(contactId: string): Promise<void> {
    const path = this.#path(contactId);
    await writable(async () => {
      const file = await open(path, 'r+').catch(ifThere);
      if (!file) return;
      try {
        await file.write(Buffer.alloc(HEADER), 0, HEADER, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      await rm(path, { force: true });
    });
  }

  #path(contactId: string): string {
    return join(this.#folder, contactId + SUFFIX);
  }
}

/** The spool of one open contact. */
export class SpoolFile {
  readonly #file: FileHandle;
  readonly #key: Buffer;
  #end = HEADER;

  constructor(file: FileHandle, key: Buffer) {
    this.#file = file;
    this.#key = key;
  }

  /** Adds a segment; when it resolves, a power cut does not lose it. After CA_VAULT_UNWRITABLE the same may be tried again. */
  async append(segment: SpooledSegment): Promise<void> {
    const about = Buffer.from(`${JSON.stringify({ zero: segment.zero, name: segment.name })}\n`);
    // Random: after a failed write the same place is written again, with other bytes.
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const parts = [nonce, cipher.update(about), cipher.update(segment.bytes), cipher.final()];
    parts.push(cipher.getAuthTag());
    const length = Buffer.alloc(4);
    length.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
    await writable(async () => {
      let at = this.#end;
      for (const part of [length, ...parts]) {
        for (let done = 0; done < part.length; ) {
          const { bytesWritten } = await this.#file.write(part, done, part.length - done, at + done);
          done += bytesWritten;
        }
        at += part.length;
      }
      await this.#file.datasync();
      this.#end = at;
    });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function ifThere(error: unknown): null {
  if (systemCode(error) === 'ENOENT') return null;
  throw error;
}

function decrypt(key: Buffer, record: Buffer, path: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, record.subarray(0, NONCE));
    decipher.setAuthTag(record.subarray(-TAG));
    return Buffer.concat([decipher.update(record.subarray(NONCE, -TAG)), decipher.final()]);
  } catch (cause) {
    throw new CaError('CA_CLIP_DAMAGED', `${path} has been damaged`, { cause });
  }
}

function parse(plain: Buffer): SpooledSegment {
  const line = plain.indexOf(0x0a);
  const about = JSON.parse(plain.toString('utf8', 0, line)) as { zero: number; name: string };
  return { ...about, bytes: plain.subarray(line + 1) };
}

/** Exactly `length` bytes at `at`; null where the file ends before. */
async function take(file: FileHandle, length: number, at: number): Promise<Buffer | null> {
  const { size } = await file.stat();
  if (at + length > size) return null;
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytesRead === length ? bytes : null;
}

async function writable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new CaError('CA_VAULT_UNWRITABLE', `the spool cannot be written: ${messageOf(cause)}`, { cause });
  }
}
