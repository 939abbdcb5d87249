import type { QueueClass } from '../records.ts';
import type { PageTables } from './tables.ts';

/** Unix ms, `to` not included; null: all desks. */
export interface Within {
  readonly from: number;
  readonly to: number;
  readonly desk: string | null;
}

/** How many contacts of the inbox's class a reviewer gave which tag; `press`: what had been pressed. */
export interface Judged {
  readonly class: QueueClass;
  readonly press: string | null;
  readonly reviewer: string;
  readonly n: number;
}

const WITHIN = 'started_wall >= @from AND r.started_wall < @to AND (@desk IS NULL OR r.desk = @desk)';

/** Figures of what reviewers said, for reports. None of them asks who stood at the desk. */
export class ReviewFigures {
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** Group and names by language of each cause. */
  causeNames(): Map<string, { group: string; names: Readonly<Record<string, string>> }> {
    const rows = this.#tables
      .prepare<[], { id: string; kind: string; names: string }>('SELECT id, kind, names FROM causes')
      .all();
    return new Map(rows.map(({ id, kind, names }) => [id, { group: kind, names: JSON.parse(names) }]));
  }

  /** Reviewed contacts with at least one of the causes, or with one that was merged into the same. */
  withCauses(causes: readonly string[], within: Within): number {
    const row = this.#tables
      .prepare<[Within & { causes: string }], { n: number }>(
        `SELECT count(DISTINCT contact_id) AS n FROM review_causes r JOIN causes ON id = cause_id
           WHERE r.${WITHIN} AND coalesce(merged_into, id) IN (
             SELECT coalesce(merged_into, id) FROM causes WHERE id IN (SELECT value FROM json_each(@causes)))`,
      )
      .get({ ...within, causes: JSON.stringify(causes) });
    return row?.n ?? 0;
  }

  /**
   * What reviewers said with a tag of their own, by what the contact was in the inbox for; the first tag, given before
   * they were shown what was pressed. Not by the queue: a sample leaves it with its clip, and clips of the dissatisfied
   * stay longest: those that are left would speak for all.
   */
  judged(within: Within): Judged[] {
    return this.#tables
      .prepare<[Within], Judged>(
        `SELECT CASE WHEN p.tag = 'negative' THEN 'negative' WHEN h.kind = 'suspected-negative' THEN 'hint'
               WHEN (k.state = 'ready' OR k.reason IN ('age', 'space')) AND in_sample(r.contact_id) THEN 'sample'
             END AS class, p.tag AS press, r.first_tag AS reviewer, count(*) AS n
           FROM reviews r JOIN contacts c ON c.id = r.contact_id LEFT JOIN presses p ON p.id = c.press_id
             LEFT JOIN hints h ON h.contact_id = r.contact_id LEFT JOIN clips k ON k.contact_id = r.contact_id
           WHERE r.${WITHIN} AND r.first_tag IS NOT NULL AND class IS NOT NULL GROUP BY 1, 2, 3`,
      )
      .all(within);
  }
}
