import type { Db } from './open.ts';
import type { EventType } from './records.ts';

/** Why rows were dropped: too old; the backlog too large; the disk full; the contact erased. */
export type DropReason = 'age' | 'size' | 'disk' | 'erased';

/** `data` of `outbox.dropped`. */
interface Tombstone {
  from: number;
  counts: Partial<Record<EventType, number>>;
  reason: DropReason;
}

interface Row {
  sequence: number;
  type: EventType;
  published: number | null;
  data: string;
}

/**
 * Puts `outbox.dropped` in the place of rows, so that the far end sees no gap where nothing will come. Neighbours that
 * were dropped for the same reason become one row, in the place of the last. Call it in a transaction.
 */
export class Tombstones {
  readonly #store: string;
  readonly #now: () => number;
  readonly #at;
  readonly #next;
  readonly #of;
  readonly #put;
  readonly #delete;

  /** `store`: its name. `now`: wall clock in Unix milliseconds. */
  constructor(db: Db, store: string, now: () => number) {
    const columns = 'SELECT sequence, type, published, data FROM outbox';
    this.#store = store;
    this.#now = now;
    this.#at = db.prepare<[number], Row>(`${columns} WHERE sequence = ?`);
    this.#next = db.prepare<[number], Row>(`${columns} WHERE sequence > ? ORDER BY sequence LIMIT 1`);
    this.#of = db.prepare<[string], Row>(
      `${columns} WHERE subject = ? AND type NOT IN ('contact.erased', 'outbox.dropped')`,
    );
    this.#put = db.prepare(
      `UPDATE outbox SET id = @id, type = 'outbox.dropped', subject = NULL, wall = @now, recorded = @now,
         data = @data, published = @published WHERE sequence = @sequence`,
    );
    this.#delete = db.prepare('DELETE FROM outbox WHERE sequence = ?');
  }

  /** Drops a waiting row; `waits` says of a sequence's mark whether its row does. Returns how many rows there are fewer. */
  drop(
    sequence: number,
    reason: DropReason,
    waits: (sequence: number, published: number | null) => boolean,
  ): number {
    const row = this.#at.get(sequence);
    if (!row) return 0;
    const before = this.#at.get(sequence - 1);
    const after = this.#next.get(sequence);
    const run = [{ row, tombstone: { from: sequence, counts: { [row.type]: 1 }, reason } as Tombstone }];
    for (const neighbour of [before, after]) {
      const tombstone = neighbour && tombstoneOf(neighbour);
      if (!tombstone || tombstone.reason !== reason) continue;
      if (!waits(neighbour.sequence, neighbour.published)) continue;
      if (neighbour === after && tombstone.from !== sequence + 1) continue;
      run.push({ row: neighbour, tombstone });
    }
    run.sort((a, b) => a.row.sequence - b.row.sequence);
    const last = run.at(-1)?.row ?? row;
    for (const { row: gone } of run) if (gone !== last) this.#delete.run(gone.sequence);
    const counts: Tombstone['counts'] = {};
    for (const { tombstone } of run)
      for (const [type, n] of Object.entries(tombstone.counts) as [EventType, number][])
        counts[type] = (counts[type] ?? 0) + n;
    // What has not gone out in all its parts has to go out.
    const marks = run.map(({ row: { published } }) => published);
    const published = marks.includes(null) ? null : last.published;
    this.#write(last.sequence, { from: run[0]?.tombstone.from ?? sequence, counts, reason }, published);
    return run.length - 1;
  }

  /** Empties each row of a contact in its place, those that are kept for a hub that asks again as well; returns how many. */
  scrub(contactId: string): number {
    const rows = this.#of.all(contactId);
    for (const { sequence, type, published } of rows)
      this.#write(sequence, { from: sequence, counts: { [type]: 1 }, reason: 'erased' }, published);
    return rows.length;
  }

  #write(sequence: number, tombstone: Tombstone, published: number | null): void {
    const { from } = tombstone;
    // An id of its own for each extent: the far end drops what it has seen.
    const id = `${this.#store}-${from}-${sequence}`;
    this.#put.run({ sequence, id, now: this.#now(), data: JSON.stringify(tombstone), published });
  }
}

function tombstoneOf(row: Row): Tombstone | null {
  return row.type === 'outbox.dropped' ? JSON.parse(row.data) : null;
}

/** The first sequence that a row stands for. */
export function firstOf(row: Pick<Row, 'sequence' | 'type' | 'data'>): number {
  return row.type === 'outbox.dropped' ? (JSON.parse(row.data) as Tombstone).from : row.sequence;
}
