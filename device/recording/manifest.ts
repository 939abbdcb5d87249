import type { Instant } from '../contacts/model.ts';
import type { BuiltClip } from './clip-builder.ts';
import type { Stretch } from './sound-track.ts';
import { type Timeline, toMono, toSeconds } from './timeline.ts';
import type { StoredClip } from './vault.ts';

/** How a clip lies against its contact, as it truly is. Milliseconds; the clip's first moment is 0. */
export interface ClipCut {
  /** From the clip's first moment to the arrival, and from the departure to its last; negative where that much is missing. */
  preRoll: number;
  postRoll: number;
  /** By how much it begins, and its last picture begins or its sound ends, later than asked for; negative: earlier. */
  startError: number;
  endError: number;
  tracks: ('video' | 'audio')[];
  /** Where nothing was captured. Silence stands for sound, the last picture for pictures. */
  gaps: { track: 'video' | 'audio'; from: number; to: number }[];
  /** True when it was made after the service had been killed; then no end was asked for. */
  recovered: boolean;
  /** Of the device key without which it cannot be read. */
  keyId: string;
}

/** A clip in the vault, with all that is told of it. Milliseconds. */
export interface FinishedClip extends StoredClip {
  readonly mediaType: 'video/mp4' | 'audio/mp4';
  readonly duration: number;
  /** Of the clip before the arrival, as it truly is; 0 when it begins later. */
  readonly preRoll: number;
  readonly manifest: ClipCut;
}

/** Shorter silences (ms) than this are not told: a second is what it takes to notice one. */
const SILENCE = 1_000;

/** Tells of a clip that was asked to begin at `wanted.from` and to end at `until`, monotonic ms. */
export function finished(about: {
  wanted: { startedAt: Instant; from: number };
  timeline: Timeline;
  until: number;
  /** `until` without the post-roll. */
  postRoll: number;
  built: BuiltClip;
  silences: readonly Stretch[];
  recovered: boolean;
  keyId: string;
}): FinishedClip {
  const { wanted, timeline, built, recovered, keyId } = about;
  const { coverage, from, to, last, ...stored } = built;
  const [begins, ends] = [toMono(timeline, from), toMono(timeline, to)];
  const until = Number.isFinite(about.until) ? about.until : toMono(timeline, last);
  const within = (mono: number) => Math.round(Math.min(Math.max(mono, begins), ends) - begins);
  const gaps = [
    ...coverage.gaps(Math.min(toSeconds(timeline, until), to)).map((gap) => ({
      track: gap.track,
      from: within(toMono(timeline, gap.from)),
      to: within(toMono(timeline, gap.to)),
    })),
    ...about.silences.map(({ from, to }) => ({
      track: 'audio' as const,
      from: within(from),
      to: within(to),
    })),
  ].filter((gap) => gap.to - gap.from >= SILENCE);
  const preRoll = Math.round(wanted.startedAt.mono - begins);
  return {
    ...stored,
    duration: Math.round(ends - begins),
    preRoll: Math.max(0, preRoll),
    manifest: {
      preRoll,
      postRoll: Math.round(ends - until + about.postRoll),
      startError: Math.round(begins - wanted.from),
      endError: Math.round(toMono(timeline, last) - until),
      tracks: coverage.tracks,
      gaps: gaps.sort((a, b) => a.from - b.from),
      recovered,
      keyId,
    },
  };
}
