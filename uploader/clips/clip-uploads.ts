import { backOff } from '../../device/back-off.ts';
import type { Clock } from '../../device/clock.ts';
import { CaError, type ErrorCode, messageOf } from '../../device/errors.ts';
import type { Logger } from '../../device/log.ts';
import type { Health, Service } from '../../device/service.ts';
import type { DoomedCopy, SendPolicy, SqliteUploads, Upload } from '../../device/store/uploads.ts';
import type { Result } from '../orders.ts';
import type { Digest, SentClip } from './digest.ts';
import { checkAddress, digestOfWhole, handOver } from './hand-over.ts';
import { untilOpen } from './hours.ts';
import { Http } from './request.ts';
import { S3, type S3Options } from './s3.ts';
import { remove, send } from './send.ts';
import { Throttle } from './throttle.ts';

/** Where copies go that nobody asks for. */
export interface ClipStore extends S3Options {
  readonly send: SendPolicy;
  /** Local time such as "20:00-06:00". */
  readonly hours?: string | undefined;
}

export interface ClipUploadsOptions {
  readonly uploads: SqliteUploads;
  /** null: clips go only to addresses that are given. */
  readonly store: ClipStore | null;
  /** The only hosts an address may name. */
  readonly hosts: readonly string[];
  /** Most bytes a second. */
  readonly rate: number;
  /** Opens a clip of the vault as it is to be sent; `head` as in `SentClip`. */
  readonly open: (file: string, head: Buffer | null) => Promise<SentClip>;
  /** Calls `listener` after each commit that changed a contact; returns the way to end that. */
  readonly onChange: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The longest pause (ms) after failures. */
const LONGEST_WAIT = 300_000;
/** So many failures in a row are more than a hiccup. */
const WORTH_TELLING = 3;
/** Nothing is looked for in between (ms): whatever happens says so. */
const IDLE = 3_600_000;

type Job =
  | { readonly kind: 'send' | 'hand-over'; readonly row: Upload }
  | { readonly kind: 'remove'; readonly row: DoomedCopy };

/**
 * Copies of clips: one at a time to the object store or to an address that was given, and away again when the clip
 * goes. What was sent, part by part, outlives the process.
 */
export class ClipUploads implements Service {
  readonly name = 'clip-uploads';
  readonly #options: ClipUploadsOptions;
  readonly #http: Http;
  readonly #s3: S3 | null;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #endChange: (() => void) | null = null;
  #wake: () => void = () => {};
  #job: { row: Upload; end: AbortController } | null = null;
  /** Failures in a row of the object store, and before when (monotonic ms) it is not tried again. */
  #failures = 0;
  #retryAt = 0;
  /** The same of single clips, by contact: one that cannot be sent holds up no other. */
  readonly #later = new Map<string, { failures: number; at: number }>();
  #fault: CaError | null = null;
  #sent = 0;
  /** `uploads.news` as they were looked at last. */
  #heard = -1;

  constructor(options: ClipUploadsOptions) {
    const { clock, rate, store } = options;
    this.#options = options;
    this.#http = new Http(new Throttle(clock, rate));
    this.#s3 = store && new S3(store, this.#http, clock);
  }

  async start(): Promise<void> {
    this.#endChange = this.#options.onChange(() => this.#changed());
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#endChange?.();
    this.#endChange = null;
    this.#stopping.abort();
    this.#wake();
    await this.#running;
    this.#http.close();
  }

  health(): Health {
    const { store, uploads } = this.#options;
    const { waiting, bytes, refused, deleting } = uploads.counts();
    const detail = { waiting, bytes, refused, deleting, sent: this.#sent, code: this.#fault?.code ?? null };
    const stuck = [...this.#later.values()].some(({ failures }) => failures >= WORTH_TELLING);
    if (this.#fault && (this.#failures >= WORTH_TELLING || stuck))
      return { status: 'degraded', reason: `${this.#fault.message}. ${this.#fault.remedy}`, detail };
    if (store === null && deleting > 0) {
      const reason = `${deleting} copies of deleted clips are left in an object store that the config no longer names: write uploads.clips again, or delete them there`;
      return { status: 'degraded', reason, detail };
    }
    return { status: 'ok', detail };
  }

  /**
   * Sends a clip whatever its class, at any hour; `put`: to that address, which is forgotten when that is done. What
   * comes of it is told by `clip.uploaded` or an `alert`. Rejects with CA_CONTACT_UNKNOWN, CA_CONTACT_OPEN,
   * CA_CLIP_NOT_FOUND, CA_COMMAND_DENIED for an address that is not allowed, CA_COMMAND_INVALID.
   */
  async fetch(contactId: string, put?: string): Promise<Result<'fetch'>> {
    const { uploads, store, hosts } = this.#options;
    if (put !== undefined) checkAddress(put, hosts);
    else if (store === null)
      throw new CaError('CA_COMMAND_INVALID', 'this device has no object store', {
        remedy: 'Give an address by `put`, or name an object store in `uploads.clips` of the device.',
      });
    const state = uploads.ask(contactId, put ?? null);
    this.#later.delete(contactId);
    this.#wake();
    return { contactId, state };
  }

  /** Called within what commits: a fault in here must not look like a commit that failed. */
  #changed(): void {
    const { uploads, log } = this.#options;
    if (uploads.news === this.#heard) return;
    this.#heard = uploads.news;
    this.#wake();
    try {
      if (this.#job && !uploads.wants(this.#job.row)) this.#job.end.abort();
    } catch (error) {
      // Before the clip counts as sent, it is asked again.
      log.warn({ err: error }, 'whether a clip is still to be sent is not known');
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const woken = this.#woken();
      let wait = 0;
      try {
        await this.#enqueue();
        const job = this.#next();
        if (job) await this.#carryOut(job);
        else wait = this.#untilNext();
      } catch (error) {
        if (signal.aborted) break;
        wait = this.#failed(error);
      }
      if (wait > 0) await this.#rest(wait, woken);
    }
  }

  /** All that the policy sends, in pieces: others have their turn in between. */
  async #enqueue(): Promise<void> {
    const { uploads, store } = this.#options;
    while (store && uploads.enqueue(store.send) && !this.#stopping.signal.aborted)
      await new Promise(setImmediate);
  }

  #next(): Job | null {
    const { uploads, store, clock } = this.#options;
    const { mono, wall } = clock.now();
    for (const contactId of this.#later.keys())
      if (uploads.left(contactId) === null) this.#later.delete(contactId);
    const later = [...this.#later].filter(([, { at }]) => at > mono).map(([contactId]) => contactId);
    const reachable = store !== null && mono >= this.#retryAt;
    if (store && reachable) {
      const doomed = uploads.doomed(later);
      if (doomed) return { kind: 'remove', row: doomed };
    }
    const open = store?.hours === undefined || untilOpen(store.hours, wall) === 0;
    const row = uploads.next(reachable ? (open ? 'all' : 'asked') : 'put', later);
    return row && { kind: row.put === null ? 'send' : 'hand-over', row };
  }

  async #carryOut(job: Job): Promise<void> {
    const { contactId } = job.row;
    try {
      await (job.kind === 'remove' ? this.#remove(job.row) : this.#send(job.row));
      this.#later.delete(contactId);
      if (job.kind !== 'hand-over') this.#failures = 0;
      if (this.#failures === 0 && this.#later.size === 0) this.#fault = null;
    } catch (error) {
      if (this.#stopping.signal.aborted) throw error;
      if (job.kind !== 'remove' && !this.#options.uploads.wants(job.row)) return;
      if (!(error instanceof CaError)) throw error;
      this.#judge(job, error);
    }
  }

  async #send(row: Upload): Promise<void> {
    const { uploads, clock, log } = this.#options;
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, this.#stopping.signal]);
    this.#job = { row, end };
    try {
      const clip = await this.#open(row);
      try {
        const digest = await (row.put === null
          ? this.#toStore(row, clip, signal)
          : this.#toAddress(row.put, { row, clip, signal }));
        if (digest === null) return;
        const { sealedFor, keyId } = clip;
        const bucket = row.put === null ? (this.#s3?.bucket ?? null) : null;
        const { bytes, sha256 } = digest;
        if (!uploads.done(row, { bucket, bytes, sha256, sealedFor, keyId }, clock.now().wall)) return;
        this.#sent += 1;
        log.info({ contact: row.contactId, bytes }, 'a clip was sent');
      } finally {
        await clip.close();
      }
    } finally {
      this.#job = null;
    }
  }

  /** The clip as it was when its sending was begun; anew where it can no longer be had so. */
  async #open(row: Upload): Promise<SentClip> {
    const { open } = this.#options;
    try {
      return await open(row.file, row.head);
    } catch (error) {
      if (!(error instanceof CaError) || error.code !== 'CA_RECIPIENT_CHANGED') throw error;
      return open(row.file, null);
    }
  }

  async #toStore(row: Upload, clip: SentClip, signal: AbortSignal): Promise<Digest | null> {
    const { clock, log, store, uploads } = this.#options;
    const hours = store?.hours;
    const goOn = () => row.asked || hours === undefined || untilOpen(hours, clock.now().wall) === 0;
    const stopping = this.#stopping.signal;
    return send(row, clip, { s3: this.#store(), uploads, signal, stopping, goOn, log });
  }

  async #toAddress(
    put: string,
    { row, clip, signal }: { row: Upload; clip: SentClip; signal: AbortSignal },
  ): Promise<Digest | null> {
    const { uploads, hosts } = this.#options;
    // The config may have changed since it was asked for.
    checkAddress(put, hosts);
    const digest = await digestOfWhole(clip, signal);
    const { head, bytes } = clip;
    if (!uploads.sending(row, { head, bytes, sha256: digest.sha256 })) return null;
    await handOver(put, { clip, digest, http: this.#http, signal });
    return digest;
  }

  async #remove(row: DoomedCopy): Promise<void> {
    const { uploads, log } = this.#options;
    await remove(row, { s3: this.#store(), log, signal: this.#stopping.signal });
    uploads.gone(row.contactId);
    log.info({ contact: row.contactId }, 'the copy of a clip was deleted');
  }

  #store(): S3 {
    if (this.#s3) return this.#s3;
    throw new CaError('CA_UPLOAD_REFUSED', 'the config names no object store');
  }

  /** Whom a failure keeps waiting: everything that goes to the object store, or this clip alone; or whether it is the end. */
  #judge(job: Job, error: CaError): void {
    const { uploads, clock } = this.#options;
    const hopeless: ErrorCode[] = ['CA_CLIP_DAMAGED', 'CA_COMMAND_DENIED'];
    if (job.kind === 'hand-over') hopeless.push('CA_UPLOAD_REFUSED');
    if (job.kind !== 'remove' && hopeless.includes(error.code)) {
      this.#options.log.warn({ contact: job.row.contactId, err: error }, 'a clip cannot be sent');
      return uploads.refused(job.row, error, clock.now().wall);
    }
    const ofThisClip = {
      'hand-over': true,
      remove: error.code !== 'CA_UPLOAD_FAILED',
      send: /^CA_(CLIP_|UPLOAD_DAMAGED|VAULT_WRONG_KEY)/.test(error.code),
    };
    if (!ofThisClip[job.kind]) return void this.#failed(error);
    const { contactId } = job.row;
    const failures = (this.#later.get(contactId)?.failures ?? 0) + 1;
    const delay = backOff(failures, LONGEST_WAIT);
    this.#later.set(contactId, { failures, at: clock.now().mono + delay });
    this.#tell(error, { contact: contactId, retryMs: Math.round(delay) });
  }

  /** The object store cannot be used, or ours. Returns the milliseconds until it is tried again. */
  #failed(cause: unknown): number {
    const { clock } = this.#options;
    const error =
      cause instanceof CaError ? cause : new CaError('CA_UPLOAD_FAILED', messageOf(cause), { cause });
    this.#failures += 1;
    const delay = backOff(this.#failures, LONGEST_WAIT);
    this.#retryAt = clock.now().mono + delay;
    this.#tell(error, { retryMs: Math.round(delay) });
    return delay;
  }

  /** The same again is told to nobody but who looks closely. */
  #tell(error: CaError, about: { contact?: string; retryMs: number }): void {
    const known = this.#fault?.message === error.message;
    this.#fault = error;
    this.#options.log[known ? 'debug' : 'warn']({ ...about, err: error }, 'clips cannot be sent');
  }

  #untilNext(): number {
    const { store, clock } = this.#options;
    const { mono, wall } = clock.now();
    const moments = [...this.#later.values()].map(({ at }) => at - mono);
    if (this.#retryAt > mono) moments.push(this.#retryAt - mono);
    if (store?.hours !== undefined) moments.push(untilOpen(store.hours, wall));
    return Math.min(IDLE, ...moments.filter((ms) => ms > 0));
  }

  /** Resolves at the next change, or when the service stops. */
  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #rest(ms: number, woken: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after('next clip to send', ms, resolve);
    await Promise.race([woken, promise]);
    timer.cancel();
  }
}
