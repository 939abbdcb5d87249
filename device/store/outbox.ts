import { CaError } from '../errors.ts';
import type { Db } from './open.ts';
import type { EventType, Outbox, OutboxRow } from './records.ts';
import { type OutboxTableRow, outboxRow } from './rows.ts';

/** A message to be written down together with the change that it tells of. */
export interface NewMessage {
  /** The event's own id: the far end tells duplicates by it. */
  id: string;
  type: EventType;
  desk: string;
  subject: string | null;
  /** When it happened; Unix milliseconds. */
  wall: number;
  data: unknown;
}

/** Puts a message into the outbox, under an id of its own; call it in the transaction of what it tells of. */
export type Tell = (message: Omit<NewMessage, 'id'>) => void;

/** The outbox table. AUTOINCREMENT rolls back with its transaction, so the sequence has no gaps. */
export class SqliteOutbox implements Outbox {
  readonly #listeners = new Set<() => void>();
  readonly #append;
  readonly #pending;
  readonly #again;
  readonly #oldest;
  readonly #newest;
  readonly #state;
  readonly #mark;
  readonly #depth;
  readonly #forget;
  readonly #now: () => number;
  readonly #db: Db;
  readonly #hub: boolean;
  readonly store: string;
  #acknowledged: number;
  #dropped: number;

  /** `now`: wall clock in Unix milliseconds. `hub`: rows wait for a hub's acknowledgement, not only for the broker's. */
  constructor(db: Db, now: () => number, hub: boolean) {
    this.#hub = hub;
    this.#db = db;
    this.#now = now;
    this.#append = db.prepare(
      `INSERT INTO outbox (id, type, desk, subject, wall, recorded, data)
       VALUES (@id, @type, @desk, @subject, @wall, @recorded, @data)`,
    );
    this.#pending = db.prepare<[number, number, number], OutboxTableRow>(
      `SELECT sequence, id, type, desk, subject, wall, recorded, data FROM outbox
       WHERE published IS NULL AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?`,
    );
    this.#again = db.prepare<[number, number, number], OutboxTableRow>(
      `SELECT sequence, id, type, desk, subject, wall, recorded, data FROM outbox
       WHERE published IS NOT NULL AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?`,
    );
    this.#oldest = db.prepare<[number], { sequence: number | null }>(
      'SELECT min(sequence) AS sequence FROM outbox WHERE sequence >= ?',
    );
    // AUTOINCREMENT remembers what was deleted since.
    this.#newest = db.prepare<[], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'");
    this.#state = db.prepare('UPDATE outbox_state SET acknowledged = ?, dropped = ?');
    const state = db
      .prepare<[], { store: string; acknowledged: number; dropped: number }>('SELECT * FROM outbox_state')
      .get();
    this.store = state?.store ?? '';
    this.#acknowledged = state?.acknowledged ?? 0;
    this.#dropped = state?.dropped ?? 0;
    this.#mark = db.prepare('UPDATE outbox SET published = ? WHERE sequence = ?');
    this.#depth = hub
      ? db.prepare<[number], { n: number }>('SELECT count(*) AS n FROM outbox WHERE sequence > ?')
      : db.prepare<[number], { n: number }>(
          'SELECT count(*) AS n FROM outbox WHERE published IS NULL AND sequence > min(?, 0)',
        );
    this.#forget = db.prepare('DELETE FROM outbox WHERE published < ? AND sequence <= ?');
  }

  /** Writes a message down; call it inside the transaction of the change, and `notify` after its commit. */
  append(message: NewMessage): void {
    this.#append.run({ ...message, recorded: this.#now(), data: JSON.stringify(message.data) });
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  pending(after: number, limit: number, to = Number.MAX_SAFE_INTEGER): OutboxRow[] {
    return this.#pending.all(after, to, limit).map(outboxRow);
  }

  again(after: number, to: number, limit: number): OutboxRow[] {
    return this.#again.all(after, to, limit).map(outboxRow);
  }

  oldest(from: number): number | null {
    return this.#oldest.get(from)?.sequence ?? null;
  }

  newest(): number {
    return this.#newest.get()?.seq ?? 0;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get dropped(): number {
    return this.#dropped;
  }

  acknowledge(upTo: number): void {
    if (upTo <= this.#acknowledged) return;
    const newest = this.newest();
    if (upTo > newest)
      throw new CaError(
        'CA_ACK_INVALID',
        `the hub acknowledges up to ${upTo}, the newest event is ${newest}`,
      );
    this.#state.run(upTo, this.#dropped);
    this.#acknowledged = upTo;
  }

  published(sequences: readonly number[]): void {
    const now = this.#now();
    this.#db.transaction(() => {
      for (const sequence of sequences) this.#mark.run(now, sequence);
    })();
  }

  depth(): number {
    return this.#depth.get(this.#acknowledged)?.n ?? 0;
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Deletes what was published before `wall` and waits for nobody. */
  forget(wall: number): void {
    this.#forget.run(wall, this.#hub ? this.#acknowledged : Number.MAX_SAFE_INTEGER);
  }
}
