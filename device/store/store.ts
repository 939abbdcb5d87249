import type { Instant } from '../contacts/model.ts';
import type { DeskState } from '../contacts/reduce.ts';
import { type DeskChange, EffectWriter } from './effect-writer.ts';
import { formatEvent, parseEvent, type RecordedEvent } from './event-line.ts';
import { type Db, openDatabase, type Prepare, preparing } from './open.ts';
import { SqliteOutbox } from './outbox.ts';
import { SqliteContacts } from './reader.ts';
import type { ClipRecord, ScoreRecord } from './records.ts';

/** The session that a start of the service begins. */
export interface Session {
  /** Counts the starts of this store. */
  readonly number: number;
  /** The last sign of life of the session before; null for the first. */
  readonly lastAlive: Instant | null;
}

/** A contact without a clip, as a start finds it. */
export interface Clipless {
  readonly id: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
}

/** Everything that outlives the process, in SQLite. A change and the messages that tell of it are one commit. */
export class Store {
  readonly contacts: SqliteContacts;
  readonly outbox: SqliteOutbox;
  readonly #db: Db;
  readonly #prepare: Prepare;
  readonly #effects: EffectWriter;
  #session = 0;

  /**
   * Opens or makes the store in `folder`.
   * @throws CaError CA_STORE_UNUSABLE, CA_STORE_NEWER
   */
  constructor(folder: string, device: string, newId: () => string, now: () => number) {
    this.#db = openDatabase(folder);
    this.#prepare = preparing(this.#db);
    this.contacts = new SqliteContacts(this.#db, device);
    this.outbox = new SqliteOutbox(this.#db, now);
    this.#effects = new EffectWriter(this.#prepare, this.contacts, this.outbox, newId);
  }

  close(): void {
    this.#db.close();
  }

  /** `boot` identifies the machine's boot: monotonic times of two boots cannot be compared. */
  beginSession(boot: string, at: Instant): Session {
    const before = this.#prepare<[], { mono: number; wall: number }>(
      'SELECT alive_mono AS mono, alive_wall AS wall FROM sessions ORDER BY session DESC LIMIT 1',
    ).get();
    const { lastInsertRowid } = this.#prepare(
      'INSERT INTO sessions (boot, started_wall, alive_mono, alive_wall) VALUES (?, ?, ?, ?)',
    ).run(boot, at.wall, at.mono, at.wall);
    this.#session = Number(lastInsertRowid);
    return { number: this.#session, lastAlive: before ?? null };
  }

  /** A sign of life: no contact of this session is taken to have ended before it. */
  alive(at: Instant): void {
    this.#prepare('UPDATE sessions SET alive_mono = ?, alive_wall = ? WHERE session = ?').run(
      at.mono,
      at.wall,
      this.#session,
    );
  }

  deskState(desk: string): DeskState | null {
    return this.deskStates().find((known) => known.desk === desk)?.state ?? null;
  }

  /** Every desk that there has ever been, with its state. */
  deskStates(): { desk: string; state: DeskState }[] {
    return this.#prepare<[], { desk: string; state: string }>('SELECT desk, state FROM desk_states')
      .all()
      .map(({ desk, state }) => ({ desk, state: JSON.parse(state) }));
  }

  /** Writes one change of a desk down: the raw event, the contacts and presses, the desk's state and the messages. */
  record(change: DeskChange): void {
    this.#commit(() => {
      const { desk, event, state, effects, at } = change;
      if (event)
        this.#prepare('INSERT INTO raw_events (session, desk, wall, event) VALUES (?, ?, ?, ?)').run(
          this.#session,
          desk,
          event.at.wall,
          formatEvent({ desk, event }),
        );
      for (const effect of effects) this.#effects.write(effect, change, this.#session);
      this.#prepare(
        'INSERT INTO desk_states (desk, state) VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
      ).run(desk, JSON.stringify(state));
      this.alive(at);
    });
  }

  /** Adds what became of a contact's clip, and tells of it. `wall`: Unix milliseconds. */
  addClip(desk: string, clip: ClipRecord, wall: number): void {
    this.#commit(() => {
      this.#prepare(
        `INSERT INTO clips (contact_id, state, reason, file, media_type, bytes, sha256, duration, pre_roll)
           VALUES (@contactId, @state, @reason, @file, @mediaType, @bytes, @sha256, @duration, @preRoll)
           ON CONFLICT DO NOTHING`,
      ).run(clip);
      if (clip.state === 'ready')
        this.#effects.tell('clip.ready', desk, clip.contactId, wall, { desk, ...clip });
      else if (clip.state === 'failed')
        this.#effects.tell('alert', desk, clip.contactId, wall, {
          desk,
          code: 'CA_CLIP_FAILED',
          reason: clip.reason ?? '',
        });
    });
  }

  addScore(score: ScoreRecord): void {
    this.#commit(() => {
      this.#prepare(
        `INSERT OR REPLACE INTO scores (contact_id, kind, model, version, scored, frames, negative, neutral, positive)
           VALUES (@contactId, @kind, @model, @version, @scored, @frames, @negative, @neutral, @positive)`,
      ).run(score);
    });
  }

  /** Contacts of earlier sessions for which nothing is known of a clip: the process ended before it was cut. */
  clipless(desk: string): Clipless[] {
    return this.#prepare<[string, number], { id: string; sw: number; sm: number; ew: number; em: number }>(
      `SELECT id, started_wall AS sw, started_mono AS sm, ended_wall AS ew, ended_mono AS em FROM contacts
         WHERE desk = ? AND session < ? AND captured AND ended_mono IS NOT NULL AND id NOT IN (SELECT contact_id FROM clips)`,
    )
      .all(desk, this.#session)
      .map((row) => ({
        id: row.id,
        startedAt: { mono: row.sm, wall: row.sw },
        endedAt: { mono: row.em, wall: row.ew },
      }));
  }

  /**
   * The clock has become trustworthy: times of this boot that were written before are put right, and the contacts
   * already published are published again with `clock: corrected`. `offset`: wall − mono, in milliseconds.
   */
  correctClock(boot: string, offset: number): void {
    const ofBoot = "clock = 'untrusted' AND session IN (SELECT session FROM sessions WHERE boot = ?)";
    this.#commit(() => {
      const closed = this.#prepare<[string], { id: string; desk: string }>(
        `SELECT id, desk FROM contacts WHERE state = 'settled' AND ${ofBoot}`,
      ).all(boot);
      this.#prepare(
        `UPDATE contacts SET started_wall = started_mono + @offset, ended_wall = ended_mono + @offset,
             clock = 'corrected' WHERE ${ofBoot.replace('?', '@boot')}`,
      ).run({ offset, boot });
      this.#prepare(
        `UPDATE presses SET wall = mono + @offset, clock = 'corrected' WHERE ${ofBoot.replace('?', '@boot')}`,
      ).run({ offset, boot });
      for (const { id, desk } of closed) this.#effects.tellContact('contact.closed', desk, id);
    });
  }

  /** Deletes raw events older than `events` and published messages older than `messages`; Unix milliseconds. */
  forget(before: { events: number; messages: number }): void {
    this.#prepare('DELETE FROM raw_events WHERE wall < ?').run(before.events);
    this.outbox.forget(before.messages);
  }

  #commit(write: () => void): void {
    this.#db.transaction(write)();
    this.outbox.notify();
    this.contacts.notify();
  }
}

/** Raw events within [from, to) of the wall clock, in the order in which they came; also from a store opened for reading. */
export function* readEvents(db: Db, from: number, to: number): Generator<RecordedEvent> {
  const rows = db
    .prepare<[number, number], { place: number; event: string }>(
      'SELECT place, event FROM raw_events WHERE wall >= ? AND wall < ? ORDER BY place',
    )
    .iterate(from, to);
  for (const { place, event } of rows) yield parseEvent(event, place);
}
