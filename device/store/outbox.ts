import { CaError } from '../errors.ts';
import type { Db } from './open.ts';
import type { EventType, Outbox, OutboxRow } from './records.ts';
import { type OutboxTableRow, outboxRow } from './rows.ts';
import { type DropReason, firstOf, Tombstones } from './tombstones.ts';

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

/** Rows that are looked at, and forgotten, in one commit: some ten milliseconds on an SD card. */
const FORGOTTEN_AT_ONCE = 1_000;

const NO_END = Number.MAX_SAFE_INTEGER;

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
  readonly #unpublished;
  readonly #rowsAfter;
  readonly #stretch;
  readonly #forget;
  readonly #now: () => number;
  readonly #db: Db;
  readonly #tombstones: Tombstones;
  /** Rows wait for a hub's acknowledgement, not only for the broker's. */
  readonly hub: boolean;
  readonly store: string;
  #acknowledged: number;
  #dropped: number;
  /** Sequences that wait for the hub and whose row has become part of a later one. */
  #holes = 0;
  #lossy = false;
  #frees = 0;
  #rewrites = 0;
  /** Up to here it was looked at what can be forgotten; 0: from the beginning. */
  #lookedAt = 0;
  /** Everything up to here was published before this process first looked. */
  #earlier: number | null = null;

  /** `now`: wall clock in Unix milliseconds. `hub`: rows wait for a hub's acknowledgement, not only for the broker's. */
  constructor(db: Db, now: () => number, hub: boolean) {
    this.hub = hub;
    this.#db = db;
    this.#now = now;
    this.#append = db.prepare(
      `INSERT INTO outbox (id, type, desk, subject, wall, recorded, data)
       VALUES (@id, @type, @desk, @subject, @wall, @recorded, @data)`,
    );
    const columns = 'SELECT sequence, id, type, desk, subject, wall, recorded, data FROM outbox';
    const range = 'sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?';
    this.#pending = db.prepare<[number, number, number], OutboxTableRow>(
      `${columns} INDEXED BY outbox_waiting WHERE published IS NULL AND ${range}`,
    );
    this.#again = db.prepare<[number, number, number], OutboxTableRow>(
      `${columns} WHERE published IS NOT NULL AND ${range}`,
    );
    this.#oldest = db.prepare<[number], OutboxTableRow>(
      `${columns} WHERE sequence >= ? ORDER BY sequence LIMIT 1`,
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
    // By its id: the row may have become another one since it was read.
    this.#mark = db.prepare('UPDATE outbox SET published = ? WHERE sequence = ? AND id = ?');
    this.#unpublished = db.prepare<[], { n: number }>(
      'SELECT count(*) AS n FROM outbox INDEXED BY outbox_waiting WHERE published IS NULL',
    );
    // The index by subject is the smallest thing that knows every row: the rows themselves may be 100 MB.
    this.#rowsAfter = db.prepare<[number], { n: number }>(
      'SELECT count(*) AS n FROM outbox INDEXED BY outbox_by_subject WHERE sequence > ?',
    );
    this.#stretch = db.prepare<[number, number, number], { n: number; last: number | null }>(
      `SELECT count(*) AS n, max(sequence) AS last FROM
         (SELECT sequence FROM outbox WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?)`,
    );
    this.#forget = db.prepare('DELETE FROM outbox WHERE sequence > ? AND sequence <= ? AND published < ?');
    this.#tombstones = new Tombstones(db, this.store, now);
    if (hub) this.#holes = this.#holesAfter(this.#acknowledged);
    if (this.#dropped > 0) this.#lossy = this.#knowsLoss();
  }

  /** Writes a message down; call it inside the transaction of the change, and `notify` after its commit. */
  append(message: NewMessage): void {
    this.#append.run({ ...message, recorded: this.#now(), data: JSON.stringify(message.data) });
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  pending(after: number, limit: number, to = NO_END): OutboxRow[] {
    return this.#pending.all(after, to, limit).map(outboxRow);
  }

  again(after: number, to: number, limit: number): OutboxRow[] {
    return this.#again.all(after, to, limit).map(outboxRow);
  }

  oldest(from: number): number | null {
    const row = this.#oldest.get(from);
    return row ? Math.max(from, firstOf(row)) : null;
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

  get lossy(): boolean {
    if (this.#lossy && this.depth() === 0) this.#lossy = false;
    return this.#lossy;
  }

  get rewrites(): number {
    return this.#rewrites;
  }

  /** Grows whenever rows end their waiting by being delivered. */
  get frees(): number {
    return this.#frees;
  }

  acknowledge(upTo: number): void {
    if (upTo <= this.#acknowledged) return;
    const newest = this.newest();
    if (upTo > newest)
      throw new CaError(
        'CA_ACK_INVALID',
        `the hub acknowledges up to ${upTo}, the newest event is ${newest}`,
      );
    // Nearly always there are none, and nothing has to be counted.
    const holes = this.#holes > 0 && upTo < newest ? this.#holesAfter(upTo) : 0;
    this.#state.run(upTo, this.#dropped);
    this.#holes = holes;
    this.#acknowledged = upTo;
    this.#frees += 1;
  }

  published(rows: readonly Pick<OutboxRow, 'sequence' | 'id'>[]): void {
    const now = this.#now();
    this.#db.transaction(() => {
      for (const { sequence, id } of rows) this.#mark.run(now, sequence, id);
    })();
    this.#frees += 1;
  }

  depth(): number {
    if (this.hub) return this.newest() - this.#acknowledged - this.#holes;
    return this.#unpublished.get()?.n ?? 0;
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Puts one `outbox.dropped` in the place of each run of these waiting rows, in one commit together with what `also`
   * writes. Returns how many rows there are fewer.
   */
  drop(sequences: readonly number[], reason: Exclude<DropReason, 'erased'>, also: () => void): number {
    const waits = (sequence: number, published: number | null) =>
      this.hub ? sequence > this.#acknowledged : published === null;
    const dropped = this.#dropped + sequences.length;
    let holes = 0;
    this.#db.transaction(() => {
      for (const sequence of sequences) holes += this.#tombstones.drop(sequence, reason, waits);
      this.#state.run(this.#acknowledged, dropped);
      also();
    })();
    this.#holes += holes;
    this.#dropped = dropped;
    this.#lossy = true;
    this.#rewrites += 1;
    this.notify();
    return holes;
  }

  /** Empties every row of an erased contact but `contact.erased`: waiting or kept. Call it in the transaction of the erasure, and `notify` after its commit. */
  scrub(contactId: string): void {
    if (this.#tombstones.scrub(contactId) > 0) this.#rewrites += 1;
  }

  /**
   * Deletes, of a stretch of rows, what was published before `wall` and waits for nobody; true: there is more to look at.
   * `own`: also what this process has published, by a clock that may have been put right since.
   */
  forget(wall: number, own = true): boolean {
    this.#earlier ??= (this.pending(0, 1)[0]?.sequence ?? this.newest() + 1) - 1;
    const to = Math.min(own ? NO_END : this.#earlier, this.hub ? this.#acknowledged : NO_END);
    const after = this.#lookedAt;
    const { n, last } = this.#stretch.get(after, to, FORGOTTEN_AT_ONCE) ?? { n: 0, last: null };
    const gone = last === null ? 0 : this.#forget.run(after, last, wall).changes;
    // What comes later was published later, or nearly: where nothing is old enough, that need not be read.
    const more = n === FORGOTTEN_AT_ONCE && gone > 0;
    this.#lookedAt = more ? (last ?? 0) : 0;
    return more;
  }

  #holesAfter(sequence: number): number {
    return this.newest() - sequence - (this.#rowsAfter.get(sequence)?.n ?? 0);
  }

  #knowsLoss(): boolean {
    const waiting = this.hub ? 'sequence > ?' : 'published IS NULL AND sequence > ?';
    const found = this.#db
      .prepare(
        `SELECT 1 FROM outbox WHERE type = 'outbox.dropped' AND data ->> 'reason' <> 'erased' AND ${waiting} LIMIT 1`,
      )
      .get(this.hub ? this.#acknowledged : 0);
    return found !== undefined;
  }
}
