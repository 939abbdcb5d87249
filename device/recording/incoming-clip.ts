import { createHash } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Instant } from '../contacts/model.ts';
import { CaError } from '../errors.ts';
import type { DeviceKey } from './device-key.ts';
import { syncFolder, unwritable } from './disk.ts';
import { openSealed } from './sealed-reader.ts';
import { destroySealed, type SealedWriter } from './sealed-writer.ts';

/** A clip in the vault: `file` is its name there, `bytes` and `sha256` (lower-case hex) are of its content. */
export interface StoredClip {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A clip on its way into the vault. Whatever fails destroys it; the error stays the one that `write` or `finish` gave. */
export class IncomingClip {
  readonly #contactId: string;
  readonly #folder: string;
  readonly #deviceKey: DeviceKey;
  readonly #writer: SealedWriter;
  readonly #onOver: () => void;
  /** Where the file lies. */
  #path: string;
  #finishing: Promise<unknown> = Promise.resolve();
  #discarded = false;
  #discarding: Promise<void> | null = null;

  /** `folder`: of the vault. `path`: of the writer's file. `onOver` is called when nothing more is to be written. */
  constructor(
    contactId: string,
    parts: { folder: string; path: string; deviceKey: DeviceKey; writer: SealedWriter; onOver: () => void },
  ) {
    this.#contactId = contactId;
    this.#folder = parts.folder;
    this.#path = parts.path;
    this.#deviceKey = parts.deviceKey;
    this.#writer = parts.writer;
    this.#onOver = parts.onOver;
  }

  /** Adds content behind the head. The bytes may not change until it resolves. Rejects with CA_VAULT_UNWRITABLE; CA_CLIP_FAILED once discarded. */
  async write(bytes: Buffer): Promise<void> {
    await this.#writer.write(bytes).catch((error) => this.#fail(error));
  }

  /**
   * Makes it a clip of the vault, which survives a power cut. `head` is the content of the first chunk, exactly CHUNK
   * bytes; a clip without anything behind it may be shorter. Rejects with CA_VAULT_UNWRITABLE, with CA_CLIP_FAILED once
   * discarded, and with CA_CLIP_DAMAGED where the disk gives back something else.
   */
  finish(head: Buffer, startedAt: Instant, mediaType: 'video/mp4' | 'audio/mp4'): Promise<StoredClip> {
    const day = new Date(startedAt.wall).toISOString().slice(0, 10);
    const file = `${day}/${this.#contactId}.${mediaType === 'video/mp4' ? 'mp4' : 'm4a'}`;
    const work = this.#finish(head, file);
    this.#finishing = work.catch(() => {});
    return work.catch((error) => this.#fail(error));
  }

  /** Destroys it, finished or not; more than once is well. Rejects with CA_VAULT_UNWRITABLE, and may then be tried again. */
  discard(): Promise<void> {
    // Once is enough: the next clip of this contact may lie at the path by then.
    this.#discarding ??= this.#discard().catch((error) => {
      this.#discarding = null;
      throw error;
    });
    return this.#discarding;
  }

  async #discard(): Promise<void> {
    this.#discarded = true;
    await this.#finishing;
    await this.#writer.abort();
    await destroySealed(this.#path);
    this.#onOver();
  }

  async #finish(head: Buffer, file: string): Promise<StoredClip> {
    const { bytes } = await this.#writer.finish(head);
    const sha256 = await this.#readBack();
    await this.#moveTo(file);
    this.#throwIfDiscarded();
    this.#onOver();
    return { file, bytes, sha256 };
  }

  /**
   * The sum of the content as it comes back through decryption. The head, its first bytes, came last, so it could not be
   * summed up on the way; and it shows that the clip that will be told of can be read.
   */
  async #readBack(): Promise<string> {
    const hash = createHash('sha256');
    for await (const content of openSealed(this.#path, this.#deviceKey)) {
      this.#throwIfDiscarded();
      hash.update(content);
    }
    return hash.digest('hex');
  }

  async #moveTo(file: string): Promise<void> {
    const target = join(this.#folder, file);
    // A clip of this contact that a crash kept from being told of.
    await destroySealed(target);
    try {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await rename(this.#path, target);
      this.#path = target;
      await syncFolder(dirname(target));
      await syncFolder(this.#folder);
    } catch (cause) {
      throw unwritable(`clip ${file} could not be stored`, cause);
    }
  }

  #throwIfDiscarded(): void {
    if (this.#discarded) throw new CaError('CA_CLIP_FAILED', `the clip of ${this.#contactId} was discarded`);
  }

  async #fail(error: unknown): Promise<never> {
    // On a full disk its space is needed at once. What cannot be destroyed now is by `reconcile`.
    await this.discard().catch(() => {});
    throw error;
  }
}
