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
  readonly #mark;
  readonly #depth;
  readonly #forget;
  readonly #now: () => number;
  readonly #db: Db;

  /** `now`: wall clock in Unix milliseconds. */
  constructor(db: Db, now: () => number) {
    this.#db = db;
    this.#now = now;
    this.#append = db.prepare(
      `INSERT INTO outbox (id, type, desk, subject, wall, recorded, data)
       VALUES (@id, @type, @desk, @subject, @wall, @recorded, @data)`,
    );
    this.#pending = db.prepare<[number, number], OutboxTableRow>(
      `SELECT sequence, id, type, desk, subject, wall, recorded, data FROM outbox
       WHERE published IS NULL AND sequence > ? ORDER BY sequence LIMIT ?`,
    );
    this.#mark = db.prepare('UPDATE outbox SET published = ? WHERE sequence = ?');
    this.#depth = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM outbox WHERE published IS NULL');
    this.#forget = db.prepare('DELETE FROM outbox WHERE published < ?');
  }

  /** Writes a message down; call it inside the transaction of the change, and `notify` after its commit. */
  append(message: NewMessage): void {
    this.#append.run({ ...message, recorded: this.#now(), data: JSON.stringify(message.data) });
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  pending(after: number, limit: number): OutboxRow[] {
    return this.#pending.all(after, limit).map(outboxRow);
  }

  published(sequences: readonly number[]): void {
    const now = this.#now();
    this.#db.transaction(() => {
      for (const sequence of sequences) this.#mark.run(now, sequence);
    })();
  }

  depth(): number {
    return this.#depth.get()?.n ?? 0;
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Deletes what was published before `wall`. */
  forget(wall: number): void {
    this.#forget.run(wall);
  }
}
