import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError, messageOf } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Outbox, OutboxRow } from '../device/store/records.ts';
import type { Connection } from './connection.ts';
import { eventOf, type Sender } from './event.ts';

/** The longest pause (ms) before what was refused is tried again. */
const LONGEST_WAIT = 30_000;

export interface DrainOptions {
  readonly sender: Sender;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asks for a call of `pump` soon. */
  readonly wake: () => void;
  /** Called for each row once its mark is committed. */
  readonly onPublished: (row: OutboxRow) => void;
}

/**
 * Sends the outbox in its order and marks what the broker has acknowledged. The only party that ever sends a row
 * again: after a lost connection it begins at the first row without a mark.
 */
export class Drain {
  readonly #options: DrainOptions;
  /** Highest sequence sent over this connection. */
  #cursor = 0;
  #inFlight = 0;
  /** Acknowledged, the mark not yet committed. */
  #acknowledged: OutboxRow[] = [];
  #marking = false;
  #fault: CaError | null = null;
  #failures = 0;
  /** Nothing is sent until what went wrong has been waited out. */
  #halted = false;
  #retry: Timer | null = null;
  #onEmpty: (() => void)[] = [];

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** A refused publish, or a store that cannot be read or written; null while all goes well. */
  get fault(): CaError | null {
    return this.#fault;
  }

  /** The connection is gone, and with it what was in flight. */
  reset(): void {
    this.#inFlight = 0;
    this.#rewind();
  }

  /**
   * Sends what waits, as far as there is room. After a fault one row at a time goes out until one has been
   * acknowledged: the others must not overtake the refused one again and again.
   */
  pump(connection: Connection): void {
    if (this.#halted) return;
    const room = this.#fault === null ? connection.room : Math.min(connection.room, 1 - this.#inFlight);
    if (room <= 0) return;
    const rows = this.#read(this.#cursor, room);
    // A store that is well again shows when nothing is left to send; a refused row would still be there.
    if (rows.length === 0 && this.#inFlight === 0 && !this.#halted) this.#fault = null;
    for (const row of rows) this.#send(connection, row);
  }

  /** Resolves when every row is published and marked. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEmpty.push(resolve);
      this.#tellIfEmpty();
    });
  }

  /** Sends nothing more; commits the marks that are still to be made. */
  stop(): void {
    this.#halted = true;
    this.#mark();
    this.#retry?.cancel();
    this.#retry = null;
  }

  #read(after: number, limit: number): OutboxRow[] {
    try {
      return this.#options.outbox.pending(after, limit);
    } catch (error) {
      this.#halt(
        new CaError('CA_STORE_UNUSABLE', `reading the outbox: ${messageOf(error)}`, { cause: error }),
      );
      return [];
    }
  }

  #send(connection: Connection, row: OutboxRow): void {
    const { topic, payload } = eventOf(row, this.#options.sender);
    this.#cursor = row.sequence;
    this.#inFlight += 1;
    const contentType = 'application/cloudevents+json';
    connection.publish(topic, payload, { retain: false, contentType }, (refusal) => {
      this.#inFlight -= 1;
      if (refusal) return this.#halt(refusal);
      this.#acknowledged.push(row);
      if (this.#halted) this.#retryWhenSettled();
      else {
        this.#fault = null;
        this.#failures = 0;
        // Before the commit of the marks, so that the broker works while the disk does.
        this.#options.wake();
      }
      this.#markSoon();
    });
  }

  #markSoon(): void {
    if (this.#marking) return;
    this.#marking = true;
    // One commit, with its fsync, for all that was acknowledged in this turn of the event loop.
    setImmediate(() => {
      this.#marking = false;
      this.#mark();
    });
  }

  #mark(): void {
    const rows = this.#acknowledged;
    if (rows.length > 0) {
      try {
        this.#options.outbox.published(rows.map((row) => row.sequence));
      } catch (error) {
        this.#halt(new CaError('CA_STORE_UNUSABLE', `marking rows: ${messageOf(error)}`, { cause: error }));
        return;
      }
      this.#acknowledged = [];
      for (const row of rows) this.#options.onPublished(row);
    }
    this.#tellIfEmpty();
  }

  #halt(fault: CaError): void {
    if (this.#fault?.message !== fault.message) this.#options.log.warn({ err: fault }, 'publishing halted');
    this.#fault = fault;
    this.#halted = true;
    this.#retryWhenSettled();
  }

  #retryWhenSettled(): void {
    if (this.#inFlight > 0 || this.#retry) return;
    this.#failures += 1;
    this.#retry = this.#options.clock.after('publish again', backOff(this.#failures, LONGEST_WAIT), () => {
      this.#rewind();
      this.#options.wake();
    });
  }

  /** Back to the first row without a mark. */
  #rewind(): void {
    this.#retry?.cancel();
    this.#retry = null;
    this.#halted = false;
    this.#cursor = 0;
    this.#mark();
  }

  #tellIfEmpty(): void {
    if (this.#onEmpty.length === 0 || this.#inFlight > 0 || this.#acknowledged.length > 0) return;
    if (this.#read(0, 1).length > 0) return;
    for (const listener of this.#onEmpty.splice(0)) listener();
  }
}
