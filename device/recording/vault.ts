import type { KeyObject } from 'node:crypto';
import { mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CaError, messageOf } from '../errors.ts';
import type { DeviceKey } from './device-key.ts';
import { systemCode, unwritable } from './disk.ts';
import { IncomingClip } from './incoming-clip.ts';
import { type ByteRange, openSealed, sealedSize } from './sealed-reader.ts';
import { destroySealed, SealedWriter } from './sealed-writer.ts';
import { openToSend, type SentClip } from './sent-clip.ts';

export type { IncomingClip, StoredClip } from './incoming-clip.ts';
export type { ByteRange } from './sealed-reader.ts';
export type { SentClip } from './sent-clip.ts';

/** Nobody can be known by it: the day and the contact's id. And no name can lead out of the vault. */
const NAME = /^\d{4}-\d{2}-\d{2}\/[A-Za-z0-9_-]{1,64}\.(mp4|m4a)$/;
const CONTACT = /^[A-Za-z0-9_-]{1,64}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Clips that are still being written. A name of the vault never begins with a dot. */
const INCOMING = '.incoming';

/**
 * The clips that are kept, encrypted (`vault-format.md`), in a folder for each day (UTC). A name that is given back, or
 * found here, is a whole clip that survives a power cut.
 */
export class ClipVault {
  readonly #folder: string;
  readonly #key: () => DeviceKey;
  readonly #incoming = new Map<string, IncomingClip>();

  /** `key` is asked whenever one is needed, and may throw a CaError: so a key that is missing is told then, and may come back. */
  constructor({ folder, key }: { folder: string; key: () => DeviceKey }) {
    this.#folder = folder;
    this.#key = key;
  }

  /**
   * Begins the clip of a contact; what was written of it before is destroyed. Rejects with CA_VAULT_UNWRITABLE, with
   * CA_CLIP_FAILED for an id that no file can have, and as `key` throws.
   */
  async begin(contactId: string): Promise<IncomingClip> {
    if (!CONTACT.test(contactId))
      throw new CaError('CA_CLIP_FAILED', `no clip can be named after contact ${JSON.stringify(contactId)}`);
    const deviceKey = this.#key();
    const path = this.#incomingPath(contactId);
    await this.#discard(contactId);
    await mkdir(join(this.#folder, INCOMING), { recursive: true, mode: 0o700 }).catch((cause) =>
      Promise.reject(unwritable('the vault could not be made', cause)),
    );
    const writer = await SealedWriter.create(path, deviceKey);
    const onOver = () => {
      if (this.#incoming.get(contactId) === clip) this.#incoming.delete(contactId);
    };
    const clip = new IncomingClip(contactId, { folder: this.#folder, path, deviceKey, writer, onOver });
    this.#incoming.set(contactId, clip);
    return clip;
  }

  /**
   * The clip's content, or a range of it. An unknown name is CA_CLIP_NOT_FOUND; the stream breaks off with
   * CA_CLIP_DAMAGED, CA_VAULT_WRONG_KEY or CA_VAULT_UNREADABLE, and as `key` throws.
   */
  open(file: string, range?: ByteRange): Readable {
    const path = this.#path(file);
    const key = this.#key;
    const content = async function* () {
      yield* openSealed(path, key(), range);
    };
    return Readable.from(content(), { objectMode: false });
  }

  /** Bytes of the clip's content. Rejects as the stream of `open` breaks off. */
  async size(file: string): Promise<number> {
    return sealedSize(this.#path(file), this.#key());
  }

  /**
   * The clip as it leaves the device, encrypted: for `recipient`, an X25519 public key, or (null) as it lies here. `head`:
   * that of a sending which is gone on with. To be closed. Rejects as `openToSend` does, and as `key` throws.
   */
  async toSend(file: string, recipient: KeyObject | null, head: Buffer | null): Promise<SentClip> {
    return openToSend(this.#path(file), { key: this.#key(), recipient, head });
  }

  /**
   * Destroys a clip, its key first; no error when it is not there. Rejects with CA_VAULT_UNWRITABLE. The store must
   * have let go of it before: `reconcile` ends what a power cut left half done.
   */
  async destroy(file: string): Promise<void> {
    if (NAME.test(file)) await destroySealed(this.#path(file));
  }

  /**
   * Destroys whatever there is of a contact, being written or stored, on whichever day: a clock may have been put right
   * since. Rejects with CA_VAULT_UNWRITABLE, after all the rest has been destroyed.
   */
  async destroyOf(contactId: string): Promise<void> {
    if (!CONTACT.test(contactId)) return;
    const days = await this.#days();
    const files = days.flatMap((day) => ['mp4', 'm4a'].map((type) => `${day}/${contactId}.${type}`));
    await inTurn([() => this.#discard(contactId), ...files.map((file) => () => this.destroy(file))]);
  }

  /**
   * When the service starts, before anything is begun: destroys what the process before left unfinished, and clips that
   * `known` does not vouch for. `removed`: how many files that were. Rejects with CA_VAULT_UNREADABLE, or with
   * CA_VAULT_UNWRITABLE after all the rest has been destroyed.
   */
  async reconcile(known: (file: string) => boolean): Promise<{ removed: number }> {
    const days = await this.#days();
    const unfinished = (await this.#entries(INCOMING)).filter((contactId) => !this.#incoming.has(contactId));
    const unknown: string[] = [];
    for (const day of days) {
      const files = (await this.#entries(day)).map((entry) => `${day}/${entry}`);
      unknown.push(...files.filter((file) => NAME.test(file) && !known(file)));
    }
    await inTurn([
      ...unfinished.map((contactId) => () => destroySealed(this.#incomingPath(contactId))),
      ...unknown.map((file) => () => this.destroy(file)),
    ]);
    // A folder that holds something stays.
    for (const day of days) await rmdir(join(this.#folder, day)).catch(() => {});
    return { removed: unfinished.length + unknown.length };
  }

  /** Which of these clips are not there. Rejects with CA_VAULT_UNREADABLE where all of the vault is missing, as without its disk. */
  async missing(files: readonly string[]): Promise<string[]> {
    if (files.length > 0 && !(await this.#stat(INCOMING)))
      throw new CaError('CA_VAULT_UNREADABLE', `there is no vault at ${this.#folder}`);
    const missing: string[] = [];
    for (const file of files) if (!NAME.test(file) || !(await this.#stat(file))) missing.push(file);
    return missing;
  }

  #path(file: string): string {
    if (!NAME.test(file)) throw new CaError('CA_CLIP_NOT_FOUND', `no clip ${JSON.stringify(file)}`);
    return join(this.#folder, file);
  }

  #incomingPath(contactId: string): string {
    return join(this.#folder, INCOMING, contactId);
  }

  async #discard(contactId: string): Promise<void> {
    await this.#incoming.get(contactId)?.discard();
    // Of the process before.
    await destroySealed(this.#incomingPath(contactId));
  }

  async #days(): Promise<string[]> {
    return (await this.#entries('.')).filter((entry) => DAY.test(entry));
  }

  async #entries(folder: string): Promise<string[]> {
    return (await this.#there(() => readdir(join(this.#folder, folder)))) ?? [];
  }

  #stat(file: string) {
    return this.#there(() => stat(join(this.#folder, file)));
  }

  /** What the disk says; null where there is nothing. */
  async #there<T>(look: () => Promise<T>): Promise<T | null> {
    try {
      return await look();
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return null;
      throw new CaError('CA_VAULT_UNREADABLE', `the vault cannot be read: ${messageOf(cause)}`, { cause });
    }
  }
}

/** Tries each of them, whatever becomes of the others; then throws what the first that failed did. */
async function inTurn(works: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const work of works) await work().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
