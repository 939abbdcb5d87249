import type { Tag, TagSource } from '../../contacts/model.ts';
import { iso } from '../rows.ts';
import type { PageTables } from './tables.ts';

/**
 * The tables, part of the store's sixth version. The index holds all that a contact is searched by, so that a search
 * which finds little reads it alone; the words of comments are taken out of reviews, and go with them for good.
 */
export const SEARCH = `
  CREATE INDEX contacts_for_search
    ON contacts (started_wall, id, desk, receptionist, tag, duration, rating, state, tag_source);

  CREATE VIRTUAL TABLE comments USING fts5 (
    comment, content = 'reviews', content_rowid = 'place', tokenize = 'unicode61 remove_diacritics 2', prefix = '3'
  );
  INSERT INTO comments (comments, rank) VALUES ('secure-delete', 1);
  CREATE TRIGGER comment_added AFTER INSERT ON reviews BEGIN
    INSERT INTO comments (rowid, comment) VALUES (new.place, new.comment);
  END;
  CREATE TRIGGER comment_gone AFTER DELETE ON reviews BEGIN
    INSERT INTO comments (comments, rowid, comment) VALUES ('delete', old.place, old.comment);
  END;
  CREATE TRIGGER comment_changed AFTER UPDATE OF place, comment ON reviews BEGIN
    INSERT INTO comments (comments, rowid, comment) VALUES ('delete', old.place, old.comment);
    INSERT INTO comments (rowid, comment) VALUES (new.place, new.comment);
  END;
`;

/** What is searched for; what is null does not matter. Times Unix ms, durations ms. */
export interface SearchFilter {
  readonly from: number | null;
  /** Not included. */
  readonly to: number | null;
  readonly desk: string | null;
  /** Pseudonym. */
  readonly receptionist: string | null;
  readonly tag: Tag | null;
  /** Id of a cause that a reviewer named, or of one that has become part of it. */
  readonly cause: string | null;
  readonly minDuration: number | null;
  readonly maxDuration: number | null;
  /** Whether a button was pressed, and the press counts. */
  readonly pressed: boolean | null;
  /** Whether anybody has reviewed it. */
  readonly reviewed: boolean | null;
  /** Words in the reviewer's comment; a word may go on. */
  readonly text: string | null;
}

export interface Found {
  readonly id: string;
  readonly desk: string;
  readonly startedAt: string;
  /** The same as it is stored, Unix ms: a page of results goes on from it. */
  readonly wall: number;
  readonly duration: number | null;
  readonly state: 'open' | 'ended' | 'settled';
  readonly tag: Tag;
  readonly tagSource: TagSource | null;
  readonly rating: number | null;
  readonly receptionist: string | null;
  readonly reviewed: boolean;
  /** The beginning of the reviewer's comment. */
  readonly comment: string | null;
  readonly clip: boolean;
}

type Row = Omit<Found, 'startedAt' | 'reviewed' | 'clip'>;

/** Of a comment, letters that are shown. */
const EXCERPT = 160;

/** So many contacts are looked up one by one sooner than the index is looked through. */
const FEW = 2_000;

const COLUMNS = `c.id, c.desk, c.started_wall AS wall, c.duration, c.state, c.tag, c.tag_source AS tagSource,
  c.rating, c.receptionist`;

/** One text for all filters: each text that there is stays compiled, and filters can be put together in thousands of ways. */
const MATCHES = `c.started_wall >= @from AND (c.started_wall, c.id) < (@wall, @id)
  AND (@desk IS NULL OR c.desk = @desk)
  AND (@receptionist IS NULL OR c.receptionist = @receptionist)
  AND (@tag IS NULL OR c.tag = @tag)
  AND (@minDuration IS NULL OR c.duration >= @minDuration)
  AND (@maxDuration IS NULL OR c.duration <= @maxDuration)
  AND (@pressed IS NULL OR (c.rating IS NOT NULL) = @pressed)
  AND (@reviewed IS NULL OR EXISTS (SELECT 1 FROM review_marks WHERE contact_id = c.id) = @reviewed)`;

/** Finds contacts by what they are and by what was said of them. */
export class Search {
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** Newest first, at most `limit`; `after`: the last one that was seen already. */
  find(filter: SearchFilter, after: { wall: number; id: string } | null, limit: number): Found[] {
    const words = filter.text === null ? null : matchOf(filter.text);
    if (words === '') return [];
    const to = filter.to ?? Number.MAX_VALUE;
    const put = {
      ...{ ...filter, text: words, from: filter.from ?? -Number.MAX_VALUE, limit },
      // One bound: of two, SQLite might go to the later one and pass over all that was seen already.
      ...(after && after.wall < to ? { wall: after.wall, id: after.id } : { wall: to, id: '' }),
      ...{ pressed: flag(filter.pressed), reviewed: flag(filter.reviewed) },
    };
    const said = [
      // `+`: else SQLite searches the words anew for each contact that has the cause.
      ...(words === null
        ? []
        : [
            `${filter.cause === null ? '' : '+'}place IN (SELECT rowid FROM comments WHERE comments MATCH @text)`,
          ]),
      ...(filter.cause === null
        ? []
        : [
            `contact_id IN (SELECT contact_id FROM review_causes WHERE cause_id IN (
               SELECT id FROM causes WHERE coalesce(merged_into, id) = @cause))`,
          ]),
    ].join(' AND ');
    const few = said === '' ? null : this.#few(said, put);
    // Contacts are looked through in the index alone, newest first: the rows themselves would cost ten times as much.
    const from = few
      ? 'json_each(@few) CROSS JOIN contacts c ON c.id = value'
      : 'contacts c INDEXED BY contacts_for_search';
    const among = few || said === '' ? '' : `AND c.id IN (SELECT contact_id FROM reviews WHERE ${said})`;
    const rows = this.#tables
      .prepare<[object], Row>(
        `SELECT ${COLUMNS} FROM ${from} WHERE ${MATCHES} ${among}
           ORDER BY c.started_wall DESC, c.id DESC LIMIT @limit`,
      )
      .all({ ...put, few });
    return rows.map((row) => this.#found(row));
  }

  /** One contact as a search shows it; null: there is none. */
  one(id: string): Found | null {
    const row = this.#tables.prepare<[string], Row>(`SELECT ${COLUMNS} FROM contacts c WHERE id = ?`).get(id);
    return row ? this.#found(row) : null;
  }

  /** Pseudonyms that any contact has. */
  receptionists(): string[] {
    // A loose scan: one look-up for each name, not one for each contact.
    const rows = this.#tables
      .prepare<[], { name: string }>(
        `WITH RECURSIVE names (name) AS (
           SELECT min(receptionist) FROM contacts WHERE receptionist IS NOT NULL
           UNION ALL SELECT (SELECT min(receptionist) FROM contacts
             WHERE receptionist > name AND receptionist IS NOT NULL) FROM names
             WHERE name IS NOT NULL)
         SELECT name FROM names WHERE name IS NOT NULL`,
      )
      .all();
    return rows.map(({ name }) => name);
  }

  /** Ids, as JSON, of the contacts of which something rare was said; null: it is not rare, and soon met on the way. */
  #few(said: string, put: object): string | null {
    const ids = this.#tables
      .prepare<[object], { id: string }>(
        `SELECT contact_id AS id FROM reviews WHERE ${said} LIMIT ${FEW + 1}`,
      )
      .all(put)
      .map(({ id }) => id);
    return ids.length > FEW ? null : JSON.stringify(ids);
  }

  #found(row: Row): Found {
    const { prepare } = this.#tables;
    const said = prepare<[string], { comment: string }>(
      `SELECT substr(comment, 1, ${EXCERPT}) AS comment FROM reviews WHERE contact_id = ?`,
    ).get(row.id);
    const mark = prepare<[string]>('SELECT 1 FROM review_marks WHERE contact_id = ? LIMIT 1').get(row.id);
    const clip = prepare<[string]>("SELECT 1 FROM clips WHERE contact_id = ? AND state = 'ready'").get(
      row.id,
    );
    return {
      ...row,
      startedAt: iso(row.wall),
      duration: row.duration === null ? null : Math.round(row.duration),
      reviewed: mark !== undefined,
      comment: said?.comment || null,
      clip: clip !== undefined,
    };
  }
}

const flag = (wanted: boolean | null) => (wanted === null ? null : Number(wanted));

/** Each word that is searched for costs some milliseconds of the one thread that counts contacts, too. */
const WORDS = 6;
/** So many letters let the end of a word open: half of all comments have a word that begins with `a`. */
const OPEN = 3;

/**
 * What somebody typed, as a query of FTS5 that holds nothing of its language: each word in quotes, all of them wanted,
 * the end of the longer ones open. What another word begins with says nothing more. Empty: there is no word in it.
 */
export function matchOf(text: string): string {
  const words = [...new Set(text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu))];
  return words
    .filter((word) => !words.some((longer) => longer !== word && longer.startsWith(word)))
    .slice(0, WORDS)
    .map((word) => `"${word}"${[...word].length < OPEN ? '' : '*'}`)
    .join(' AND ');
}
