import type { Prepare } from '../open.ts';
import { STARTING_CAUSES } from './starting-causes.ts';
import type { PageTables } from './tables.ts';

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The tables, part of the store's sixth version. `merged_into` names where a cause ended: it is never one that was merged itself. */
export const CAUSES = `
  CREATE TABLE causes (
    id          TEXT PRIMARY KEY,
    place       INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    names       TEXT NOT NULL,
    retired     INTEGER NOT NULL,
    merged_into TEXT REFERENCES causes
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE cause_versions (
    version INTEGER PRIMARY KEY,
    wall    REAL NOT NULL,
    account TEXT NOT NULL,
    change  TEXT NOT NULL
  ) STRICT;
  INSERT INTO cause_versions VALUES (1, 0, '', '{}');
  INSERT INTO causes VALUES
    ${STARTING_CAUSES.map(([id, kind, en, ru, pl, lt], place) => {
      const names = JSON.stringify({ en, ru, pl, lt });
      return `(${quoted(id)}, ${place + 1}, ${quoted(kind)}, ${quoted(names)}, 0, NULL)`;
    }).join(',\n    ')};
`;

export interface Cause {
  readonly id: string;
  readonly group: string;
  /** By language. */
  readonly names: Readonly<Record<string, string>>;
  readonly retired: boolean;
  readonly mergedInto: string | null;
}

export interface UsedCause extends Cause {
  /** Contacts in which it was named. */
  readonly uses: number;
}

/** What of a cause may be changed; `names` is added to those it has. */
export interface CauseChange {
  readonly group?: string | undefined;
  readonly names?: Readonly<Record<string, string>>;
  readonly retired?: boolean | undefined;
}

/** Who changes it, and when (Unix ms). */
export interface Change {
  readonly account: string;
  readonly wall: number;
}

/** Contacts in which a cause was named. */
export interface CauseCount {
  readonly cause: string;
  readonly contacts: number;
}

/**
 * Contacts of each cause as it counts now, most frequent first. `within`: SQL over the columns of review_causes. A contact
 * with two causes that have become one counts once; only there the contacts themselves have to be looked at: `CROSS`, else
 * SQLite looks at those of all causes first.
 */
export function countsOf(prepare: Prepare, within: string, asked: object): CauseCount[] {
  const counts = prepare<[object], CauseCount>(
    `SELECT id AS cause, count(*) AS contacts FROM causes JOIN review_causes INDEXED BY review_causes_by_cause
         ON cause_id = id AND ${within}
       WHERE merged_into IS NULL AND id NOT IN (SELECT merged_into FROM causes WHERE merged_into IS NOT NULL)
       GROUP BY id
     UNION ALL
     SELECT coalesce(merged_into, id) AS cause, count(DISTINCT contact_id) AS contacts
       FROM causes CROSS JOIN review_causes INDEXED BY review_causes_by_cause ON cause_id = id AND ${within}
       WHERE merged_into IS NOT NULL OR id IN (SELECT merged_into FROM causes WHERE merged_into IS NOT NULL)
       GROUP BY cause`,
  ).all(asked);
  return counts.sort((a, b) => b.contacts - a.contacts || (a.cause < b.cause ? -1 : 1));
}

/** The taxonomy of causes. Each change makes a version of it; what was said by an older one stays as it was said. */
export class Causes {
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** The version there is now. */
  get version(): number {
    const row = this.#tables
      .prepare<[], { version: number }>('SELECT max(version) AS version FROM cause_versions')
      .get();
    return row?.version ?? 0;
  }

  /** All there have ever been, in the order in which they were made. */
  all(): Cause[] {
    return this.#tables
      .prepare<[], StoredCause>('SELECT * FROM causes ORDER BY place')
      .all()
      .map(({ id, kind, names, retired, merged_into }) => ({
        ...{ id, group: kind, names: JSON.parse(names), retired: retired === 1 },
        mergedInto: merged_into,
      }));
  }

  /** The same with how often each was named: every cause of every review is counted for that. */
  used(): UsedCause[] {
    const counts = countsOf(this.#tables.prepare, 'true', {});
    const uses = new Map(counts.map(({ cause, contacts }) => [cause, contacts]));
    return this.all().map((cause) => ({ ...cause, uses: uses.get(cause.id) ?? 0 }));
  }

  /** Id → the one that it counts as now; an id that is not in it is none of the taxonomy. */
  effective(): Map<string, { readonly id: string; readonly retired: boolean }> {
    const rows = this.#tables
      .prepare<[], { id: string; into: string; retired: number }>(
        `SELECT a.id, b.id AS "into", b.retired FROM causes a JOIN causes b ON b.id = coalesce(a.merged_into, a.id)`,
      )
      .all();
    return new Map(rows.map(({ id, into, retired }) => [id, { id: into, retired: retired === 1 }]));
  }

  add(group: string, names: Readonly<Record<string, string>>, by: Change): string {
    const id = this.#tables.newId();
    this.#tables.commit(() => {
      this.#tables
        .prepare(
          `INSERT INTO causes (id, place, kind, names, retired, merged_into)
             SELECT ?, coalesce(max(place), 0) + 1, ?, ?, 0, NULL FROM causes`,
        )
        .run(id, group, JSON.stringify(names));
      this.#version(by, { add: id, group, names });
    });
    return id;
  }

  /** The cause must be there. */
  change(id: string, { group, names = {}, retired }: CauseChange, by: Change): void {
    this.#tables.commit(() => {
      this.#tables
        .prepare(
          `UPDATE causes SET kind = coalesce(@group, kind), retired = coalesce(@retired, retired),
               names = json_patch(names, @names) WHERE id = @id`,
        )
        .run({
          ...{ id, group: group ?? null, names: JSON.stringify(names) },
          retired: retired === undefined ? null : Number(retired),
        });
      this.#version(by, { change: id, group, names, retired });
    });
  }

  /** What was said of `id` counts for `into` from now on, and so does all that was merged into `id`. Both must be there and not merged. */
  merge(id: string, into: string, by: Change): void {
    this.#tables.commit(() => {
      this.#tables
        .prepare('UPDATE causes SET merged_into = @into, retired = 1 WHERE id = @id OR merged_into = @id')
        .run({ id, into });
      this.#version(by, { merge: id, into });
    });
  }

  #version({ account, wall }: Change, change: object): void {
    this.#tables
      .prepare(
        `INSERT INTO cause_versions (version, wall, account, change)
           SELECT max(version) + 1, ?, ?, ? FROM cause_versions`,
      )
      .run(wall, account, JSON.stringify(change));
  }
}

interface StoredCause {
  id: string;
  kind: string;
  names: string;
  retired: number;
  merged_into: string | null;
}
