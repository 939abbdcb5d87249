import { sampled } from '../../contacts/keeping.ts';
import type { Tag, TagSource } from '../../contacts/model.ts';
import type { Db, Prepare } from '../open.ts';
import type { QueueClass } from '../records.ts';
import { iso } from '../rows.ts';

/** Share of the contacts that nothing speaks of, which chance puts into the queue. Where a share of the clips is kept by chance, it is the same chance: their clips are there. */
const SAMPLE = 0.1;

/**
 * What a contact is in the queue for, out of the press that counts (not out of a reviewer's tag: a review does not move
 * it to another class). `sampled`: the SQL that says whether chance has chosen it. Who stood at the desk is not asked.
 */
const classed = (sampled: string) => `
  SELECT c.id, c.desk, c.started_wall, CASE WHEN p.tag = 'negative' THEN 0 ELSE coalesce(h.priority, 0) END AS rank,
      EXISTS (SELECT 1 FROM review_marks m WHERE m.contact_id = c.id) AS reviewed,
      CASE WHEN p.tag = 'negative' THEN 'negative' WHEN h.kind = 'suspected-negative' THEN 'hint'
        WHEN k.state = 'ready' AND ${sampled} THEN 'sample' END AS class
    FROM contacts c LEFT JOIN presses p ON p.id = c.press_id LEFT JOIN hints h ON h.contact_id = c.id
      LEFT JOIN clips k ON k.contact_id = c.id
    WHERE c.state = 'settled'`;
/** Newest first; among hints those first that somebody should look at first. A sample that a model orders would be none. */
const put = (from: string) => `
  INSERT OR REPLACE INTO queue (contact_id, class, desk, started_wall, rank, reviewed)
    SELECT id, class, desk, started_wall, CASE class WHEN 'hint' THEN rank ELSE 0 END, reviewed FROM (${from})
    WHERE class IS NOT NULL`;

/** The table, part of the store's sixth version. `rank` is a model's opinion: no figure of a receptionist may read it. */
export const QUEUE = `
  CREATE TABLE queue (
    contact_id   TEXT PRIMARY KEY REFERENCES contacts,
    class        TEXT NOT NULL CHECK (class IN ('negative', 'hint', 'sample')),
    desk         TEXT NOT NULL,
    started_wall REAL NOT NULL,
    rank         REAL NOT NULL,
    reviewed     INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX queue_unreviewed ON queue (class, rank DESC, started_wall DESC, contact_id DESC) WHERE reviewed = 0;
  CREATE INDEX queue_in_order ON queue (class, rank DESC, started_wall DESC, contact_id DESC);
  CREATE INDEX queue_by_time ON queue (started_wall, class, desk, reviewed);
  ${put(classed('in_sample(c.id)'))};
`;

/** Teaches SQLite who is in the sample, for a queue that is filled from contacts that were there before. */
export function knowSample(db: Db): void {
  db.function('in_sample', { deterministic: true }, (id) => Number(sampled(String(id), SAMPLE)));
}

/** Fills the queue with all contacts there are. */
export function fillQueue(db: Db): void {
  knowSample(db);
  db.exec(put(classed('in_sample(c.id)')));
}

/** Whose queue: of what nobody has reviewed yet, or this account. */
export type By = { readonly anybody: true } | { readonly accountId: string };

export interface Queued {
  readonly id: string;
  readonly class: QueueClass;
  readonly startedWall: number;
  readonly rank: number;
}

/** Where a page of the list ended. */
export type Place = Pick<Queued, 'id' | 'class' | 'startedWall' | 'rank'>;

/** What a row of the list shows of a contact; all but what models said. */
export interface Stay {
  readonly desk: string;
  readonly startedAt: string;
  readonly duration: number;
  readonly tag: Tag;
  readonly tagSource: TagSource | null;
  /** Models said something of it. */
  readonly scored: boolean;
  /** There is a clip that can be played. */
  readonly clip: boolean;
  /** The receptionist has answered the review. */
  readonly answered: boolean;
  /** `at`: milliseconds after the arrival. */
  readonly presses: readonly { readonly at: number; readonly rating: number | null; readonly tag: Tag }[];
}

const CLASSES: readonly QueueClass[] = ['negative', 'hint', 'sample'];

/** What waits to be reviewed. Call what writes in a transaction. */
export class Queue {
  readonly #prepare: Prepare;

  constructor(prepare: Prepare) {
    this.#prepare = prepare;
  }

  /** Puts a contact where it belongs, as the tables have it now: once it is settled, and whenever its clip comes or goes. */
  put(contactId: string): void {
    this.#prepare('DELETE FROM queue WHERE contact_id = ?').run(contactId);
    this.#prepare(put(`${classed('@sampled')} AND c.id = @contactId`)).run({
      contactId,
      sampled: Number(sampled(contactId, SAMPLE)),
    });
  }

  /** Somebody has reviewed the contact, or nobody any more. */
  mark(contactId: string): void {
    this.#prepare(
      `UPDATE queue SET reviewed = EXISTS (SELECT 1 FROM review_marks WHERE contact_id = @contactId)
         WHERE contact_id = @contactId`,
    ).run({ contactId });
  }

  /** Times were put right: of the contacts of a boot. */
  correctClock(boot: string): void {
    this.#prepare(
      `UPDATE queue SET started_wall = (SELECT started_wall FROM contacts WHERE id = contact_id)
         WHERE contact_id IN (SELECT id FROM contacts JOIN sessions USING (session) WHERE boot = ?)`,
    ).run(boot);
  }

  forget(contactId: string): void {
    this.#prepare('DELETE FROM queue WHERE contact_id = ?').run(contactId);
  }

  /** null: it need not be reviewed. */
  classOf(contactId: string): QueueClass | null {
    const row = this.#prepare<[string], { class: QueueClass }>(
      'SELECT class FROM queue WHERE contact_id = ?',
    ).get(contactId);
    return row?.class ?? null;
  }

  /**
   * Whether chance has chosen a contact that is in no class: once its clip is there it is in the sample, if nobody was
   * dissatisfied until then.
   */
  chosen(contactId: string): boolean {
    if (!sampled(contactId, SAMPLE) || this.classOf(contactId) !== null) return false;
    const contact = this.#prepare<[string], { tag: Tag | null }>(
      'SELECT p.tag FROM contacts c LEFT JOIN presses p ON p.id = c.press_id WHERE c.id = ?',
    ).get(contactId);
    return contact !== undefined && contact.tag !== 'negative';
  }

  /** How many wait that began at `since` (Unix ms) or later. */
  left(by: By, since: number, desk: string | null): Record<QueueClass, number> {
    const rows = this.#prepare<[object], { class: QueueClass; n: number }>(
      `SELECT class, count(*) AS n FROM queue INDEXED BY queue_by_time
         WHERE started_wall >= @since ${desk === null ? '' : 'AND desk = @desk'} AND ${waiting(by)} GROUP BY class`,
    ).all({ since, desk, ...by });
    const left = { negative: 0, hint: 0, sample: 0 };
    for (const { class: of, n } of rows) left[of] = n;
    return left;
  }

  /** The next `limit` after a place in the queue, in its order, of one class or of all. */
  list(
    by: By,
    since: number,
    {
      of,
      desk,
      after,
      limit,
    }: { of: QueueClass | null; desk: string | null; after: Place | null; limit: number },
  ): Queued[] {
    const found: Queued[] = [];
    for (const kind of of === null ? CLASSES : [of]) {
      if (after && CLASSES.indexOf(kind) < CLASSES.indexOf(after.class)) continue;
      const from = after?.class === kind ? after : null;
      const rows = this.#prepare<[object], Queued>(
        `SELECT contact_id AS id, class, started_wall AS startedWall, rank
           FROM queue INDEXED BY ${'anybody' in by ? 'queue_unreviewed' : 'queue_in_order'}
           WHERE class = @kind AND started_wall >= @since AND ${waiting(by)}
             ${desk === null ? '' : 'AND desk = @desk'}
             ${from ? 'AND (rank, started_wall, contact_id) < (@rank, @startedWall, @id)' : ''}
           ORDER BY rank DESC, started_wall DESC, contact_id DESC LIMIT @limit`,
      ).all({ kind, since, desk, limit: limit - found.length, ...by, ...from });
      found.push(...rows);
      if (found.length === limit) break;
    }
    return found;
  }

  /** The contact must be there. */
  stay(contactId: string): Stay {
    const row = this.#prepare<[string], StayRow>(
      `SELECT c.desk, c.started_wall, c.started_mono, c.duration, c.tag, c.tag_source, k.state = 'ready' AS clip,
           r.answer IS NOT NULL AS answered, h.contact_id IS NOT NULL AS scored
         FROM contacts c LEFT JOIN clips k ON k.contact_id = c.id LEFT JOIN reviews r ON r.contact_id = c.id
           LEFT JOIN hints h ON h.contact_id = c.id
         WHERE c.id = ?`,
    ).get(contactId) as StayRow;
    const presses = this.#prepare<[string], { mono: number; rating: number | null; tag: Tag }>(
      'SELECT mono, rating, tag FROM presses WHERE contact_id = ? ORDER BY mono, id',
    ).all(contactId);
    return {
      ...{ desk: row.desk, startedAt: iso(row.started_wall), duration: Math.round(row.duration ?? 0) },
      ...{
        tag: row.tag,
        tagSource: row.tag_source,
        clip: row.clip === 1,
        answered: row.answered === 1,
        scored: row.scored === 1,
      },
      presses: presses.map(({ mono, ...press }) => ({ at: Math.round(mono - row.started_mono), ...press })),
    };
  }

  /** The contacts before and after it at the same desk that are settled; null: there is none. */
  neighbours(contactId: string): { previous: string | null; next: string | null } {
    const beside = (sign: '<' | '>', order: 'DESC' | 'ASC') =>
      this.#prepare<[string], { id: string }>(
        `SELECT c.id FROM contacts o JOIN contacts c ON c.desk = o.desk AND c.state = 'settled'
             AND (c.started_wall, c.id) ${sign} (o.started_wall, o.id)
           WHERE o.id = ? ORDER BY c.started_wall ${order}, c.id ${order} LIMIT 1`,
      ).get(contactId)?.id ?? null;
    return { previous: beside('<', 'DESC'), next: beside('>', 'ASC') };
  }
}

interface StayRow {
  desk: string;
  started_wall: number;
  started_mono: number;
  duration: number | null;
  tag: Tag;
  tag_source: TagSource | null;
  clip: number | null;
  answered: number;
  scored: number;
}

function waiting(by: By): string {
  if ('anybody' in by) return 'reviewed = 0';
  return `NOT EXISTS (SELECT 1 FROM review_marks m
    WHERE m.contact_id = queue.contact_id AND m.account_id = @accountId)`;
}
