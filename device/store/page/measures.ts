import { iso } from '../rows.ts';
import type { PageTables } from './tables.ts';

/** The table, part of the store's sixth version. Days are `YYYY-MM-DD`. */
export const MEASURES = `
  CREATE TABLE measures (
    place      INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    title      TEXT NOT NULL,
    owner      TEXT NOT NULL,
    due        TEXT,
    effective  TEXT,
    causes     TEXT NOT NULL,
    desk       TEXT,
    contact_id TEXT REFERENCES contacts,
    wall       REAL NOT NULL,
    account    TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'done', 'dropped'))
  ) STRICT;
  CREATE INDEX measures_by_contact ON measures (contact_id) WHERE contact_id IS NOT NULL;
`;

/** Something that is done about a cause. Times ISO 8601, days `YYYY-MM-DD`. */
export interface Measure {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly due: string | null;
  /** The day from which on it can be seen in the figures. */
  readonly effective: string | null;
  readonly causes: readonly string[];
  /** null: all desks. */
  readonly desk: string | null;
  /** The contact that it came from. */
  readonly contactId: string | null;
  readonly createdAt: string;
  /** Login name. */
  readonly createdBy: string;
  readonly state: 'open' | 'done' | 'dropped';
}

/** A measure as it is made. `wall`: Unix milliseconds; `account`: login name. */
export type NewMeasure = Pick<Measure, 'title' | 'owner' | 'due' | 'causes' | 'desk' | 'contactId'> & {
  readonly wall: number;
  readonly account: string;
};
/** null empties a day or means all desks, undefined leaves it. */
export type MeasureChange = {
  readonly [K in 'title' | 'owner' | 'due' | 'desk' | 'effective' | 'state']?: Measure[K] | undefined;
};

/** What is done about causes. */
export class Measures {
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** Newest first; `open`: only those. */
  all(open: boolean): Measure[] {
    return this.#tables
      .prepare<[], StoredMeasure>(
        `SELECT * FROM measures ${open ? "WHERE state = 'open'" : ''} ORDER BY place DESC LIMIT 1000`,
      )
      .all()
      .map(measureOf);
  }

  byId(id: string): Measure | null {
    const row = this.#tables.prepare<[string], StoredMeasure>('SELECT * FROM measures WHERE id = ?').get(id);
    return row ? measureOf(row) : null;
  }

  /** Ids of those that came from a contact. */
  ofContact(contactId: string): string[] {
    return this.#tables
      .prepare<[string], { id: string }>('SELECT id FROM measures WHERE contact_id = ? ORDER BY place')
      .all(contactId)
      .map(({ id }) => id);
  }

  add(measure: NewMeasure): Measure {
    const id = this.#tables.newId();
    this.#tables.commit(() =>
      this.#tables
        .prepare(
          `INSERT INTO measures (id, title, owner, due, causes, desk, contact_id, wall, account, state)
             VALUES (@id, @title, @owner, @due, @causes, @desk, @contactId, @wall, @account, 'open')`,
        )
        .run({ ...measure, id, causes: JSON.stringify(measure.causes) }),
    );
    return this.byId(id) as Measure;
  }

  /** The measure must be there. */
  change(id: string, change: MeasureChange): Measure {
    const before = this.byId(id) as Measure;
    const { title = before.title, owner = before.owner, due = before.due } = change;
    const { desk = before.desk, effective = before.effective, state = before.state } = change;
    this.#tables.commit(() =>
      this.#tables
        .prepare(
          `UPDATE measures SET title = @title, owner = @owner, due = @due, desk = @desk, effective = @effective,
             state = @state WHERE id = @id`,
        )
        .run({ id, title, owner, due, desk, effective, state }),
    );
    return this.byId(id) as Measure;
  }

  /** What is done stays; where it came from does not. */
  forget(contactId: string): void {
    this.#tables.prepare('UPDATE measures SET contact_id = NULL WHERE contact_id = ?').run(contactId);
  }
}

interface StoredMeasure {
  id: string;
  title: string;
  owner: string;
  due: string | null;
  effective: string | null;
  causes: string;
  desk: string | null;
  contact_id: string | null;
  wall: number;
  account: string;
  state: Measure['state'];
}

function measureOf({ contact_id, wall, account, causes, ...row }: StoredMeasure): Measure {
  const { id, title, owner, due, effective, desk, state } = row;
  return {
    ...{ id, title, owner, due, effective, desk, state, causes: JSON.parse(causes) },
    ...{ contactId: contact_id, createdAt: iso(wall), createdBy: account },
  };
}
