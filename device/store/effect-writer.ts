import type { Contact, DeskEvent, Effect, Instant, Press } from '../contacts/model.ts';
import type { DeskState } from '../contacts/reduce.ts';
import type { SqliteClips } from './clips.ts';
import type { Prepare } from './open.ts';
import type { Tell } from './outbox.ts';
import type { Queue } from './page/queue.ts';
import type { SqliteContacts } from './reader.ts';
import type { ClockTrust, ScoredContact } from './records.ts';
import type { SqliteScores } from './scores.ts';

/** One change of a desk: what came in (null: time passed), the state after it, and what it means. */
export interface DeskChange {
  readonly desk: string;
  readonly event: DeskEvent | null;
  readonly state: DeskState;
  readonly effects: readonly Effect[];
  readonly at: Instant;
  readonly clock: ClockTrust;
  /** Whether the desk records: its contacts are owed a clip. */
  readonly captured: boolean;
  /** What models say of the contacts that end with it. */
  readonly scored: readonly ScoredContact[];
}

/** Writes what a change means for the contacts into the tables, with the messages that tell of it. Call it in a transaction. */
export class EffectWriter {
  readonly #prepare: Prepare;
  readonly #contacts: SqliteContacts;
  readonly #clips: SqliteClips;
  readonly #scores: SqliteScores;
  readonly #queue: Queue;
  readonly #tell: Tell;

  constructor(
    prepare: Prepare,
    parts: { contacts: SqliteContacts; clips: SqliteClips; scores: SqliteScores; queue: Queue },
    tell: Tell,
  ) {
    this.#prepare = prepare;
    this.#contacts = parts.contacts;
    this.#clips = parts.clips;
    this.#scores = parts.scores;
    this.#queue = parts.queue;
    this.#tell = tell;
  }

  /** One effect of `change`, in this session of the service. */
  write(effect: Effect, change: DeskChange, session: number): void {
    const { desk } = change;
    switch (effect.kind) {
      case 'contact-started':
        this.#putContact(effect.contact, 'open', change, session);
        return this.tellContact('contact.started', desk, effect.contact.id);
      case 'contact-ended':
        this.#putContact(effect.contact, 'ended', change, session);
        return this.#putScores(effect.contact, change);
      case 'contact-tagged':
        return this.#putContact(effect.contact, effect.contact.endedAt ? 'ended' : 'open', change, session);
      case 'contact-vetoed':
        this.#putContact(effect.contact, effect.contact.endedAt ? 'ended' : 'open', change, session);
        this.#scores.delete(effect.contact.id);
        return void this.#clips.delete(effect.contact.id, 'veto', change.at.wall);
      case 'contact-settled':
        this.#putContact(effect.contact, 'settled', change, session);
        // First the clip, so that the closed contact carries what became of it.
        this.#clips.settle(effect.contact.id, desk, change.at.wall);
        this.#queue.put(effect.contact.id);
        return this.tellContact('contact.closed', desk, effect.contact.id);
      case 'pressed': {
        this.#putPress(effect.press, change, session);
        const { id, contactId, at } = effect.press;
        const data = this.#contacts.press(id);
        return this.#tell({ type: 'press', desk, subject: contactId, wall: at.wall, data });
      }
      case 'sensor-stuck': {
        const reason = `the presence sensor has said "present" since ${new Date(effect.since.wall).toISOString()}`;
        const data = { desk, code: 'CA_SENSOR_STUCK', reason };
        return this.#tell({ type: 'alert', desk, subject: null, wall: change.at.wall, data });
      }
    }
  }

  #putContact(
    contact: Contact,
    state: 'open' | 'ended' | 'settled',
    { desk, clock, captured }: DeskChange,
    session: number,
  ): void {
    this.#prepare(
      `INSERT INTO contacts (id, session, desk, state, started_wall, started_mono, ended_wall, ended_mono, duration,
           end_reason, served, tag, tag_source, press_id, rating, top, veto, receptionist, captured, clock)
         VALUES (@id, @session, @desk, @state, @startedWall, @startedMono, @endedWall, @endedMono, @duration,
           @endReason, @served, @tag, @tagSource, @pressId, @rating, @top, @veto, @receptionist, @captured, @clock)
         ON CONFLICT DO UPDATE SET state = excluded.state,
           ended_wall = coalesce(contacts.ended_wall, excluded.ended_wall), ended_mono = excluded.ended_mono,
           duration = excluded.duration, end_reason = excluded.end_reason,
           served = excluded.served, tag = excluded.tag, tag_source = excluded.tag_source,
           press_id = excluded.press_id, rating = excluded.rating, top = excluded.top, veto = excluded.veto,
           receptionist = excluded.receptionist`,
    ).run({
      id: contact.id,
      session,
      desk,
      state,
      startedWall: contact.startedAt.wall,
      startedMono: contact.startedAt.mono,
      endedWall: contact.endedAt?.wall ?? null,
      endedMono: contact.endedAt?.mono ?? null,
      duration: contact.duration,
      endReason: contact.endReason,
      served: Number(contact.served),
      tag: contact.tag,
      tagSource: contact.tagSource,
      pressId: contact.pressId,
      rating: contact.rating,
      top: Number(contact.top),
      veto: Number(contact.veto),
      receptionist: contact.receptionist,
      captured: Number(captured),
      clock,
    });
  }

  /** Of a contact that was vetoed nothing is kept. */
  #putScores({ id, veto }: Contact, { scored }: DeskChange): void {
    const own = scored.find(({ contactId }) => contactId === id);
    if (own && !veto) this.#scores.add(own);
  }

  #putPress(press: Press, { desk, clock }: DeskChange, session: number): void {
    this.#prepare(
      `INSERT INTO presses (id, session, desk, contact_id, button, rating, tag, wall, mono, flags, clock)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      press.id,
      session,
      desk,
      press.contactId,
      press.button,
      press.rating,
      press.tag,
      press.at.wall,
      press.at.mono,
      JSON.stringify(press.flags),
      clock,
    );
  }

  /** Tells of a contact, whole, as the tables have it now. */
  tellContact(type: 'contact.started' | 'contact.closed', desk: string, id: string): void {
    const record = this.#contacts.byId(id);
    if (!record) return;
    const time = type === 'contact.started' ? record.startedAt : (record.endedAt ?? record.startedAt);
    this.#tell({ type, desk, subject: id, wall: Date.parse(time), data: record });
  }
}
