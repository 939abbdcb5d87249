import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Outbox, OutboxRow } from '../device/store/records.ts';
import type { Connection } from './connection.ts';
import { eventOf, type Sender } from './event.ts';
import { Lanes } from './lanes.ts';
import { Marks, type Sent } from './marks.ts';
import { Pace } from './pace.ts';
import { storeFault } from './store-fault.ts';

/** The longest pause (ms) before what was refused is tried again. */
const LONGEST_WAIT = 30_000;

/** The part of the window that a backlog leaves to what happens now. */
const KEPT_FREE = 0.2;

export interface DrainOptions {
  readonly sender: Sender;
  readonly outbox: Outbox;
  /** Most rows a second that are not live; null: as many as the broker takes. */
  readonly replay: number | null;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asks for a call of `pump` soon. */
  readonly wake: () => void;
  /** Called for each row once its mark is committed. */
  readonly onPublished: (row: OutboxRow) => void;
}

/**
 * Sends the outbox and marks what the broker has acknowledged: live rows first, then what a hub asks for again, then
 * the backlog, each in order. The only party that ever sends a row again: after a lost connection, what has no mark.
 */
export class Drain {
  readonly #options: DrainOptions;
  readonly #lanes: Lanes;
  readonly #pace: Pace;
  readonly #inFlight = new Map<number, Sent>();
  readonly #marks: Marks;
  #fault: CaError | null = null;
  #failures = 0;
  /** Nothing is sent until what went wrong has been waited out. */
  #halted = false;
  #stopped = false;
  #retry: Timer | null = null;
  #next: Timer | null = null;
  #rewrites = 0;
  #onEmpty: (() => void)[] = [];

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#pace = new Pace(options.replay);
    this.#lanes = new Lanes(
      options.outbox,
      (sequence) => this.#inFlight.has(sequence) || this.#marks.has(sequence),
    );
    this.#marks = new Marks({
      outbox: options.outbox,
      onMarked: (all) => this.#marked(all),
      onFault: (fault) => this.#halt(fault),
    });
  }

  /** A refused publish, or a store that cannot be read or written; null while all goes well. */
  get fault(): CaError | null {
    return this.#fault;
  }

  /** There is a connection: what waits now is backlog. */
  begin(): void {
    this.#rewind();
  }

  /** The connection is gone, and with it what was in flight. */
  reset(): void {
    const again = [...this.#inFlight.values()].filter((sent) => sent.again).map(({ row }) => row.sequence);
    if (again.length > 0) this.#lanes.lost(Math.min(...again));
    this.#inFlight.clear();
    this.#rewind();
  }

  /** Rows have been appended. */
  appended(): void {
    this.#lanes.appended();
  }

  /**
   * Publishes once more what was published, from a sequence on. Gives the first that is still there and the last.
   * @throws CaError CA_MESSAGES_GONE when there are none
   */
  resend(from: number): { from: number; to: number } {
    const { outbox, wake } = this.#options;
    // What the broker has is published, and what is on its way need not go twice.
    this.#marks.commit();
    const to = outbox.newest();
    const first = from > to ? from : outbox.oldest(from);
    if (first === null)
      throw new CaError('CA_MESSAGES_GONE', `of the events ${from} to ${to} none is left on the device`);
    this.#lanes.ask(first, to);
    this.#order();
    wake();
    return { from: first, to };
  }

  /**
   * Sends what waits, as far as there is room. After a fault one row at a time goes out until one has been
   * acknowledged: the others must not overtake the refused one again and again.
   */
  pump(connection: Connection): void {
    if (this.#halted) return;
    this.#reading(() => {
      const { rewrites } = this.#options.outbox;
      if (this.#rewrites !== rewrites) this.#lanes.rewritten();
      this.#rewrites = rewrites;
      if (this.#fault) this.#probe(connection);
      else this.#fill(connection);
    });
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
    this.#stopped = true;
    this.#halted = true;
    this.#marks.commit();
    this.#retry?.cancel();
    this.#retry = null;
    this.#next?.cancel();
    this.#next = null;
  }

  #fill(connection: Connection): void {
    this.#sendAll(connection, this.#lanes.live(connection.room), false);
    const { clock, wake } = this.#options;
    const now = clock.now().mono;
    const keptFree = Math.floor(connection.window * KEPT_FREE);
    const room = Math.max(0, connection.room - keptFree);
    const allowed = Math.min(room, this.#pace.room(now));
    const sent = this.#sendOld(connection, allowed);
    this.#pace.take(sent, now);
    // Nothing will come back to wake us for what the pace holds back.
    if (sent === allowed && allowed < room)
      this.#next ??= clock.after('next of the backlog', this.#pace.wait(now), () => {
        this.#next = null;
        wake();
      });
  }

  #probe(connection: Connection): void {
    const room = Math.min(connection.room, 1 - this.#inFlight.size);
    if (room <= 0) return;
    const sent = this.#sendOld(connection, room);
    // A store that is well again shows when nothing is left to send; a refused row would still be there.
    if (sent === 0 && this.#inFlight.size === 0 && !this.#halted) this.#recovered();
  }

  /** Sends what is not live; returns how many rows. */
  #sendOld(connection: Connection, room: number): number {
    const again = this.#lanes.again(room);
    this.#sendAll(connection, again, true);
    const backlog = this.#lanes.backlog(room - again.length);
    this.#sendAll(connection, backlog, false);
    return again.length + backlog.length;
  }

  #sendAll(connection: Connection, rows: readonly OutboxRow[], again: boolean): void {
    for (const row of rows) this.#send(connection, { row, again, rewrites: this.#rewrites });
  }

  #send(connection: Connection, sent: Sent): void {
    const { sequence } = sent.row;
    const { topic, payload } = eventOf(sent.row, this.#options.sender);
    this.#inFlight.set(sequence, sent);
    const contentType = 'application/cloudevents+json';
    connection.publish(topic, payload, { retain: false, contentType }, (refusal) => {
      this.#inFlight.delete(sequence);
      if (refusal) {
        if (sent.again) this.#lanes.lost(sequence);
        return this.#halt(refusal);
      }
      if (this.#halted) this.#retryWhenSettled();
      else {
        if (this.#fault) this.#recovered();
        // Before the commit of the marks, so that the broker works while the disk does.
        this.#options.wake();
      }
      if (sent.again) this.#settle(sent);
      else this.#marks.add(sent);
    });
  }

  /** A row that was asked for has arrived: it is marked already. */
  #settle(sent: Sent): void {
    if (![...this.#inFlight.values()].some(({ again }) => again)) this.#lanes.settle();
    this.#lookAgain([sent]);
  }

  /** What became another row while it was on its way got no mark, and that other row has yet to be sent. */
  #lookAgain(all: readonly Sent[]): void {
    if (all.every(({ rewrites }) => rewrites === this.#options.outbox.rewrites)) return;
    this.#rewrites = -1;
    this.#options.wake();
  }

  #recovered(): void {
    this.#fault = null;
    this.#failures = 0;
    this.#order();
  }

  /** Begins at the first row without a mark; after a fault, one by one. */
  #order(): void {
    this.#reading(() => (this.#fault ? this.#lanes.inOrder() : this.#lanes.split()));
  }

  #reading(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#halt(storeFault('reading the outbox', error));
    }
  }

  #marked(all: readonly Sent[]): void {
    const rows = all.map(({ row }) => row);
    this.#lanes.published(rows);
    this.#lookAgain(all);
    for (const row of rows) this.#options.onPublished(row);
    this.#tellIfEmpty();
  }

  #halt(fault: CaError): void {
    if (this.#fault?.message !== fault.message) this.#options.log.warn({ err: fault }, 'publishing halted');
    this.#fault = fault;
    this.#halted = true;
    this.#retryWhenSettled();
  }

  #retryWhenSettled(): void {
    // What was in flight at the stop may still be answered: tried again then, it would keep the process for ever.
    if (this.#stopped || this.#inFlight.size > 0 || this.#retry) return;
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
    if (this.#stopped) return;
    this.#halted = false;
    this.#order();
    this.#marks.commit();
  }

  #tellIfEmpty(): void {
    if (this.#onEmpty.length === 0 || this.#inFlight.size > 0 || this.#marks.size > 0) return;
    this.#reading(() => {
      if (this.#options.outbox.pending(0, 1).length > 0) return;
      for (const listener of this.#onEmpty.splice(0)) listener();
    });
  }
}
