import type {
  FaceBin,
  FaceSummary,
  ModelUse,
  Scores,
  SoundBin,
  SoundSummary,
} from '../../models/readings.ts';
import type { EndReason, PressFlag, Tag, TagSource } from '../contacts/model.ts';

/** What the store gives to the page and puts into messages: plain JSON, times as ISO 8601 UTC with milliseconds, durations in milliseconds. */

/** `untrusted`: the clock was not known to be right; `corrected`: it was not, and the times have been put right since. */
export type ClockTrust = 'trusted' | 'untrusted' | 'corrected';

export interface PressRecord {
  id: string;
  desk: string;
  contactId: string | null;
  button: string;
  rating: number | null;
  tag: Tag;
  time: string;
  clock: ClockTrust;
  flags: PressFlag[];
}

/** How a clip lies against its contact, as it truly is: the recorder tells it. Milliseconds; the clip's first moment is 0. */
export interface ClipCut {
  /** From the clip's first moment to the arrival; negative where it begins after it. */
  preRoll: number;
  /** From the departure to the clip's last moment; negative where it ends before it. */
  postRoll: number;
  /** Against the start that was asked for; negative: the clip begins earlier. */
  startError: number;
  /** Against the end that was asked for; negative: the clip ends earlier. */
  endError: number;
  tracks: ('video' | 'audio')[];
  /** Where a track is silent or dark because nothing was captured. */
  gaps: { track: 'video' | 'audio'; from: number; to: number }[];
  /** Made at the next start, out of what a crash had left. */
  recovered: boolean;
  /** The device key without which the file cannot be read; 16 hex digits. */
  keyId: string;
}

/** What is known of a clip beside its file. */
export interface ClipManifest extends ClipCut {
  /** The clip's first and last moment. They follow the contact's start, so a clock that is put right later puts them right too. */
  from: string;
  to: string;
  clock: ClockTrust;
}

/** Why a clip is gone: somebody asked for it; the policy does not keep its class; the room was needed; it was too old; its file was not there. */
export type ClipDeletion = 'veto' | 'not-kept' | 'space' | 'age' | 'missing';

export interface ClipRecord {
  contactId: string;
  /** `deleted` clips keep their row and nothing else. */
  state: 'ready' | 'failed' | 'deleted';
  /** A `ClipDeletion`, or why it failed; null when ready. */
  reason: string | null;
  /** Path below the vault's folder; null unless ready. */
  file: string | null;
  mediaType: string | null;
  bytes: number | null;
  /** Lower-case hex. */
  sha256: string | null;
  duration: number | null;
  /** Milliseconds of the clip that lie before the arrival, as they truly are. */
  preRoll: number | null;
  /** null unless ready, and for clips of releases that had none. */
  manifest: ClipManifest | null;
}

/** Why there is no clip of a contact during which recording was paused. Nobody is alerted by it. */
export const PAUSED = 'paused';

/** What became of a contact's clip, as it is added: of the manifest, the store tells the times itself. */
export interface NewClip extends Omit<ClipRecord, 'state' | 'manifest'> {
  state: 'ready' | 'failed';
  manifest: ClipCut | null;
}

interface ScoreCommon {
  contactId: string;
  models: ModelUse[];
  /** The limits that decided. */
  thresholds: Record<string, number>;
}
export type ScoreRecord = ScoreCommon &
  ({ kind: 'face'; summary: FaceSummary } | { kind: 'sound'; summary: SoundSummary });

/** Second by second, for the clip's time line. */
export type ScoreTimeline = {
  /** When the first bin begins, in milliseconds after the arrival. */
  from: number;
} & ({ kind: 'face'; bins: FaceBin[] } | { kind: 'sound'; bins: SoundBin[] });

/** What a stay looked and sounded like, drawn small: a letter for each equal part of it, at most 60. */
export interface Strip {
  /** n negative, o neutral, p positive, - unknown; null: no face was scored. */
  readonly face: string | null;
  /** s speech, r raised voice, . neither; null: no sound was scored. */
  readonly sound: string | null;
}

/** Scores as they are added; `from` as in `ScoreTimeline`. */
export type NewScores = Scores & { readonly from: number };

/** What the scores say together, to order a review queue by. It sets no tag. */
export interface HintRecord {
  kind: 'suspected-negative' | null;
  /** 0 to 1; the higher, the earlier somebody should look. */
  priority: number;
  reasons: string[];
}

/** What models say of one contact, as it is added. */
export interface ScoredContact {
  readonly contactId: string;
  readonly scores: readonly NewScores[];
  readonly hint: Readonly<Omit<HintRecord, 'reasons'>> & { readonly reasons: readonly string[] };
}

export interface ContactRecord {
  id: string;
  device: string;
  desk: string;
  /** `open`, `ended` (the patient is gone, presses may still come), `settled` (final). */
  state: 'open' | 'ended' | 'settled';
  startedAt: string;
  endedAt: string | null;
  duration: number | null;
  endReason: EndReason | null;
  served: boolean;
  tag: Tag;
  tagSource: TagSource | null;
  rating: number | null;
  /** True when the rating is the highest that the desk offers. */
  top: boolean;
  /** Somebody asked that its recording not be kept. It counts like any other. */
  veto: boolean;
  /** Pseudonym of who was at the desk; null: nobody had said so. */
  receptionist: string | null;
  clock: ClockTrust;
  presses: PressRecord[];
  clip: ClipRecord | null;
  scores: ScoreRecord[];
  /** null: nothing was scored. */
  hint: HintRecord | null;
}

/** Why a contact is to be reviewed: its press was negative; models suspect it; chance chose it among all others. */
export type QueueClass = 'negative' | 'hint' | 'sample';

/** What the inbox has for somebody. `answered`: a review of their own, which the receptionist has answered since. */
export type InboxClass = QueueClass | 'answered';

export interface Estimate {
  /** k ÷ n, and its 95 % Wilson score interval; all in [0, 1]. */
  value: number;
  low: number;
  high: number;
}

export interface IndicesRecord {
  /** First moment counted, and the first moment no longer counted. */
  from: string;
  to: string;
  served: number;
  rated: number;
  top: number;
  negative: number;
  /** null while nobody was served. */
  support: Estimate | null;
  dissatisfaction: Estimate | null;
  /** rated ÷ served. */
  responseRate: number | null;
}

export type EventType =
  | 'contact.started'
  | 'contact.closed'
  | 'contact.reviewed'
  | 'press'
  | 'clip.ready'
  | 'clip.deleted'
  | 'clip.uploaded'
  | 'contact.erased'
  | 'outbox.dropped'
  | 'alert';

/** A message that waits to be published. `sequence` has no gaps. */
export interface OutboxRow {
  sequence: number;
  id: string;
  type: EventType;
  desk: string;
  /** The contact, where there is one. */
  subject: string | null;
  /** When it happened, and when it was written down. */
  time: string;
  recordedTime: string;
  data: unknown;
  /** JSON of `data`, as it is stored. */
  text: string;
}

/** What the uploader needs of the store. */
export interface Outbox {
  /** Name of this store, 16 hex digits, made with it: sequences of two stores have nothing to do with each other. */
  readonly store: string;
  /** Sequence of the newest row there has ever been; 0: none. */
  newest(): number;
  /** Unpublished rows with a sequence above `after`, in order; `to`: none above it. */
  pending(after: number, limit: number, to?: number): OutboxRow[];
  /** Published rows with a sequence above `after` and up to `to`, in order: for a hub that asks again. */
  again(after: number, to: number, limit: number): OutboxRow[];
  /** The oldest row there is with a sequence of at least `from`; null: none. */
  oldest(from: number): number | null;
  /** Marks rows as taken over by the broker, in one commit. One that has become another row since it was read is not. */
  published(rows: readonly Pick<OutboxRow, 'sequence' | 'id'>[]): void;
  /** Up to which sequence the hub has committed. */
  readonly acknowledged: number;
  /** The hub has committed every sequence up to `upTo`; less than before changes nothing. @throws CaError CA_ACK_INVALID when there is no such row */
  acknowledge(upTo: number): void;
  /** Rows that wait: for the hub where there is one, else to be published. */
  depth(): number;
  /** Rows dropped since the store was made: the backlog was too large. */
  readonly dropped: number;
  /** Whether rows were dropped since the last time that none waited. */
  readonly lossy: boolean;
  /** Grows when rows take the place of others: what was read before may be out of date. */
  readonly rewrites: number;
  /** Calls `listener` after each commit that appended a row; returns the way to end that. */
  onAppend(listener: () => void): () => void;
}

/** What the page needs of the store. Bounds are wall-clock milliseconds, `to` not included. */
export interface ContactReader {
  /** Contacts that started within the bounds, newest first. */
  between(from: number, to: number): ContactRecord[];
  byId(id: string): ContactRecord | null;
  /** What models say of a contact, second by second. */
  timelines(id: string): ScoreTimeline[];
  indices(from: number, to: number, desk?: string): IndicesRecord;
  /** Calls `listener` after each commit that changed a contact; returns the way to end that. */
  onChange(listener: () => void): () => void;
}
