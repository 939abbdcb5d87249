import { type DayNumber, dayNumber, dayText } from './days.ts';
import type { PageTables } from './tables.ts';

export const ANNOTATIONS = `
  CREATE TABLE annotations (
    id       TEXT PRIMARY KEY,
    day      INTEGER NOT NULL,
    text     TEXT NOT NULL,
    excluded INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX annotations_by_day ON annotations (day);
`;

/** What was special about a day. */
export interface Annotation {
  readonly id: string;
  /** `2026-01-31` */
  readonly day: string;
  readonly text: string;
  /** Reports may leave such a day out. */
  readonly excluded: boolean;
}

/** What people wrote down about days. */
export class Annotations {
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  between(from: DayNumber, to: DayNumber): Annotation[] {
    const rows = this.#tables.prepare<
      [number, number],
      { id: string; day: number; text: string; excluded: number }
    >('SELECT id, day, text, excluded FROM annotations WHERE day BETWEEN ? AND ? ORDER BY day, id');
    return rows.all(from, to).map((row) => ({ ...row, day: dayText(row.day), excluded: row.excluded === 1 }));
  }

  byId(id: string): Annotation | null {
    const row = this.#tables
      .prepare<[string], { id: string; day: number; text: string; excluded: number }>(
        'SELECT id, day, text, excluded FROM annotations WHERE id = ?',
      )
      .get(id);
    return row ? { ...row, day: dayText(row.day), excluded: row.excluded === 1 } : null;
  }

  count(): number {
    return this.#tables.prepare<[], { n: number }>('SELECT count(*) AS n FROM annotations').get()?.n ?? 0;
  }

  /** Adds it, or puts it in the place of the one with its id. */
  put(annotation: Omit<Annotation, 'id'> & { readonly id?: string }): Annotation {
    const { prepare, newId } = this.#tables;
    const id = annotation.id ?? newId();
    const { day, text, excluded } = annotation;
    prepare(
      `INSERT INTO annotations (id, day, text, excluded) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET day = excluded.day, text = excluded.text, excluded = excluded.excluded`,
    ).run(id, dayNumber(day), text, Number(excluded));
    return { id, day, text, excluded };
  }

  /** False: there was none. */
  remove(id: string): boolean {
    return this.#tables.prepare('DELETE FROM annotations WHERE id = ?').run(id).changes > 0;
  }
}
