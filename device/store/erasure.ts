import { forgetContact, restoreDesk } from '../contacts/reduce.ts';
import { CaError } from '../errors.ts';
import type { Actions, Actor } from './actions.ts';
import type { Prepare } from './open.ts';
import type { Tell } from './outbox.ts';
import type { ContactRow } from './rows.ts';

/** What stays of a contact that was erased. */
export interface Receipt {
  readonly contactId: string;
  readonly desk: string;
  /** When, Unix milliseconds. */
  readonly wall: number;
  /** By which way it was asked for. */
  readonly actor: Actor;
}

interface Parts {
  readonly prepare: Prepare;
  /** Takes what was told of the contact, or waits to be told, out of the outbox. */
  readonly scrub: (contactId: string) => void;
  /** Has the copy of its clip deleted from the object store. The object's name, null: there is no copy. */
  readonly dropCopy: (contactId: string, wall: number) => string | null;
  /** Takes what was said of the contact at the page. */
  readonly forgetAtPage: (contactId: string) => void;
  /** What keeps the contact from being erased; null: nothing. */
  readonly holdOf: (contactId: string) => { readonly until: string } | null;
  readonly actions: Actions;
  readonly tell: Tell;
}

/** A JSON text and SQLite may differ in the last digit of a time, ms. */
const ROUNDING = 0.001;
/** The events of a contact were written down no farther from it, by a clock that was right, ms. */
const NEAR = 86_400_000;

/**
 * Erases contacts. Nothing of one stays in any table but its receipt, the event that tells everybody to do the same,
 * and where there is a copy of its clip, the order to delete that. Call what writes in a transaction.
 */
export class Erasures {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** null: it was not erased. */
  receipt(contactId: string): Receipt | null {
    const row = this.#parts.prepare<[string], Receipt>(
      'SELECT contact_id AS contactId, desk, wall, actor FROM erasures WHERE contact_id = ?',
    );
    return row.get(contactId) ?? null;
  }

  /**
   * Once it is erased, it gives the receipt of that. `wall`: Unix milliseconds.
   * @throws CaError CA_CONTACT_UNKNOWN, CA_CONTACT_OPEN while something may still change it, CA_CONTACT_HELD
   */
  erase(contactId: string, actor: Actor, wall: number): Receipt {
    const { prepare, scrub, dropCopy, forgetAtPage, holdOf, actions, tell } = this.#parts;
    const before = this.receipt(contactId);
    if (before) return before;
    const contact = prepare<[string], ContactRow & Stay>('SELECT * FROM contacts WHERE id = ?').get(
      contactId,
    );
    if (!contact) throw new CaError('CA_CONTACT_UNKNOWN', 'there is no such contact');
    if (contact.state !== 'settled') throw new CaError('CA_CONTACT_OPEN', `the contact is ${contact.state}`);
    const hold = holdOf(contactId);
    if (hold) throw new CaError('CA_CONTACT_HELD', `the contact is held until ${hold.until}`);
    const { desk } = contact;
    this.#forgetEvents(contact);
    this.#forgetInState(desk, contactId);
    forgetAtPage(contactId);
    for (const table of ['presses', 'clips', 'scores', 'hints'])
      prepare(`DELETE FROM ${table} WHERE contact_id = ?`).run(contactId);
    prepare('DELETE FROM contacts WHERE id = ?').run(contactId);
    actions.forgetContact(contactId, actor, wall);
    scrub(contactId);
    const object = dropCopy(contactId, wall);
    const receipt = { contactId, desk, wall, actor };
    prepare(
      'INSERT INTO erasures (contact_id, desk, wall, actor) VALUES (@contactId, @desk, @wall, @actor)',
    ).run(receipt);
    const data = { desk, contactId, object, actor };
    tell({ type: 'contact.erased', desk, subject: contactId, wall, data });
    return receipt;
  }

  /**
   * The raw events of the stay: its edges from the arrival on, also the one that tells, after it was closed as overlong,
   * that the patient has left; its presses and vetoes. Shifts are not the patient's, starts and ends of the service neither.
   */
  #forgetEvents({ id, session, desk, clock, ...at }: ContactRow & Stay): void {
    const { prepare } = this.#parts;
    const [kind, mono] = ["event ->> 'kind'", "event ->> 'mono'"];
    // Only times have an index. What was put right since is not where its events are: then all of them are looked at.
    const near = clock === 'trusted' ? NEAR : Number.MAX_VALUE;
    const ofDesk = `session = @session AND desk = @desk AND wall BETWEEN @since AND @until`;
    const stay = {
      ...{ id, session, desk, from: at.started_mono - ROUNDING },
      to: (at.ended_mono ?? at.started_mono) + ROUNDING,
      since: at.started_wall - near,
      until: (at.ended_wall ?? at.started_wall) + near,
    };
    const next = prepare<[typeof stay], { mono: number | null }>(
      `SELECT min(${mono}) AS mono FROM raw_events WHERE ${ofDesk}
         AND ${kind} = 'presence' AND event ->> 'present' AND ${mono} > @to`,
    ).get(stay);
    prepare(
      `DELETE FROM raw_events WHERE ${ofDesk} AND (
         (${kind} IN ('presence', 'sensor-lost', 'veto') AND ${mono} >= @from AND ${mono} < @next
           AND NOT EXISTS (SELECT 1 FROM contacts WHERE id = event ->> 'id' AND id <> @id))
         OR event ->> 'id' IN (SELECT id FROM presses WHERE contact_id = @id))`,
    ).run({ ...stay, next: (next?.mono ?? Number.MAX_VALUE) - ROUNDING });
  }

  /** The desk remembers its latest presses, whosever they were. */
  #forgetInState(desk: string, contactId: string): void {
    const { prepare } = this.#parts;
    const row = prepare<[string], { state: string }>('SELECT state FROM desk_states WHERE desk = ?').get(
      desk,
    );
    if (!row) return;
    const state = forgetContact(restoreDesk(JSON.parse(row.state)), contactId);
    prepare('UPDATE desk_states SET state = ? WHERE desk = ?').run(JSON.stringify(state), desk);
  }
}

/** What of a contact's row is for the store alone. */
interface Stay {
  readonly session: number;
  readonly started_mono: number;
  readonly ended_mono: number | null;
}
