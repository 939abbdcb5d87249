import type { Press } from '../contacts/model.ts';
import type {
  ClipCut,
  ClipRecord,
  ContactRecord,
  HintRecord,
  OutboxRow,
  PressRecord,
  ScoreRecord,
} from './records.ts';

/** Rows as SQLite holds them, and how they become records. */

export interface ContactRow {
  id: string;
  desk: string;
  state: ContactRecord['state'];
  started_wall: number;
  ended_wall: number | null;
  duration: number | null;
  end_reason: ContactRecord['endReason'];
  served: number;
  tag: ContactRecord['tag'];
  tag_source: ContactRecord['tagSource'];
  rating: number | null;
  top: number;
  veto: number;
  receptionist: string | null;
  clock: ContactRecord['clock'];
}

export interface PressRow {
  id: string;
  desk: string;
  contact_id: string | null;
  button: string;
  rating: number | null;
  tag: Press['tag'];
  wall: number;
  flags: string;
  clock: PressRecord['clock'];
}

/** `pending`: the clip is made, but the contact is not settled: whether it is kept is not known. Shown to nobody. */
export type ClipState = ClipRecord['state'] | 'pending';

/** A clip that may be shown. */
export interface ClipRow {
  contact_id: string;
  state: ClipRecord['state'];
  reason: string | null;
  file: string | null;
  media_type: string | null;
  bytes: number | null;
  sha256: string | null;
  duration: number | null;
  pre_roll: number | null;
  /** JSON of a `ClipCut`. */
  manifest: string | null;
}

export interface ScoreRow {
  contact_id: string;
  kind: ScoreRecord['kind'];
  /** JSON, as are the next two. */
  models: string;
  thresholds: string;
  summary: string;
}

/** The bins of a contact make up nearly all of its scores: they are read only where they are shown. */
export interface BinsRow {
  kind: ScoreRecord['kind'];
  bins_from: number;
  /** JSON. */
  bins: string;
}

export interface HintRow {
  kind: HintRecord['kind'];
  priority: number;
  /** JSON. */
  reasons: string;
}

export interface OutboxTableRow {
  sequence: number;
  id: string;
  type: OutboxRow['type'];
  desk: string;
  subject: string | null;
  wall: number;
  recorded: number;
  data: string;
}

/** Unix milliseconds → ISO 8601 UTC. */
export const iso = (wall: number): string => new Date(wall).toISOString();

export function contactRecord(
  row: ContactRow,
  parts: {
    device: string;
    presses: PressRow[];
    clip: ClipRow | undefined;
    scores: ScoreRow[];
    hint: HintRow | undefined;
  },
): ContactRecord {
  return {
    id: row.id,
    device: parts.device,
    desk: row.desk,
    state: row.state,
    startedAt: iso(row.started_wall),
    endedAt: row.ended_wall === null ? null : iso(row.ended_wall),
    duration: row.duration === null ? null : Math.round(row.duration),
    endReason: row.end_reason,
    served: row.served === 1,
    tag: row.tag,
    tagSource: row.tag_source,
    rating: row.rating,
    top: row.top === 1,
    veto: row.veto === 1,
    receptionist: row.receptionist,
    clock: row.clock,
    presses: parts.presses.map(pressRecord),
    clip: parts.clip ? clipRecord(parts.clip, row) : null,
    scores: parts.scores.map(scoreRecord),
    hint: parts.hint ? { ...parts.hint, reasons: JSON.parse(parts.hint.reasons) } : null,
  };
}

function scoreRecord(row: ScoreRow): ScoreRecord {
  return {
    contactId: row.contact_id,
    kind: row.kind,
    models: JSON.parse(row.models),
    thresholds: JSON.parse(row.thresholds),
    summary: JSON.parse(row.summary),
  };
}

export function pressRecord(row: PressRow): PressRecord {
  return {
    id: row.id,
    desk: row.desk,
    contactId: row.contact_id,
    button: row.button,
    rating: row.rating,
    tag: row.tag,
    time: iso(row.wall),
    clock: row.clock,
    flags: JSON.parse(row.flags),
  };
}

function clipRecord(row: ClipRow, contact: ContactRow): ClipRecord {
  const { contact_id, media_type, pre_roll, manifest, ...rest } = row;
  const record = { ...rest, contactId: contact_id, mediaType: media_type, preRoll: pre_roll };
  if (manifest === null) return { ...record, manifest };
  const cut: ClipCut = JSON.parse(manifest);
  const from = contact.started_wall - cut.preRoll;
  const to = from + (row.duration ?? 0);
  return { ...record, manifest: { ...cut, from: iso(from), to: iso(to), clock: contact.clock } };
}

export function outboxRow(row: OutboxTableRow): OutboxRow {
  const { wall, recorded, data: text, ...rest } = row;
  return {
    ...rest,
    time: iso(wall),
    recordedTime: iso(recorded),
    text,
    // Most rows are only passed on.
    get data() {
      return JSON.parse(text);
    },
  };
}
