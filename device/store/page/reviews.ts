import type { Tag, TagSource } from '../../contacts/model.ts';
import { CaError } from '../../errors.ts';
import type { QueueClass } from '../records.ts';
import { iso } from '../rows.ts';
import { Answers } from './answers.ts';
import { CAUSES, type CauseCount, Causes, countsOf } from './causes.ts';
import { JUDGEMENTS, Judgements } from './judgements.ts';
import { MEASURES, Measures } from './measures.ts';
import { OWN, Own } from './own.ts';
import { QUEUE, type Queue } from './queue.ts';
import { STRIPS, Strips } from './strips.ts';
import type { PageTables } from './tables.ts';

/**
 * The tables, part of the store's sixth version. `taxonomy`: the version of the causes that the reviewer saw. Time and desk
 * stand with each cause once more: counting causes must not look every contact up.
 */
export const REVIEWS = [
  CAUSES,
  `
  CREATE TABLE reviews (
    place               INTEGER PRIMARY KEY,
    contact_id          TEXT NOT NULL UNIQUE REFERENCES contacts,
    desk                TEXT NOT NULL,
    started_wall        REAL NOT NULL,
    tag                 TEXT CHECK (tag IN ('positive', 'negative', 'neutral')),
    comment             TEXT NOT NULL,
    reviewer            TEXT NOT NULL,
    wall                REAL NOT NULL,
    revision            INTEGER NOT NULL,
    taxonomy            INTEGER NOT NULL,
    answer              TEXT,
    answered_by         TEXT,
    answered_wall       REAL,
    answer_changed_wall REAL
  ) STRICT;
  CREATE INDEX reviews_by_time ON reviews (started_wall, desk, contact_id);

  CREATE TABLE review_causes (
    contact_id   TEXT NOT NULL REFERENCES contacts,
    cause_id     TEXT NOT NULL REFERENCES causes,
    desk         TEXT NOT NULL,
    started_wall REAL NOT NULL,
    PRIMARY KEY (contact_id, cause_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX review_causes_by_cause ON review_causes (cause_id, started_wall, desk, contact_id);

  CREATE TABLE review_marks (
    contact_id TEXT NOT NULL REFERENCES contacts,
    account_id TEXT NOT NULL,
    account    TEXT NOT NULL,
    wall       REAL NOT NULL,
    PRIMARY KEY (contact_id, account_id)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX contacts_by_desk ON contacts (desk, started_wall);
  `,
  JUDGEMENTS,
  MEASURES,
  STRIPS,
  QUEUE,
  OWN,
].join('\n');

/** What a reviewer says. `causes`: ids of causes that there are and that were not merged; `tag` null: what the press says stays. */
export interface Said {
  readonly tag: Exclude<Tag, 'unrated'> | null;
  readonly causes: readonly string[];
  readonly comment: string;
}

/** Somebody at the page, at `wall` (Unix ms). `account`: the login name. */
export interface Reviewer {
  readonly accountId: string;
  readonly account: string;
  readonly wall: number;
}

export interface ReviewRow extends Said {
  readonly contactId: string;
  readonly reviewer: string;
  readonly at: string;
  readonly revision: number;
  readonly answer: { readonly text: string; readonly by: string; readonly at: string } | null;
}

/** How often causes were named: of the contacts that were reviewed, those with the cause. */
export interface CauseCounts {
  readonly reviewed: number;
  readonly counts: readonly CauseCount[];
}

/** What reviewers said of contacts: tags, causes, comments, answers; the taxonomy of causes. */
export class Reviews {
  readonly causes: Causes;
  readonly measures: Measures;
  readonly queue: Queue;
  readonly own: Own;
  readonly strips: Strips;
  readonly answers: Answers;
  readonly #judgements: Judgements;
  readonly #tables: PageTables;
  readonly #owesClip: (contactId: string) => boolean;

  /** `owesClip`: whether the clip of a contact may still come. */
  constructor(tables: PageTables, queue: Queue, owesClip: (contactId: string) => boolean) {
    this.#tables = tables;
    this.#owesClip = owesClip;
    this.causes = new Causes(tables);
    this.measures = new Measures(tables);
    this.own = new Own(tables);
    this.strips = new Strips(tables.prepare);
    this.answers = new Answers(tables.prepare);
    this.#judgements = new Judgements(tables.prepare);
    this.queue = queue;
  }

  /** What the contact is in the inbox for; null: for nothing. */
  classOf(contactId: string): QueueClass | null {
    return this.queue.classOf(contactId);
  }

  /**
   * Whether a reviewer is not shown what press and model say: chance has chosen the contact, and the account has not given
   * its own opinion yet. Not only once the clip is there: who looks before would come to it as one who knows.
   */
  hidesFrom(contactId: string, accountId: string): boolean {
    const asked =
      this.classOf(contactId) === 'sample' || (this.queue.chosen(contactId) && this.#owesClip(contactId));
    return asked && !this.hasReviewed(contactId, accountId);
  }

  of(contactId: string): ReviewRow | null {
    const row = this.#tables
      .prepare<[string], StoredReview>('SELECT * FROM reviews WHERE contact_id = ?')
      .get(contactId);
    if (!row) return null;
    const { tag, comment, reviewer, revision, answer, answered_by, answer_changed_wall } = row;
    return {
      ...{
        contactId,
        tag,
        comment,
        reviewer,
        revision,
        at: iso(row.wall),
        causes: this.#causesOf(contactId),
      },
      answer:
        answer === null ? null : { text: answer, by: answered_by ?? '', at: iso(answer_changed_wall ?? 0) },
    };
  }

  /** Who has reviewed the contact, first to last. `account`: login name. */
  marks(contactId: string): { accountId: string; account: string; at: string }[] {
    return this.#tables
      .prepare<[string], { accountId: string; account: string; wall: number }>(
        'SELECT account_id AS accountId, account, wall FROM review_marks WHERE contact_id = ? ORDER BY wall',
      )
      .all(contactId)
      .map(({ wall, ...mark }) => ({ ...mark, at: iso(wall) }));
  }

  hasReviewed(contactId: string, accountId: string): boolean {
    const mark = this.#tables.prepare<[string, string]>(
      'SELECT 1 FROM review_marks WHERE contact_id = ? AND account_id = ?',
    );
    return mark.get(contactId, accountId) !== undefined;
  }

  /**
   * Writes down what a reviewer says, where nobody has said something else since `revision`; and that this account is done
   * with the contact. null: somebody has. What says nothing new is told to nobody.
   * @throws CaError CA_CONTACT_UNKNOWN, CA_CONTACT_OPEN while a press may still come
   */
  put(contactId: string, said: Said, revision: number, by: Reviewer): ReviewRow | null {
    const { prepare, commit } = this.#tables;
    const contact = prepare<[string], StoredContact>(
      `SELECT state, desk, started_wall, tag, tag_source, press_id FROM contacts WHERE id = ?`,
    ).get(contactId);
    if (!contact) throw new CaError('CA_CONTACT_UNKNOWN', 'there is no such contact');
    if (contact.state !== 'settled') throw new CaError('CA_CONTACT_OPEN', `the contact is ${contact.state}`);
    const before = this.of(contactId);
    if ((before?.revision ?? 0) !== revision) return null;
    const causes = [...new Set(said.causes)].sort();
    commit(() => {
      // Before the mark: from then on the account has been shown what was pressed.
      if (said.tag !== null)
        this.#judgements.put(contactId, said.tag, {
          class: this.classOf(contactId),
          blind: this.hidesFrom(contactId, by.accountId),
        });
      prepare(
        `INSERT INTO review_marks (contact_id, account_id, account, wall) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ).run(contactId, by.accountId, by.account, by.wall);
      this.queue.mark(contactId);
      if (before && same(before, { ...said, causes })) return;
      this.#write(contactId, contact, { ...said, causes }, revision + 1, by);
    });
    return this.of(contactId);
  }

  /** The contact goes back into this account's inbox. What was said stays. False: it was there. */
  undo(contactId: string, accountId: string): boolean {
    return this.#tables.commit(() => {
      const { changes } = this.#tables
        .prepare('DELETE FROM review_marks WHERE contact_id = ? AND account_id = ?')
        .run(contactId, accountId);
      this.queue.mark(contactId);
      return changes > 0;
    });
  }

  /** Causes, as they count now, of the contacts that began within [from, to) (Unix ms) and were reviewed; most frequent first. */
  causeCounts(from: number, to: number, { desk = null }: { desk?: string | null } = {}): CauseCounts {
    const within = `started_wall >= @from AND started_wall < @to ${desk === null ? '' : 'AND desk = @desk'}`;
    const asked = { from, to, desk };
    const reviewed = this.#tables
      .prepare<[typeof asked], { n: number }>(`SELECT count(*) AS n FROM reviews WHERE ${within}`)
      .get(asked);
    return { reviewed: reviewed?.n ?? 0, counts: countsOf(this.#tables.prepare, within, asked) };
  }

  /** Times of a boot were put right. Called in a transaction. */
  correctClock(boot: string): void {
    for (const table of ['reviews', 'review_causes', 'judgements'])
      this.#tables
        .prepare(
          `UPDATE ${table} SET started_wall = (SELECT started_wall FROM contacts WHERE id = contact_id)
             WHERE contact_id IN (SELECT id FROM contacts JOIN sessions USING (session) WHERE boot = ?)`,
        )
        .run(boot);
    this.queue.correctClock(boot);
  }

  /** Nothing of a contact that is erased stays. Called in a transaction. */
  forget(contactId: string): void {
    for (const table of ['reviews', 'review_causes', 'review_marks', 'judgements'])
      this.#tables.prepare(`DELETE FROM ${table} WHERE contact_id = ?`).run(contactId);
    this.measures.forget(contactId);
    this.queue.forget(contactId);
    this.strips.delete(contactId);
  }

  #write(id: string, contact: StoredContact, said: Said, revision: number, by: Reviewer): void {
    const { prepare, tell } = this.#tables;
    const { desk, started_wall } = contact;
    const taxonomy = this.causes.version;
    prepare(
      `INSERT INTO reviews
           (contact_id, desk, started_wall, tag, comment, reviewer, wall, revision, taxonomy)
         VALUES (@id, @desk, @started_wall, @tag, @comment, @account, @wall, @revision, @taxonomy)
         ON CONFLICT (contact_id) DO UPDATE SET tag = excluded.tag, comment = excluded.comment,
           reviewer = excluded.reviewer, wall = excluded.wall, revision = excluded.revision,
           taxonomy = excluded.taxonomy`,
    ).run({
      ...{ id, desk, started_wall, tag: said.tag, comment: said.comment, revision, taxonomy },
      ...{ account: by.account, wall: by.wall },
    });
    prepare('DELETE FROM review_causes WHERE contact_id = ?').run(id);
    for (const cause of said.causes)
      prepare('INSERT INTO review_causes (contact_id, cause_id, desk, started_wall) VALUES (?, ?, ?, ?)').run(
        id,
        cause,
        desk,
        started_wall,
      );
    const { tag, tagSource } = this.#tag(id, contact, said.tag);
    const data = {
      ...{ contactId: id, desk, tag, tagSource, causes: said.causes, taxonomy },
      ...{ at: iso(by.wall), revision },
    };
    tell({ type: 'contact.reviewed', desk, subject: id, wall: by.wall, data });
  }

  /** Reviewer before press before none. The rating, which the indices count, stays as it was pressed. */
  #tag(id: string, contact: StoredContact, tag: Said['tag']): { tag: Tag; tagSource: TagSource | null } {
    const { prepare } = this.#tables;
    const pressed = prepare<[string | null], { tag: Tag }>('SELECT tag FROM presses WHERE id = ?').get(
      contact.press_id,
    );
    const now = {
      tag: tag ?? pressed?.tag ?? 'unrated',
      tagSource: tag ? ('reviewer' as const) : pressed ? ('press' as const) : null,
    };
    if (now.tag !== contact.tag || now.tagSource !== contact.tag_source)
      prepare('UPDATE contacts SET tag = ?, tag_source = ? WHERE id = ?').run(now.tag, now.tagSource, id);
    return now;
  }

  #causesOf(contactId: string): string[] {
    return this.#tables
      .prepare<[string], { id: string }>(
        `SELECT DISTINCT coalesce(merged_into, cause_id) AS id FROM review_causes JOIN causes ON id = cause_id
           WHERE contact_id = ? ORDER BY 1`,
      )
      .all(contactId)
      .map(({ id }) => id);
  }
}

function same(before: Said, now: Said): boolean {
  return (
    before.tag === now.tag &&
    before.comment === now.comment &&
    before.causes.length === now.causes.length &&
    before.causes.every((cause, n) => cause === now.causes[n])
  );
}

interface StoredReview {
  tag: Said['tag'];
  comment: string;
  reviewer: string;
  wall: number;
  revision: number;
  answer: string | null;
  answered_by: string | null;
  answer_changed_wall: number | null;
}

interface StoredContact {
  state: string;
  desk: string;
  started_wall: number;
  tag: Tag;
  tag_source: TagSource | null;
  press_id: string | null;
}
