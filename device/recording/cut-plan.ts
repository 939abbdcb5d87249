import { SAMPLE_RATE } from '../../drivers/types.ts';
import type { TrackIndex, TsIndex } from './ts-index.ts';

/** Where a clip begins. */
export interface CutPlan {
  /** The first moment of the clip, as it truly will be: seconds of the timeline. */
  readonly from: number;
  readonly video: boolean;
}

/** Pictures and sound of the same moment lie up to this far apart (s) in the stream. */
export const SPREAD = 1;

/** One packet of AAC (s). */
const SOUND = 1024 / SAMPLE_RATE;

/**
 * How to get [from, to] (seconds of the timeline) out of segments, told in the order in which they were captured. H.264
 * that is copied can begin only at a key picture: the clip begins at the last one before `from`, so that nothing asked
 * for is missing and at most one GOP more is there; sound alone begins with the packet that sounds there. Null when nothing was captured between `needed` and `to`.
 */
export function planCut(
  segments: readonly TsIndex[],
  from: number,
  needed: number,
  to: number,
): CutPlan | null {
  const tracks = segments.flatMap(({ video, audio }) => [video, audio]).filter((track) => track !== null);
  // A pause may have moved `from` behind the arrival.
  const latest = Math.max(from, needed);
  if (!tracks.some((track) => track.last >= latest && track.first <= to)) return null;

  const keys = segments.flatMap(({ video }) => video?.keys ?? []).filter((key) => key < to);
  const key = keys.findLast((key) => key <= from);
  // A key picture with no pictures from there up to `from` is not the start of this clip: there was a gap.
  const shown = segments.some(({ video }) => video && video.first <= from && video.last >= from - SPREAD);
  const pictures = segments.flatMap(({ video }) => video ?? []).filter(({ last }) => last >= from);
  const sounds = segments.flatMap(({ audio }) => audio ?? []).filter(({ last }) => last + SOUND > from);
  const earliest = Math.min(
    ...pictures.map(({ first }) => Math.max(first, from)),
    ...sounds.map((track) => soundingAt(track, from)),
  );
  const start = key !== undefined && shown ? key : earliest;
  return { from: start, video: keys.some((k) => k >= start) };
}

/** When the packet begins that sounds at `moment`, or the first after it. */
function soundingAt({ first, last }: TrackIndex, moment: number): number {
  return moment < first ? first : Math.min(last, first + Math.floor((moment - first) / SOUND) * SOUND);
}
