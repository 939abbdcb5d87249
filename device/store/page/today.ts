import type { EndReason, PressFlag, Tag, TagSource } from '../../contacts/model.ts';
import type { ClipRecord, ClockTrust, ContactRecord } from '../records.ts';
import { iso } from '../rows.ts';
import type { PageTables } from './tables.ts';

/** A contact as a row of a list: neither scores nor hints, and nothing of the clip's file. */
export interface BriefContact {
  id: string;
  desk: string;
  state: ContactRecord['state'];
  startedAt: string;
  /** Milliseconds; null while it is open. */
  duration: number | null;
  endReason: EndReason | null;
  served: boolean;
  tag: Tag;
  tagSource: TagSource | null;
  veto: boolean;
  clock: ClockTrust;
  /** In their order. */
  presses: { rating: number | null; tag: Tag; flags: PressFlag[] }[];
  /** null: there is none, or not yet. */
  clip: { state: ClipRecord['state']; reason: string | null; mediaType: string | null } | null;
}

interface BriefRow {
  id: string;
  desk: string;
  state: ContactRecord['state'];
  started_wall: number;
  duration: number | null;
  end_reason: EndReason | null;
  served: number;
  tag: Tag;
  tag_source: TagSource | null;
  veto: number;
  clock: ClockTrust;
  clip: ClipRecord['state'] | null;
  reason: string | null;
  media_type: string | null;
  /** JSON: `[rating, tag, flags]` of each press; SQLite keeps the order of the inner query. */
  presses: string;
}

/** The contacts of a day as a list. */
export class Today {
  readonly #brief;

  constructor({ prepare }: PageTables) {
    this.#brief = prepare<[number, number, number], BriefRow>(
      `SELECT id, desk, contacts.state, started_wall, contacts.duration, end_reason, served, tag, tag_source, veto, clock,
           clips.state AS clip, clips.reason, clips.media_type,
           (SELECT json_group_array(json_array(rating, tag, json(flags))) FROM (
             SELECT rating, tag, flags FROM presses WHERE contact_id = contacts.id ORDER BY mono, presses.id)) AS presses
         FROM contacts LEFT JOIN clips ON contact_id = contacts.id AND clips.state <> 'pending'
         WHERE started_wall >= ? AND started_wall < ? ORDER BY started_wall DESC, id DESC LIMIT ?`,
    );
  }

  /** The newest contacts that started within the bounds (Unix ms, `to` not included), newest first. */
  brief(from: number, to: number, limit: number): BriefContact[] {
    return this.#brief.all(from, to, limit).map((row) => ({
      ...{ id: row.id, desk: row.desk, state: row.state, startedAt: iso(row.started_wall) },
      duration: row.duration === null ? null : Math.round(row.duration),
      ...{ endReason: row.end_reason, served: row.served === 1, tag: row.tag, tagSource: row.tag_source },
      ...{ veto: row.veto === 1, clock: row.clock },
      presses: (JSON.parse(row.presses) as [number | null, Tag, PressFlag[]][]).map(
        ([rating, tag, flags]) => ({ rating, tag, flags }),
      ),
      clip: row.clip && { state: row.clip, reason: row.reason, mediaType: row.media_type },
    }));
  }
}
