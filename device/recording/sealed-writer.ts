import { createSecretKey, randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CaError } from '../errors.ts';
import { type DeviceKey, KEY } from './device-key.ts';
import { nameOf, readAll, syncFolder, systemCode, unwritable, writeAll } from './disk.ts';
import {
  CHUNK,
  type ChunkKey,
  contextOf,
  HEADER,
  headerOf,
  isFinished,
  KEY_PLACE,
  positionOf,
  sealChunk,
} from './sealed-file.ts';

/** Chunks that are encrypted before other work has its turn: a Raspberry Pi 4, without AES in hardware, needs 2 ms for one. */
const BATCH = 4;

/**
 * Writes one sealed file, its first chunk last. The key of the file is in RAM alone until then: what a crash leaves is
 * noise. Every chunk is sealed exactly once; so after a failure there is no second try, only `abort`.
 */
export class SealedWriter {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #deviceKey: DeviceKey;
  readonly #chunks: ChunkKey;
  /** The newest bytes, up to a whole chunk: the last chunk wears a flag, and until more bytes come it may be this one. */
  readonly #held = Buffer.allocUnsafeSlow(CHUNK);
  #heldBytes = 0;
  /** The next chunk; 0 is reserved. */
  #next = 1;
  #work: Promise<unknown> = Promise.resolve();
  /** Why nothing more can be written. */
  #over: CaError | null = null;
  #finished = false;
  #aborting: Promise<void> | null = null;

  private constructor(path: string, handle: FileHandle, deviceKey: DeviceKey) {
    this.#path = path;
    this.#handle = handle;
    this.#deviceKey = deviceKey;
    this.#chunks = { key: createSecretKey(randomBytes(KEY)), context: contextOf(deviceKey) };
  }

  /** A new file, for this user alone. Rejects with CA_VAULT_UNWRITABLE, also where there is one already. */
  static async create(path: string, deviceKey: DeviceKey): Promise<SealedWriter> {
    const handle = await open(path, 'wx', 0o600).catch((cause) =>
      Promise.reject(unwritable(`clip ${nameOf(path)} could not be begun`, cause)),
    );
    const writer = new SealedWriter(path, handle, deviceKey);
    try {
      await writer.#exclusively(() => writeAll(handle, [headerOf(writer.#chunks.context)], 0));
    } catch (error) {
      await writer.abort().catch(() => {});
      throw error;
    }
    return writer;
  }

  /** Adds content behind the head. The bytes may not change until it resolves. Rejects with CA_VAULT_UNWRITABLE. */
  write(bytes: Buffer): Promise<void> {
    return this.#exclusively(() => this.#append(bytes));
  }

  /**
   * Seals the file: `head` is the content of chunk 0, exactly CHUNK bytes; fewer only where nothing else was written.
   * When it resolves the file survives a power cut. `bytes`: length of the content. Rejects with CA_CLIP_FAILED where the
   * head has another length, and with CA_VAULT_UNWRITABLE.
   */
  finish(head: Buffer): Promise<{ bytes: number }> {
    return this.#exclusively(async () => {
      const body = this.#heldBytes > 0;
      if (body ? head.length !== CHUNK : head.length === 0 || head.length > CHUNK)
        throw new CaError('CA_CLIP_FAILED', `the head of a clip cannot have ${head.length} bytes`);
      const bytes = head.length + (this.#next - 1) * CHUNK + this.#heldBytes;
      if (body) {
        const last = sealChunk(this.#chunks, { index: this.#next, last: true }, [this.#heldContent()]);
        await writeAll(this.#handle, last, positionOf(this.#next));
      }
      const { key, context } = this.#chunks;
      const wrap = (about: Buffer) => this.#deviceKey.wrap(key.export(), about);
      const first = sealChunk(this.#chunks, { index: 0, last: !body }, [head]);
      await writeAll(this.#handle, [headerOf(context, { length: bytes, wrap }), ...first], 0);
      await this.#handle.datasync();
      await this.#handle.close();
      if (this.#over) throw this.#over;
      this.#finished = true;
      this.#over = new CaError('CA_CLIP_FAILED', `clip ${nameOf(this.#path)} is finished already`);
      return { bytes };
    });
  }

  /** Destroys what was written: at any time and more than once. After `finish` it does nothing. Rejects with CA_VAULT_UNWRITABLE, and may then be tried again. */
  abort(): Promise<void> {
    // Once is enough: another file may lie at the path by then.
    this.#aborting ??= this.#abort().catch((error) => {
      this.#aborting = null;
      throw error;
    });
    return this.#aborting;
  }

  async #abort(): Promise<void> {
    this.#over ??= new CaError('CA_CLIP_FAILED', `clip ${nameOf(this.#path)} was discarded`);
    await this.#work;
    if (this.#finished) return;
    // Whatever the disk has to say to the closing: the file is to go.
    await this.#handle.close().catch(() => {});
    await destroySealed(this.#path);
  }

  async #append(bytes: Buffer): Promise<void> {
    let rest = bytes;
    let sealed: Buffer[] = [];
    let first = this.#next;
    const flush = async () => {
      await writeAll(this.#handle, sealed, positionOf(first));
      if (this.#over) throw this.#over;
      sealed = [];
      first = this.#next;
    };
    while (this.#heldBytes + rest.length > CHUNK) {
      const missing = CHUNK - this.#heldBytes;
      const content = [this.#heldContent(), rest.subarray(0, missing)];
      sealed.push(...sealChunk(this.#chunks, { index: this.#next, last: false }, content));
      this.#next += 1;
      this.#heldBytes = 0;
      rest = rest.subarray(missing);
      if (this.#next - first === BATCH) await flush();
    }
    this.#heldBytes += rest.copy(this.#held, this.#heldBytes);
    await flush();
  }

  #heldContent(): Buffer {
    return this.#held.subarray(0, this.#heldBytes);
  }

  /** One call after the other, and none after one has failed. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(async () => {
      if (this.#over) throw this.#over;
      try {
        return await work();
      } catch (cause) {
        this.#over ??= unwritable(`clip ${nameOf(this.#path)} could not be written`, cause);
        throw this.#over;
      }
    });
    this.#work = done.catch(() => {});
    return done;
  }
}

/**
 * Destroys a sealed file: first its key, on the disk, then the file. No error where there is none. Rejects with
 * CA_VAULT_UNWRITABLE; where that was the key's destruction the file is still there, so that it can be tried again.
 */
export async function destroySealed(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r+');
    try {
      if (await holdsKey(handle)) {
        await writeAll(handle, [Buffer.alloc(KEY_PLACE.bytes)], KEY_PLACE.position);
        await handle.datasync();
      }
    } finally {
      await handle.close();
    }
    await unlink(path);
    await syncFolder(dirname(path));
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return;
    throw unwritable(`clip ${nameOf(path)} could not be destroyed`, cause);
  }
}

/** Of an unfinished file no key was ever on the disk, and all that was written of it would be flushed in vain. */
async function holdsKey(handle: FileHandle): Promise<boolean> {
  return isFinished(await readAll(handle, Buffer.alloc(HEADER), 0));
}
