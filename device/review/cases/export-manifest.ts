import type { Tag, TagSource } from '../../contacts/model.ts';
import type { OpeningReason } from '../../store/page/cases.ts';
import type { ClipManifest, PressRecord } from '../../store/records.ts';

/** `manifest.json` of an exported case. Nothing in it is a model's opinion. Times ISO 8601 UTC, durations ms. */
export interface ExportManifest {
  readonly case: { id: string; title: string; note: string; openedBy: string; openedAt: string };
  /** The mark: clips are not encoded again, so it is told here who took them. */
  readonly exported: { by: string; at: string; device: string; reason: OpeningReason | null };
  readonly contacts: ExportedContact[];
}

export interface ExportedContact {
  readonly id: string;
  readonly desk: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly duration: number | null;
  /** Chosen for review by chance, and not yet reviewed by who exports: without tag, presses and review. */
  readonly blind: boolean;
  readonly tag: Tag | null;
  readonly tagSource: TagSource | null;
  readonly presses: Pick<PressRecord, 'rating' | 'tag' | 'time' | 'button'>[];
  readonly review: {
    readonly reviewer: string;
    readonly at: string;
    readonly comment: string;
    readonly causes: { id: string; names: Readonly<Record<string, string>> }[];
    readonly answer: { text: string; at: string } | null;
  } | null;
  readonly clip: ExportedClip;
}

export interface ExportedClip {
  /** In the zip; null: there is none. */
  file: string | null;
  /** Why there is none. */
  missing: string | null;
  mediaType: string | null;
  /** Of the file in the zip, as it was sent. */
  bytes: number | null;
  sha256: string | null;
  /** Whether that is what was recorded; null: nobody knows. */
  asRecorded: boolean | null;
  /** From the clip's first moment to the arrival. */
  preRoll: number | null;
  cut: ClipManifest | null;
}
