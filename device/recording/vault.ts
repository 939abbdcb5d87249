import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Instant } from '../contacts/model.ts';
import { CaError, messageOf } from '../errors.ts';
import type { Clip } from './recorder.ts';

/** A clip on the disk: `file` is its name in the vault, `sha256` lower-case hex. */
export interface StoredClip {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** First and last byte wanted, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Nobody can be known by it: the day and the contact's id. And no name can lead out of the vault. */
const NAME = /^\d{4}-\d{2}-\d{2}\/[A-Za-z0-9_-]{1,64}\.(mp4|m4a)$/;
/** Clips that are still being written. A name of the vault never begins with a dot. */
const INCOMING = '.incoming';

/** The clips that are kept, in a folder for each day (UTC). All reading goes through `open`, whatever the files look like. */
export class ClipVault {
  readonly #folder: string;
  #ready: Promise<void> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Moves a clip from RAM into the vault. A name that is given back, or found here, is a whole clip that survives a
   * power cut; what a power cut left unfinished is removed before the next one. Rejects with CA_CLIP_FAILED.
   */
  async put(contactId: string, startedAt: Instant, clip: Clip): Promise<StoredClip> {
    const day = new Date(startedAt.wall).toISOString().slice(0, 10);
    const file = `${day}/${contactId}.${clip.mediaType === 'video/mp4' ? 'mp4' : 'm4a'}`;
    try {
      const target = this.#path(file);
      await this.#prepare();
      const incoming = join(this.#folder, INCOMING, contactId);
      const written = await copyDurably(clip.file, incoming);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await rename(incoming, target);
      await syncFolder(dirname(target));
      await syncFolder(this.#folder);
      await rm(clip.file, { force: true });
      return { file, ...written };
    } catch (cause) {
      throw new CaError('CA_CLIP_FAILED', `the clip could not be stored: ${messageOf(cause)}`, { cause });
    }
  }

  /** The clip's content, or a range of it. An unknown name is CA_CLIP_NOT_FOUND. */
  open(file: string, range?: ByteRange): Readable {
    const path = this.#path(file);
    return Readable.from(contentOf(file, path, range), { objectMode: false });
  }

  /** Bytes of the clip's content. */
  async size(file: string): Promise<number> {
    const path = this.#path(file);
    return (await stat(path).catch((cause) => Promise.reject(notFound(file, cause)))).size;
  }

  #path(file: string): string {
    if (!NAME.test(file)) throw notFound(file);
    return join(this.#folder, file);
  }

  /** Once: the folder, and nothing in it of what the process before did not finish. */
  #prepare(): Promise<void> {
    this.#ready ??= (async () => {
      const incoming = join(this.#folder, INCOMING);
      await rm(incoming, { recursive: true, force: true });
      await mkdir(incoming, { recursive: true, mode: 0o700 });
    })().catch((error) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }
}

async function* contentOf(file: string, path: string, range?: ByteRange): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, range);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? notFound(file, error) : error;
  }
}

async function copyDurably(from: string, to: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const target = await open(to, 'w', 0o600);
  try {
    await pipeline(createReadStream(from), async (chunks) => {
      for await (const chunk of chunks as AsyncIterable<Buffer>) {
        hash.update(chunk);
        bytes += chunk.length;
        await target.writeFile(chunk);
      }
    });
    await target.sync();
  } finally {
    await target.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** A rename survives a power cut only when its folder has been written, too (rename(2), fsync(2)). */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function notFound(file: string, cause?: unknown): CaError {
  return new CaError('CA_CLIP_NOT_FOUND', `no clip ${JSON.stringify(file)}`, { cause });
}
