import type { Tag } from '../../contacts/model.ts';
import type { Prepare } from '../open.ts';
import type { QueueClass } from '../records.ts';

/**
 * The table, part of the store's sixth version: of a contact that the inbox asks about, the first tag that a reviewer gave
 * it, and what it was asked about for, as it was then. A sample leaves the inbox with its clip, and a figure that asked
 * later could not tell who had been shown what. By the index alone a report counts them.
 */
export const JUDGEMENTS = `
  CREATE TABLE judgements (
    contact_id   TEXT PRIMARY KEY REFERENCES contacts,
    desk         TEXT NOT NULL,
    started_wall REAL NOT NULL,
    class        TEXT NOT NULL CHECK (class IN ('negative', 'hint', 'sample')),
    press        TEXT,
    tag          TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX judgements_by_time ON judgements (started_wall, desk, class, press, tag);
`;

/** What the reviewer was asked, and whether it was without being shown what press and model say. */
interface Asked {
  readonly class: QueueClass | null;
  readonly blind: boolean;
}

/** What reviewers thought by themselves. Call what writes in a transaction. */
export class Judgements {
  readonly #prepare: Prepare;

  constructor(prepare: Prepare) {
    this.#prepare = prepare;
  }

  /** The first of a contact counts. Of one that chance has chosen, the first by somebody who had been shown nothing. */
  put(contactId: string, tag: Tag, { class: asked, blind }: Asked): void {
    const of = asked === 'negative' || asked === 'hint' ? asked : blind ? 'sample' : null;
    if (of === null) return;
    this.#prepare(
      `INSERT INTO judgements (contact_id, desk, started_wall, class, press, tag)
         SELECT c.id, c.desk, c.started_wall, @of, p.tag, @tag FROM contacts c LEFT JOIN presses p ON p.id = c.press_id
           WHERE c.id = @contactId ON CONFLICT DO NOTHING`,
    ).run({ contactId, of, tag });
  }
}
