import type { Tag, TagSource } from '../../contacts/model.ts';
import { iso } from '../rows.ts';
import type { PageTables } from './tables.ts';

/** An index, part of the store's sixth version. */
export const OWN = `
  CREATE INDEX contacts_by_receptionist ON contacts (receptionist, started_wall) WHERE receptionist IS NOT NULL;
`;

/** How long (ms) a receptionist may change an answer. */
const ANSWER_OPEN = 7 * 86_400_000;

/** A contact of a receptionist's own. `startedAt`: ISO 8601; `duration`: milliseconds. */
export interface OwnRow {
  readonly id: string;
  readonly desk: string;
  readonly startedAt: string;
  readonly duration: number;
  readonly tag: Tag;
  readonly tagSource: TagSource | null;
  readonly reviewed: boolean;
  readonly answered: boolean;
  /** There is a clip that the receptionist may see: of contacts that are negative or reviewed. */
  readonly clip: boolean;
  /** Unix milliseconds. */
  readonly startedWall: number;
}

/** A receptionist's own contacts. Nothing here reads what models said. */
export class Own {
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** Newest first, the next `limit` after a place. `receptionist`: the pseudonym. */
  list(receptionist: string, after: { wall: number; id: string } | null, limit: number): OwnRow[] {
    return this.#tables
      .prepare<[object], StoredOwn>(
        `${OF} ${after ? 'AND (c.started_wall, c.id) < (@wall, @id)' : ''}
           ORDER BY c.started_wall DESC, c.id DESC LIMIT @limit`,
      )
      .all({ receptionist, limit, ...after })
      .map(ownRow);
  }

  /** null: there is none of this id, or it is somebody else's. */
  byId(receptionist: string, id: string): OwnRow | null {
    const row = this.#tables.prepare<[object], StoredOwn>(`${OF} AND c.id = @id`).get({ receptionist, id });
    return row ? ownRow(row) : null;
  }

  /** Until when (Unix ms) an answer may be changed; null: there is none. */
  answerOpen(contactId: string): number | null {
    const row = this.#tables
      .prepare<[string], { wall: number | null }>(
        'SELECT answered_wall AS wall FROM reviews WHERE contact_id = ?',
      )
      .get(contactId);
    return row?.wall == null ? null : row.wall + ANSWER_OPEN;
  }

  /** The answer to a review, which must be there. `by`: the receptionist's pseudonym; `wall`: Unix ms. */
  answer(contactId: string, text: string, by: string, wall: number): void {
    this.#tables.commit(() =>
      this.#tables
        .prepare(
          `UPDATE reviews SET answer = @text, answered_by = @by, answered_wall = coalesce(answered_wall, @wall),
               answer_changed_wall = @wall WHERE contact_id = @contactId`,
        )
        .run({ contactId, text, by, wall }),
    );
  }
}

const OF = `
  SELECT c.id, c.desk, c.started_wall, c.duration, c.tag, c.tag_source, r.place IS NOT NULL AS reviewed,
      r.answer IS NOT NULL AS answered, k.state = 'ready' AS clip
    FROM contacts c LEFT JOIN reviews r ON r.contact_id = c.id LEFT JOIN clips k ON k.contact_id = c.id
    WHERE c.receptionist = @receptionist AND c.state = 'settled'`;

interface StoredOwn {
  id: string;
  desk: string;
  started_wall: number;
  duration: number | null;
  tag: Tag;
  tag_source: TagSource | null;
  reviewed: number;
  answered: number;
  clip: number | null;
}

function ownRow(row: StoredOwn): OwnRow {
  const reviewed = row.reviewed === 1;
  return {
    ...{ id: row.id, desk: row.desk, startedAt: iso(row.started_wall), startedWall: row.started_wall },
    ...{ duration: Math.round(row.duration ?? 0), tag: row.tag, tagSource: row.tag_source, reviewed },
    answered: row.answered === 1,
    // A receptionist sees what may be learned from, and not each patient once more.
    clip: row.clip === 1 && (reviewed || row.tag === 'negative'),
  };
}
