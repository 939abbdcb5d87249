import { CaError } from '../../errors.ts';
import { iso } from '../rows.ts';
import type { PageTables } from './tables.ts';

/** A hold, in force or over. Times ISO 8601. */
export interface HoldRecord {
  readonly id: string;
  readonly contactId: string;
  readonly reason: string;
  /** The last day of it, YYYY-MM-DD. */
  readonly until: string;
  /** Login names. */
  readonly setBy: string;
  readonly setAt: string;
  /** Ended by hand; null: it is in force, or ended by itself. */
  readonly endedBy: string | null;
  readonly endedAt: string | null;
  readonly endedNote: string | null;
  readonly inForce: boolean;
}

interface Row {
  id: string;
  contact_id: string;
  reason: string;
  until_day: string;
  until_wall: number;
  set_by: string;
  set_wall: number;
  ended_by: string | null;
  ended_wall: number | null;
  ended_note: string | null;
}

/** A contact's clip is not deleted, and the contact not erased, while a hold of it is in force: until its day, or ended by hand. */
export class Holds {
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** The hold in force that lasts longest; null: none. */
  of(contactId: string): { reason: string; until: string } | null {
    const row = this.#tables
      .prepare<[string, number], { reason: string; until: string }>(
        `SELECT reason, until_day AS until FROM holds WHERE contact_id = ? AND until_wall > ? AND ended_wall IS NULL
           ORDER BY until_wall DESC LIMIT 1`,
      )
      .get(contactId, this.#tables.now());
    return row ?? null;
  }

  /** All that there ever were, newest first. */
  history(contactId: string): HoldRecord[] {
    const now = this.#tables.now();
    return this.#tables
      .prepare<[string], Row>('SELECT * FROM holds WHERE contact_id = ? ORDER BY set_wall DESC, id')
      .all(contactId)
      .map((row) => ({
        ...{ id: row.id, contactId: row.contact_id, reason: row.reason, until: row.until_day },
        ...{ setBy: row.set_by, setAt: iso(row.set_wall), endedBy: row.ended_by, endedNote: row.ended_note },
        endedAt: row.ended_wall === null ? null : iso(row.ended_wall),
        inForce: row.ended_wall === null && row.until_wall > now,
      }));
  }

  /**
   * Holds contacts. `until`: the last day, and the moment (Unix ms) that it is over.
   * @throws CaError CA_CONTACT_UNKNOWN, CA_CONTACT_OPEN of the first that cannot be held; then none is
   */
  set(
    contactIds: readonly string[],
    why: { reason: string; until: { day: string; wall: number } },
    by: string,
  ): void {
    const { commit, prepare, contacts, newId, now } = this.#tables;
    commit(() => {
      for (const contactId of contactIds) {
        const state = contacts.stateOf(contactId);
        if (state === null) throw new CaError('CA_CONTACT_UNKNOWN', `there is no contact ${contactId}`);
        if (state !== 'settled') throw new CaError('CA_CONTACT_OPEN', `the contact is ${state}`);
        prepare(
          'INSERT INTO holds (id, contact_id, reason, until_day, until_wall, set_by, set_wall) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ).run(newId(), contactId, why.reason, why.until.day, why.until.wall, by, now());
      }
    });
  }

  /** Ends by hand what keeps the contact. False: nothing did. */
  end(contactId: string, note: string, by: string): boolean {
    const { commit, prepare, now } = this.#tables;
    const { changes } = commit(() =>
      prepare(
        `UPDATE holds SET ended_by = @by, ended_wall = @now, ended_note = @note
           WHERE contact_id = @contactId AND until_wall > @now AND ended_wall IS NULL`,
      ).run({ by, note, contactId, now: now() }),
    );
    return changes > 0;
  }
}
