import type { Instant } from '../contacts/model.ts';
import type { Db } from './open.ts';
import type { SqliteOutbox, Tell } from './outbox.ts';

/** How much may wait, and for how long. */
export interface BacklogLimits {
  /** Milliseconds. */
  readonly age: number;
  /** Bytes of all waiting events together. */
  readonly size: number;
}

/** Rows that are dropped in one commit, and that are looked at for it: some ten milliseconds each. */
const AT_ONCE = 100;
const LOOKED_AT = 2_000;
/** What a row takes of the file beside its data, bytes, indexes included: 217 were measured (test/long/outage.test.ts). */
const ROW = 230;
/** What is left of one that was dropped, bytes. */
const TOMBSTONE = ROW + 70;
/** With less room (bytes) on the disk even contacts are dropped: counting must go on. */
const DISK_NEARLY_FULL = 50_000_000;
/** No contact is dropped for less than this, bytes: whatever fills the disk, it is something else. */
const WORTH_CONTACTS = 1_000_000;
/** What waits is at least that much when there are so many. */
const MANY = Math.ceil(WORTH_CONTACTS / ROW);

/** What is dropped first, and what last. `contact.erased` and `clip.deleted` never: a copy somewhere has to go. */
const CLASSES = [
  // The closed contact tells it all once more.
  "type = 'contact.started' OR (type = 'press' AND subject IS NOT NULL)",
  // But not the one that tells of this.
  `type IN ('clip.ready', 'clip.uploaded') OR (type = 'press' AND subject IS NULL)
     OR (type = 'alert' AND data ->> 'code' <> 'CA_BACKLOG_DROPPED')`,
  // A review costs a person's time, and comes once.
  "type IN ('contact.closed', 'contact.reviewed')",
] as const;
type Class = 0 | 1 | 2;

const NOTHING = { n: 0, bytes: 0, last: null };

interface Waiting {
  sequence: number;
  desk: string;
  bytes: number;
}

/** Keeps what waits within its limits, in short commits: what is least important goes first, and is counted. */
export class Backlog {
  readonly #outbox: SqliteOutbox;
  readonly #db: Db;
  readonly #tell: Tell;
  readonly #ofClass;
  readonly #weigh;
  readonly #younger;
  /** For each class: up to here there is none left to be dropped. */
  readonly #done: [number, number, number] = [0, 0, 0];
  /**
   * Bytes of the waiting rows up to the sequence `to`, weighed when `frees` of the outbox was this. One look takes many
   * steps, and rows are delivered meanwhile: to weigh anew each time would cost more than it saves.
   */
  #weight = { bytes: 0, to: 0, frees: 0, looking: false };
  /** What there was when this process came. */
  #first: { mono: number; newest: number } | null = null;

  constructor(db: Db, outbox: SqliteOutbox, tell: Tell) {
    this.#db = db;
    this.#outbox = outbox;
    this.#tell = tell;
    const waiting = outbox.hub
      ? 'outbox WHERE sequence > @after'
      : 'outbox INDEXED BY outbox_waiting WHERE published IS NULL AND sequence > @after';
    const bytes = `octet_length(data) + ${ROW}`;
    this.#ofClass = CLASSES.map((types) =>
      db.prepare<{ after: number; to: number; limit: number }, Waiting>(
        `SELECT sequence, desk, ${bytes} AS bytes FROM ${waiting} AND sequence <= @to AND (${types})
         ORDER BY sequence LIMIT @limit`,
      ),
    );
    this.#weigh = db.prepare<
      { after: number; limit: number },
      { n: number; bytes: number | null; last: number | null }
    >(
      `SELECT count(*) AS n, sum(bytes) AS bytes, max(sequence) AS last FROM
         (SELECT sequence, ${bytes} AS bytes FROM ${waiting} ORDER BY sequence LIMIT @limit)`,
    );
    this.#younger = db.prepare<{ after: number; to: number; since: number }, { sequence: number }>(
      `SELECT sequence FROM ${waiting} AND sequence <= @to AND recorded >= @since
         AND type <> 'outbox.dropped' ORDER BY sequence LIMIT 1`,
    );
  }

  /** Drops some of what is too much; true: call it again, soon. `free`: bytes left on the disk, null where that is not known. */
  step(limits: BacklogLimits, now: Instant, free: number | null): boolean {
    this.#first ??= { mono: now.mono, newest: this.#outbox.newest() };
    return this.#tooOld(limits.age, now) || this.#diskFull(free, now) || this.#tooLarge(limits.size, now);
  }

  #tooOld(age: number, now: Instant): boolean {
    const newest = this.#outbox.newest();
    // The clock may be put right by years: what this process wrote is no older than this process.
    const oldOnes = now.mono - (this.#first?.mono ?? 0) >= age ? newest : (this.#first?.newest ?? 0);
    return ([0, 1] as const).some((kind) => {
      const after = this.#after(kind);
      const to = Math.min(oldOnes, after + LOOKED_AT);
      const younger = this.#younger.get({ after, to, since: now.wall - age });
      return this.#drop(kind, younger ? younger.sequence - 1 : to, 'age', now) !== null;
    });
  }

  #diskFull(free: number | null, now: Instant): boolean {
    // SQLite gives nothing back to the disk: what is deleted is room for what comes.
    if (free === null || free + this.#pages('freelist_count') >= DISK_NEARLY_FULL) return false;
    const newest = this.#outbox.newest();
    const of = (kind: Class) => this.#drop(kind, newest, 'disk', now) !== null;
    return of(0) || of(1) || (this.#isWorthContacts() && of(2));
  }

  #isWorthContacts(): boolean {
    const { bytes } = this.#weigh.get({ after: this.#acknowledged, limit: MANY }) ?? NOTHING;
    return (bytes ?? 0) >= WORTH_CONTACTS;
  }

  #tooLarge(size: number, now: Instant): boolean {
    const weight = this.#weight;
    if (!weight.looking && weight.frees !== this.#outbox.frees)
      this.#weight = { bytes: 0, to: 0, frees: this.#outbox.frees, looking: false };
    this.#weight.looking = this.#isTooLarge(size, now);
    return this.#weight.looking;
  }

  #isTooLarge(size: number, now: Instant): boolean {
    // Cheap, and enough nearly always: a store that is smaller holds no larger backlog.
    if (this.#pages('page_count') - this.#pages('freelist_count') <= size) return false;
    const weight = this.#weight;
    const after = Math.max(weight.to, this.#acknowledged);
    const { n, bytes, last } = this.#weigh.get({ after, limit: LOOKED_AT }) ?? NOTHING;
    weight.bytes += bytes ?? 0;
    weight.to = last ?? after;
    if (n === LOOKED_AT) return true;
    if (weight.bytes <= size) return false;
    return ([0, 1] as const).some((kind) => {
      const dropped = this.#drop(kind, weight.to, 'size', now);
      weight.bytes -= dropped ?? 0;
      return dropped !== null;
    });
  }

  /** Drops the oldest of a class up to `to`, as far as it looks at once; returns how many bytes that saved, null: there is nothing left to look at. */
  #drop(kind: Class, to: number, reason: 'age' | 'size' | 'disk', now: Instant): number | null {
    const after = this.#after(kind);
    if (to <= after) return null;
    const end = Math.min(to, after + LOOKED_AT);
    const rows = this.#ofClass[kind]?.all({ after, to: end, limit: AT_ONCE }) ?? [];
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    const [oldest] = rows;
    this.#done[kind] = rows.length < AT_ONCE ? end : (rows.at(-1)?.sequence ?? end);
    if (!oldest) return 0;
    const told = this.#outbox.lossy;
    const fewer = this.#outbox.drop(
      rows.map(({ sequence }) => sequence),
      reason,
      // One for an outage, not one for each row.
      () => !told && this.#alert(oldest.desk, reason, now.wall),
    );
    // They have been weighed, perhaps.
    if (reason !== 'size') this.#weight.frees = -1;
    return bytes - (rows.length - fewer) * TOMBSTONE;
  }

  #alert(desk: string, cause: 'age' | 'size' | 'disk', wall: number): void {
    const why = { age: 'had waited for too long', size: 'were too many', disk: 'filled the disk' }[cause];
    const data = { desk, code: 'CA_BACKLOG_DROPPED', reason: `events that ${why} were dropped` };
    this.#tell({ type: 'alert', desk, subject: null, wall, data });
  }

  #after(kind: Class): number {
    return Math.max(this.#done[kind], this.#acknowledged);
  }

  get #acknowledged(): number {
    return this.#outbox.hub ? this.#outbox.acknowledged : 0;
  }

  /** Bytes of the database's pages of a kind. */
  #pages(kind: 'page_count' | 'freelist_count'): number {
    const count = this.#db.pragma(kind, { simple: true }) as number;
    return count * (this.#db.pragma('page_size', { simple: true }) as number);
  }
}
