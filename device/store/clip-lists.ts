import { type KeepPolicy, keeps } from '../contacts/keeping.ts';
import type { EndReason, Instant, Tag, TagSource } from '../contacts/model.ts';
import type { Prepare } from './open.ts';
import type { ContactRow } from './rows.ts';

/** A contact without a clip, as a start finds it. */
export interface Clipless {
  readonly id: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly endReason: EndReason;
  readonly tag: Tag;
  readonly tagSource: TagSource | null;
  readonly veto: boolean;
  /** It was recorded since the machine has booted. If not, its monotonic times mean nothing now. */
  readonly thisBoot: boolean;
  /** The power was cut while its patient was there: nobody knows how much longer than `endedAt`. */
  readonly there: boolean;
}

/** A clip that is in the vault and may be shown. */
export interface KeptClip {
  readonly contactId: string;
  readonly desk: string;
  /** Path below the vault's folder. */
  readonly file: string;
  readonly bytes: number;
}

/** What the store says of the clips there are, and of those there may still be. */
export class ClipLists {
  readonly #prepare: Prepare;
  readonly #policy: KeepPolicy;
  readonly #now: () => number;

  /** `now`: wall clock in Unix milliseconds; holds end by it. */
  constructor(prepare: Prepare, policy: KeepPolicy, now: () => number) {
    this.#prepare = prepare;
    this.#policy = policy;
    this.#now = now;
  }

  /** Files that belong into the vault. */
  vouched(): Set<string> {
    const rows = this.#prepare<[], { file: string }>(
      "SELECT file FROM clips WHERE state IN ('pending', 'ready') AND file IS NOT NULL",
    ).all();
    return new Set(rows.map(({ file }) => file));
  }

  /** Bytes of all that belongs into the vault. */
  bytes(): number {
    const sum = this.#prepare<[], { bytes: number }>(
      "SELECT coalesce(sum(bytes), 0) AS bytes FROM clips WHERE state IN ('pending', 'ready')",
    ).get();
    return sum?.bytes ?? 0;
  }

  ready(): KeptClip[] {
    return this.#prepare<[], KeptClip>(`${KEPT} ORDER BY contacts.started_wall, id`).all();
  }

  held(): { clips: number; bytes: number } {
    const sum = this.#prepare<[number], { clips: number; bytes: number }>(
      `SELECT count(*) AS clips, coalesce(sum(bytes), 0) AS bytes FROM clips
         WHERE state = 'ready' AND contact_id IN (${HELD})`,
    ).get(this.#now());
    return sum ?? { clips: 0, bytes: 0 };
  }

  /** The clip whose room is the first to be given up: the oldest of the least valuable class that no hold keeps. */
  leastValuable(): KeptClip | null {
    const row = this.#prepare<[number], KeptClip>(
      `${KEPT} AND contact_id NOT IN (${HELD}) ORDER BY ${VALUE}, contacts.started_wall, id LIMIT 1`,
    ).get(this.#now());
    return row ?? null;
  }

  /**
   * Ready clips whose contact certainly began before `before` (Unix ms; null: the time of day is not known), or before
   * `mono` of this very boot; oldest first. A time that was written down by a clock that nobody put right since is not
   * believed: then the contact is older than the first of a later session whose time is known, and no more is certain.
   * Without those that a hold keeps.
   */
  expired({ before, mono, boot }: { before: number | null; mono: number; boot: string }): KeptClip[] {
    return this.#prepare<{ before: number | null; mono: number; boot: string; now: number }, KeptClip>(
      `WITH known AS MATERIALIZED (
           SELECT session, min(started_wall) AS first FROM contacts WHERE clock <> 'untrusted' GROUP BY session)
         ${KEPT} AND contact_id NOT IN (${HELD.replace('?', '@now')}) AND (
           (boot = @boot AND started_mono < @mono) OR
           CASE clock WHEN 'untrusted'
             THEN (SELECT min(first) FROM known WHERE known.session > contacts.session)
             ELSE contacts.started_wall END < @before)
         ORDER BY contacts.started_wall, id`,
    ).all({ before, mono, boot, now: this.#now() });
  }

  /** Contacts, open ones too, whose clip may still be made. */
  owed(): Set<string> {
    const rows = this.#prepare<[number], Owed>(`${OWED} AND id NOT IN (SELECT contact_id FROM clips)`).all(
      this.#now(),
    );
    return new Set(rows.filter((row) => this.#hoped(row)).map(({ id }) => id));
  }

  /** Whether the clip of a contact may still come: it may be made, or it is there and waits for the contact to be settled. */
  owes(contactId: string): boolean {
    const row = this.#prepare<[number, string], Owed>(
      `${OWED} AND id = ? AND NOT EXISTS (SELECT 1 FROM clips WHERE contact_id = id AND state <> 'pending')`,
    ).get(this.#now(), contactId);
    return row !== undefined && this.#hoped(row);
  }

  #hoped({ state, veto, held, ...row }: Owed): boolean {
    if (state !== 'settled' || held === 1) return veto === 0;
    return keeps(this.#policy, { ...row, veto: veto === 1 });
  }

  /** Contacts of the sessions before `session` that recorded and of whose clip nothing is known. */
  clipless(desk: string, session: number): Clipless[] {
    return this.#prepare<{ desk: string; session: number }, CliplessRow>(
      `SELECT id, contacts.started_wall, started_mono, ended_wall, ended_mono, end_reason, tag, tag_source, veto,
           boot = (SELECT boot FROM sessions WHERE session = @session) AS thisBoot,
           (SELECT json_extract(event, '$.present') FROM raw_events
             WHERE raw_events.session = contacts.session AND raw_events.desk = contacts.desk
               AND json_extract(event, '$.kind') IN ('presence', 'sensor-lost')
             ORDER BY place DESC LIMIT 1) AS present
         FROM contacts JOIN sessions USING (session)
         WHERE desk = @desk AND session < @session AND captured AND ended_mono IS NOT NULL
           AND id NOT IN (SELECT contact_id FROM clips)
         ORDER BY session, started_mono`,
    )
      .all({ desk, session })
      .map((row) => ({
        id: row.id,
        startedAt: { mono: row.started_mono, wall: row.started_wall },
        endedAt: { mono: row.ended_mono, wall: row.ended_wall },
        endReason: row.end_reason,
        tag: row.tag,
        tagSource: row.tag_source,
        veto: row.veto === 1,
        thisBoot: row.thisBoot === 1,
        there: row.end_reason === 'power-loss' && row.present === 1,
      }));
  }
}

/** Contacts that a hold keeps; `?`: now. */
export const HELD = 'SELECT contact_id FROM holds WHERE until_wall > ? AND ended_wall IS NULL';

/** What a clip is worth: the lower, the sooner it makes room. */
export const VALUE = `CASE tag WHEN 'positive' THEN 1 WHEN 'neutral' THEN 2 WHEN 'unrated' THEN 3
  ELSE CASE tag_source WHEN 'reviewer' THEN 4 ELSE 5 END END`;

const KEPT = `SELECT contact_id AS contactId, desk, file, bytes
  FROM clips JOIN contacts ON id = contact_id JOIN sessions USING (session)
  WHERE clips.state = 'ready'`;

const OWED = `SELECT id, state, tag, tag_source AS tagSource, veto, id IN (${HELD}) AS held FROM contacts
  WHERE captured`;

interface Owed {
  id: string;
  state: ContactRow['state'];
  tag: Tag;
  tagSource: TagSource | null;
  veto: number;
  held: number;
}

interface CliplessRow {
  id: string;
  started_wall: number;
  started_mono: number;
  ended_wall: number;
  ended_mono: number;
  end_reason: EndReason;
  tag: Tag;
  tag_source: TagSource | null;
  veto: number;
  thisBoot: number;
  present: number | null;
}
