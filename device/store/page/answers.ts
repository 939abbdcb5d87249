import type { Prepare } from '../open.ts';

export interface Answered {
  readonly id: string;
  /** Of the answer in the log: the later, the larger. */
  readonly place: number;
}

/**
 * Answers that the reviewer has not seen: the log knows when an answer was given, and when a contact was opened. Its
 * order counts and no clock, so that one which is put right hides no answer. `CROSS JOIN`, and the name out of the mark:
 * most answers are to somebody else's reviews, and the log is not to be searched for those.
 */
const UNSEEN = `
  FROM (SELECT target ->> 'contactId' AS id, max(place) AS place FROM actions INDEXED BY actions_by_action
      WHERE action = 'own.answer' AND wall >= @since GROUP BY 1) a
    CROSS JOIN review_marks m ON m.contact_id = a.id AND m.account_id = @accountId
    CROSS JOIN reviews r ON r.contact_id = a.id AND r.answer IS NOT NULL
  WHERE (@desk IS NULL OR r.desk = @desk) AND NOT EXISTS (
    SELECT 1 FROM actions seen WHERE seen.target ->> 'contactId' = a.id AND seen.account = m.account
      AND seen.action IN ('contact.view', 'contact.review') AND seen.place > a.place)`;

/** What receptionists answered to the reviews of an account, until it opens the contact again. Changes nothing. */
export class Answers {
  readonly #prepare: Prepare;

  constructor(prepare: Prepare) {
    this.#prepare = prepare;
  }

  /** How many; of answers given at `since` (Unix ms) or later. */
  left(accountId: string, since: number, desk: string | null): number {
    const row = this.#prepare<[object], { n: number }>(`SELECT count(*) AS n ${UNSEEN}`).get({
      accountId,
      since,
      desk,
    });
    return row?.n ?? 0;
  }

  /** The next `limit` after a place, the latest answer first. */
  list(
    accountId: string,
    since: number,
    { desk, after, limit }: { desk: string | null; after: number | null; limit: number },
  ): Answered[] {
    return this.#prepare<[object], Answered>(
      `SELECT a.id, a.place ${UNSEEN} AND (@after IS NULL OR a.place < @after) ORDER BY a.place DESC LIMIT @limit`,
    ).all({ accountId, since, desk, after, limit });
  }
}
