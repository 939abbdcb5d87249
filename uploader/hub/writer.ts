import { backOff } from '../../device/back-off.ts';
import type { Clock, Timer } from '../../device/clock.ts';
import { CaError, messageOf } from '../../device/errors.ts';
import type { Logger } from '../../device/log.ts';
import type { Changes } from './apply.ts';
import { Database } from './database.ts';
import type { Incoming } from './incoming.ts';

/** Messages of one transaction, and messages that may wait for theirs. */
const BATCH = 500;
const LONGEST_QUEUE = 5_000;
/** The longest pause (ms) before the database is tried again. */
const LONGEST_WAIT = 10_000;

export interface WriterOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called after each commit. */
  readonly onCommit: (changes: Changes) => void;
  /** Called when the database is back: what came in the meantime is not in it. */
  readonly onBack: () => void;
}

/**
 * Writes messages to the database in the order in which they came: in one transaction, what has come while the last
 * one ran. While the database is away, messages are dropped: the devices have them.
 */
export class Writer {
  readonly #options: WriterOptions;
  #database: Database | null = null;
  #fault: CaError | null;
  #failures = 0;
  #retry: Timer | null = null;
  #queue: Incoming[] = [];
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#fault = new CaError('CA_DATABASE_UNREACHABLE', 'not connected yet');
  }

  /** Why nothing can be written; null while all is well. */
  get fault(): CaError | null {
    return this.#fault;
  }

  /** Messages that wait to be written. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Tries to reach the database, and goes on trying; resolves after the first attempt. */
  async open(): Promise<void> {
    const { url, clock, log, onBack } = this.#options;
    const database: Database = new Database(url, clock, () => this.#lost(database, 'connection closed'));
    this.#database = database;
    try {
      await database.open();
    } catch (error) {
      return this.#lost(database, error);
    }
    if (database !== this.#database) return;
    log.info('the database is there');
    this.#fault = null;
    this.#failures = 0;
    onBack();
  }

  /** Takes a message in; one that cannot be kept is dropped, and will be found missing. */
  add(message: Incoming): void {
    if (this.#fault !== null || this.#stopped || this.#queue.length >= LONGEST_QUEUE) return;
    this.#queue.push(message);
    this.#running ??= this.#write().finally(() => {
      this.#running = null;
    });
  }

  /** Writes what waits, and ends the connection. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#retry?.cancel();
    const database = this.#database;
    this.#database = null;
    await database?.close();
  }

  async #write(): Promise<void> {
    // All that arrives in this turn of the event loop goes together.
    await new Promise(setImmediate);
    for (;;) {
      const database = this.#database;
      const batch = this.#queue.splice(0, BATCH);
      if (database === null || batch.length === 0) return;
      try {
        const changes = await database.commit(batch);
        this.#options.onCommit(changes);
      } catch (error) {
        this.#lost(database, error);
      }
    }
  }

  #lost(database: Database, error: unknown): void {
    if (database !== this.#database) return;
    this.#database = null;
    this.#queue = [];
    const { clock, log } = this.#options;
    this.#fault = error instanceof CaError ? error : new CaError('CA_DATABASE_UNREACHABLE', messageOf(error));
    this.#failures += 1;
    const wait = backOff(this.#failures, LONGEST_WAIT);
    log.warn({ err: this.#fault, retryMs: Math.round(wait) }, 'the database is away');
    void database.close();
    if (!this.#stopped) this.#retry = clock.after('try the database again', wait, () => void this.open());
  }
}
