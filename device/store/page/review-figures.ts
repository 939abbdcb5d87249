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

  /** What reviewers said with a tag of their own, by what the contact was in the inbox for. */
  judged(within: Within): Judged[] {
    return this.#tables
      .prepare<[Within], Judged>(
        `SELECT class, press, tag AS reviewer, count(*) AS n FROM judgements r INDEXED BY judgements_by_time
           WHERE r.${WITHIN} GROUP BY 1, 2, 3`,
      )
      .all(within);
  }
}
