import { CaError } from '../../errors.ts';
import { iso } from '../rows.ts';
import { Holds } from './holds.ts';
import type { PageTables } from './tables.ts';

/** The tables, part of the store's sixth version. */
export const CASES = `
  CREATE TABLE cases (
    id          TEXT PRIMARY KEY,
    title       TEXT NOT NULL,
    note        TEXT NOT NULL,
    opened_by   TEXT NOT NULL,
    opened_wall REAL NOT NULL,
    closed_by   TEXT,
    closed_wall REAL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cases_by_time ON cases (opened_wall);

  CREATE TABLE case_contacts (
    case_id    TEXT NOT NULL REFERENCES cases,
    contact_id TEXT NOT NULL REFERENCES contacts,
    added_by   TEXT NOT NULL,
    added_wall REAL NOT NULL,
    PRIMARY KEY (case_id, contact_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX case_contacts_by_contact ON case_contacts (contact_id);

  CREATE TABLE holds (
    id         TEXT PRIMARY KEY,
    contact_id TEXT NOT NULL REFERENCES contacts,
    reason     TEXT NOT NULL,
    until_day  TEXT NOT NULL,
    until_wall REAL NOT NULL,
    set_by     TEXT NOT NULL,
    set_wall   REAL NOT NULL,
    ended_by   TEXT,
    ended_wall REAL,
    ended_note TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX holds_by_contact ON holds (contact_id, until_wall);

  CREATE TABLE openings (
    account_id TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contacts,
    wall       REAL NOT NULL,
    reason     TEXT NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (account_id, contact_id, wall)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX openings_by_contact ON openings (contact_id);
`;

/** Why a clip is opened that nobody was dissatisfied with. */
export const OPENING_REASONS = ['complaint', 'training', 'request', 'technical'] as const;
export type OpeningReason = (typeof OPENING_REASONS)[number];
/** That somebody has opened a clip. `account`: login name; `at`: ISO 8601. */
export interface Opening {
  readonly account: string | null;
  readonly at: string;
  readonly reason: OpeningReason;
  readonly text: string;
}
/** How long an opening lasts, ms: a working day. */
const OPENING = 8 * 3_600_000;

/** Contacts of one case: more is a search, not a case, and would keep the one thread busy for too long. */
export const CASE_LIMIT = 200;

/** What is collected about one matter, such as a complaint. Times ISO 8601. */
export interface CaseRecord {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  /** Login names. */
  readonly openedBy: string;
  readonly openedAt: string;
  readonly closedBy: string | null;
  readonly closedAt: string | null;
  /** How many contacts it has. */
  readonly contacts: number;
}

/** A contact's place in a case. */
export interface CaseEntry {
  readonly contactId: string;
  readonly addedBy: string;
  readonly addedAt: string;
}

interface Row {
  id: string;
  title: string;
  note: string;
  opened_by: string;
  opened_wall: number;
  closed_by: string | null;
  closed_wall: number | null;
  contacts: number;
}

const COLUMNS = `SELECT cases.*, (SELECT count(*) FROM case_contacts WHERE case_id = cases.id) AS contacts FROM cases`;

/** Cases, holds that keep a contact and its clip from being deleted, and who opened which clip for what reason. */
export class Cases {
  readonly #tables: PageTables;
  readonly holds: Holds;

  constructor(tables: PageTables) {
    this.#tables = tables;
    this.holds = new Holds(tables);
  }

  /** The hold that keeps the contact now; null: none. `until`: the last day of it, YYYY-MM-DD. */
  holdOf(contactId: string): { reason: string; until: string } | null {
    return this.holds.of(contactId);
  }

  /** Whether the account has opened the contact's clip, with a reason, within the last hours. `now`: Unix milliseconds. */
  opening(accountId: string, contactId: string, now: number): boolean {
    const row = this.#tables
      .prepare<[string, string, number], { one: number }>(
        'SELECT 1 AS one FROM openings WHERE account_id = ? AND contact_id = ? AND wall > ? LIMIT 1',
      )
      .get(accountId, contactId, now - OPENING);
    return row !== undefined;
  }

  /** Who has opened the contact's clip and why, in their words, newest first. Of whoever is no account any more, no name. */
  openings(contactId: string): Opening[] {
    return this.#tables
      .prepare<[string], Omit<Opening, 'at'> & { wall: number }>(
        `SELECT accounts.name AS account, wall, reason, text FROM openings LEFT JOIN accounts ON id = account_id
           WHERE contact_id = ? ORDER BY wall DESC, account_id LIMIT 100`,
      )
      .all(contactId)
      .map(({ wall, ...opening }) => ({ ...opening, at: iso(wall) }));
  }

  /** Opens the clip for the account. Returns until when, Unix milliseconds. */
  open(
    accountId: string,
    contactId: string,
    why: { reason: OpeningReason; text: string },
    now: number,
  ): number {
    this.#tables.commit(() => {
      this.#tables
        .prepare(
          'INSERT OR REPLACE INTO openings (account_id, contact_id, wall, reason, text) VALUES (?, ?, ?, ?, ?)',
        )
        .run(accountId, contactId, now, why.reason, why.text);
    });
    return now + OPENING;
  }

  /** Newest first, `open` ones or all; `after`: the id of the last one seen. */
  list({ open, after, limit }: { open: boolean; after: string | null; limit: number }): CaseRecord[] {
    const { prepare } = this.#tables;
    const still = open ? 'closed_wall IS NULL' : '1';
    if (after === null)
      return prepare<[number], Row>(`${COLUMNS} WHERE ${still} ORDER BY opened_wall DESC, id DESC LIMIT ?`)
        .all(limit)
        .map(caseRecord);
    return prepare<[string, number], Row>(
      `${COLUMNS} WHERE ${still} AND (opened_wall, id) < (SELECT opened_wall, id FROM cases WHERE id = ?)
         ORDER BY opened_wall DESC, id DESC LIMIT ?`,
    )
      .all(after, limit)
      .map(caseRecord);
  }

  byId(id: string): CaseRecord | null {
    const row = this.#tables.prepare<[string], Row>(`${COLUMNS} WHERE id = ?`).get(id);
    return row ? caseRecord(row) : null;
  }

  /** The cases that a contact is in, newest first. */
  of(contactId: string): CaseRecord[] {
    return this.#tables
      .prepare<[string], Row>(
        `${COLUMNS} WHERE id IN (SELECT case_id FROM case_contacts WHERE contact_id = ?) ORDER BY opened_wall DESC, id`,
      )
      .all(contactId)
      .map(caseRecord);
  }

  /** In the order in which they were added. */
  entries(id: string): CaseEntry[] {
    return this.#tables
      .prepare<[string], { contact_id: string; added_by: string; added_wall: number }>(
        'SELECT contact_id, added_by, added_wall FROM case_contacts WHERE case_id = ? ORDER BY added_wall, contact_id',
      )
      .all(id)
      .map((row) => ({ contactId: row.contact_id, addedBy: row.added_by, addedAt: iso(row.added_wall) }));
  }

  /** Begins a case with contacts; returns its id. `by`: login name; `now`: Unix milliseconds. @throws CaError as `add` does */
  begin(
    about: { title: string; note: string },
    contactIds: readonly string[],
    by: string,
    now: number,
  ): string {
    const id = this.#tables.newId();
    this.#tables.commit(() => {
      this.#tables
        .prepare('INSERT INTO cases (id, title, note, opened_by, opened_wall) VALUES (?, ?, ?, ?, ?)')
        .run(id, about.title, about.note, by, now);
      this.add(id, contactIds, by, now);
    });
    return id;
  }

  /** Changes what is given; `closed` closes the case or opens it again. */
  change(
    id: string,
    about: { title?: string | undefined; note?: string | undefined; closed?: boolean | undefined },
    by: string,
    now: number,
  ): void {
    const { commit, prepare } = this.#tables;
    commit(() => {
      if (about.title !== undefined) prepare('UPDATE cases SET title = ? WHERE id = ?').run(about.title, id);
      if (about.note !== undefined) prepare('UPDATE cases SET note = ? WHERE id = ?').run(about.note, id);
      if (about.closed === true)
        prepare('UPDATE cases SET closed_by = ?, closed_wall = ? WHERE id = ? AND closed_wall IS NULL').run(
          by,
          now,
          id,
        );
      if (about.closed === false)
        prepare('UPDATE cases SET closed_by = NULL, closed_wall = NULL WHERE id = ?').run(id);
    });
  }

  /**
   * Adds contacts; those that are in already stay as they are. @throws CaError CA_CONTACT_UNKNOWN when there is none of
   * that id, CA_CASE_FULL; then none is added.
   */
  add(id: string, contactIds: readonly string[], by: string, now: number): void {
    const { commit, prepare, contacts } = this.#tables;
    commit(() => {
      for (const contactId of contactIds) {
        if (!contacts.has(contactId))
          throw new CaError('CA_CONTACT_UNKNOWN', `there is no contact ${contactId}`);
        prepare(
          'INSERT OR IGNORE INTO case_contacts (case_id, contact_id, added_by, added_wall) VALUES (?, ?, ?, ?)',
        ).run(id, contactId, by, now);
      }
      const { n } = prepare<[string], { n: number }>(
        'SELECT count(*) AS n FROM case_contacts WHERE case_id = ?',
      ).get(id) ?? { n: 0 };
      if (n > CASE_LIMIT)
        throw new CaError('CA_CASE_FULL', `the case would have ${n} contacts; ${CASE_LIMIT} is the most`);
    });
  }

  remove(id: string, contactId: string): void {
    this.#tables.commit(() => {
      this.#tables
        .prepare('DELETE FROM case_contacts WHERE case_id = ? AND contact_id = ?')
        .run(id, contactId);
    });
  }

  /** Nothing of a contact that is erased stays. Called in a transaction. */
  forget(contactId: string): void {
    for (const table of ['case_contacts', 'holds', 'openings'])
      this.#tables.prepare(`DELETE FROM ${table} WHERE contact_id = ?`).run(contactId);
  }
}

function caseRecord(row: Row): CaseRecord {
  return {
    ...{ id: row.id, title: row.title, note: row.note, contacts: row.contacts },
    ...{ openedBy: row.opened_by, openedAt: iso(row.opened_wall), closedBy: row.closed_by },
    closedAt: row.closed_wall === null ? null : iso(row.closed_wall),
  };
}
