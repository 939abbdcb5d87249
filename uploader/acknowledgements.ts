import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Outbox } from '../device/store/records.ts';
import { storeFault } from './store-fault.ts';

/** One commit for all that comes within this time, ms: a lost one costs nothing, the broker keeps the latest. */
const TOGETHER = 1_000;
/** The longest pause (ms) before a store that refuses is tried again. */
const LONGEST_WAIT = 30_000;
/** A hub that says nothing for this long (ms) about what it was sent is told of. */
const SILENT = 300_000;

/** What the hub says to have committed, on its way into the store. */
export class Acknowledgements {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #log: Logger;
  #upTo = 0;
  #timer: Timer | null = null;
  #committedAt = Number.NEGATIVE_INFINITY;
  #fault: CaError | null = null;
  #failures = 0;
  /** Since when (monotonic ms) something is published that the hub has said nothing of. */
  #unheardSince: number | null = null;

  constructor(options: { outbox: Outbox; clock: Clock; log: Logger }) {
    this.#outbox = options.outbox;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** An acknowledgement that cannot be, a store that refuses, or a hub that says nothing. */
  get fault(): CaError | null {
    if (this.#fault || this.#unheardSince === null) return this.#fault;
    const silent = this.#clock.now().mono - this.#unheardSince;
    if (silent < SILENT) return null;
    const minutes = Math.floor(silent / 60_000);
    return new CaError('CA_HUB_SILENT', `the hub has acknowledged nothing for ${minutes} minutes`);
  }

  /** The hub has committed everything up to `upTo` of `store`. */
  take(store: string, upTo: number): void {
    if (store !== this.#outbox.store)
      return this.#log.debug({ store }, 'an acknowledgement of another store is void');
    this.#upTo = upTo;
    const due = this.#committedAt + TOGETHER - this.#clock.now().mono;
    this.#timer ??= this.#clock.after('acknowledge', Math.max(0, due), () => this.#commit());
  }

  /** The broker has taken something over that the hub ought to acknowledge. */
  published(): void {
    this.#unheardSince ??= this.#clock.now().mono;
  }

  /** There is a connection: from now on the hub can be heard. */
  listen(): void {
    this.#unheardSince = this.#outbox.acknowledged < this.#newest() ? this.#clock.now().mono : null;
  }

  /** Commits what has come. */
  stop(): void {
    if (this.#timer === null) return;
    this.#timer.cancel();
    this.#commit();
    this.#timer?.cancel();
    this.#timer = null;
  }

  #commit(): void {
    const { mono } = this.#clock.now();
    this.#timer = null;
    this.#committedAt = mono;
    const before = this.#outbox.acknowledged;
    try {
      this.#outbox.acknowledge(this.#upTo);
      this.#fault = null;
      this.#failures = 0;
    } catch (error) {
      return this.#failed(error);
    }
    const { acknowledged } = this.#outbox;
    if (acknowledged >= this.#newest()) this.#unheardSince = null;
    else if (acknowledged > before) this.#unheardSince = mono;
  }

  /** While the store cannot be read there may be more than the hub has. */
  #newest(): number {
    try {
      return this.#outbox.newest();
    } catch (error) {
      this.#log.debug({ err: error }, 'the outbox cannot be read');
      return Number.POSITIVE_INFINITY;
    }
  }

  #failed(error: unknown): void {
    const known = this.#fault !== null;
    this.#fault = storeFault('noting an acknowledgement', error);
    if (!known) this.#log.warn({ err: this.#fault }, 'an acknowledgement was not noted');
    // One that cannot be stays wrong until the hub says another.
    if (this.#fault.code === 'CA_ACK_INVALID') return;
    this.#failures += 1;
    const delay = backOff(this.#failures, LONGEST_WAIT);
    this.#timer = this.#clock.after('acknowledge again', delay, () => this.#commit());
  }
}
