import type { Outbox, OutboxRow } from '../device/store/records.ts';

const NO_END = Number.MAX_SAFE_INTEGER;

/** A stretch of the outbox that is sent from its beginning to its end. */
interface Lane {
  /** Everything up to here has been sent. */
  after: number;
  readonly to: number;
  /** There may be more to send. */
  more: boolean;
}

/**
 * Which rows are next. What was there when the connection came up is backlog; what comes later is live and may go
 * first. What a hub asks for again goes before the backlog: it is older. Each lane has the order of the sequence.
 * Any call may throw what the store throws.
 */
export class Lanes {
  readonly #outbox: Outbox;
  readonly #busy: (sequence: number) => boolean;
  #inOrder = true;
  #live: Lane = { after: 0, to: NO_END, more: false };
  #backlog: Lane = { after: 0, to: NO_END, more: true };
  #again: Lane | null = null;
  /** Published since the hub asked: their first time, not to be sent again. */
  readonly #fresh = new Set<number>();

  /** `busy`: the row is on its way, or its mark is. */
  constructor(outbox: Outbox, busy: (sequence: number) => boolean) {
    this.#outbox = outbox;
    this.#busy = busy;
  }

  /** What is there now is backlog; what will come is live. */
  split(): void {
    const newest = this.#outbox.newest();
    this.#inOrder = false;
    this.#live = { after: newest, to: NO_END, more: false };
    this.#backlog = { after: 0, to: newest, more: true };
  }

  /** From the first row without a mark, and nothing overtakes anything. */
  inOrder(): void {
    this.#inOrder = true;
    this.#live.more = false;
    this.#backlog = { after: 0, to: NO_END, more: true };
  }

  /** Rows have been appended. */
  appended(): void {
    (this.#inOrder ? this.#backlog : this.#live).more = true;
  }

  /** Rows have taken the place of others: what was read may be out of date. */
  rewritten(): void {
    if (this.#inOrder) return this.inOrder();
    Object.assign(this.#backlog, { after: 0, more: true });
    Object.assign(this.#live, { after: this.#backlog.to, more: true });
  }

  /** The published rows of this range go out again. */
  ask(from: number, to: number): void {
    this.#again = { after: from - 1, to, more: true };
    this.#fresh.clear();
  }

  /** Rows of the range that was asked for were on their way when the connection was lost; `first`: the first of them. */
  lost(first: number): void {
    if (this.#again === null) return;
    this.#again.after = Math.min(this.#again.after, first - 1);
    this.#again.more = true;
  }

  /** Nothing of the range that was asked for is on its way. */
  settle(): void {
    if (this.#again?.more) return;
    this.#again = null;
    this.#fresh.clear();
  }

  published(rows: readonly OutboxRow[]): void {
    if (this.#again === null) return;
    for (const { sequence } of rows) if (sequence <= this.#again.to) this.#fresh.add(sequence);
  }

  /** The next live rows. */
  live(limit: number): OutboxRow[] {
    return this.#take(this.#live, limit, (after, to, n) => this.#outbox.pending(after, n, to));
  }

  /** The next rows that the hub has asked for again. */
  again(limit: number): OutboxRow[] {
    const lane = this.#again;
    if (lane === null) return [];
    const rows = this.#take(lane, limit, (after, to, n) => this.#outbox.again(after, to, n));
    return rows.filter(({ sequence }) => !this.#fresh.has(sequence));
  }

  /** The next rows of the backlog. */
  backlog(limit: number): OutboxRow[] {
    return this.#take(this.#backlog, limit, (after, to, n) => this.#outbox.pending(after, n, to));
  }

  #take(
    lane: Lane,
    limit: number,
    read: (after: number, to: number, limit: number) => OutboxRow[],
  ): OutboxRow[] {
    const taken: OutboxRow[] = [];
    while (lane.more && taken.length < limit) {
      const wanted = limit - taken.length;
      const rows = read(lane.after, lane.to, wanted);
      lane.more = rows.length === wanted;
      lane.after = rows.at(-1)?.sequence ?? lane.after;
      for (const row of rows) if (!this.#busy(row.sequence)) taken.push(row);
    }
    return taken;
  }
}
