import type { TsIndex } from './ts-index.ts';

/** A segment's file with what is in it. */
export interface Piece {
  readonly file: string;
  readonly index: TsIndex;
}

/** What the slicer must do. Times in seconds of the timeline. */
export interface CutPlan {
  readonly files: readonly string[];
  /** The first moment of the clip, as it truly will be. */
  readonly from: number;
  readonly to: number;
  readonly video: boolean;
}

/** Pictures and sound of the same moment lie up to this far apart (s) in the stream. */
const SPREAD = 1;

/**
 * How to get [from, to] out of `pieces`. H.264 that is copied can begin only at a key picture: the clip begins at the
 * last one before `from`, so that nothing asked for is missing and at most one GOP more is there.
 * Null when nothing was captured between `needed` and `to`.
 */
export function planCut(pieces: readonly Piece[], from: number, needed: number, to: number): CutPlan | null {
  const tracks = pieces.flatMap(({ index }) => [index.video, index.audio]).filter((track) => track !== null);
  if (!tracks.some((track) => track.last >= needed && track.first <= to)) return null;

  const keys = pieces.flatMap(({ index }) => index.video?.keys ?? []).filter((key) => key < to);
  const before = keys.filter((key) => key <= from);
  const key = before.length > 0 ? Math.max(...before) : undefined;
  // A key picture with no pictures from there up to `from` is not the start of this clip: there was a gap.
  const shown = pieces.some(
    ({ index }) => index.video && index.video.first <= from && index.video.last >= from - SPREAD,
  );
  const earliest = Math.min(...tracks.filter((t) => t.last >= from).map((t) => Math.max(t.first, from)));
  const start = key !== undefined && shown ? key : earliest;

  const files = pieces
    .filter(({ index }) =>
      [index.video, index.audio].some((t) => t && t.last >= start - SPREAD && t.first <= to + SPREAD),
    )
    .map(({ file }) => file);
  return { files, from: start, to, video: keys.some((k) => k >= start) };
}
