import { readFile } from 'node:fs/promises';
import {
  inStep,
  isAudio,
  isKey,
  isVideo,
  MPEGTS_SHIFT,
  PACKET,
  pesIn,
  ptsOf,
  TICKS,
  UNIT_START,
  viewOf,
} from './ts-packet.ts';

export type TrackKind = 'video' | 'audio';

/** One track of a segment. Times in seconds of its timeline. */
export interface TrackIndex {
  readonly first: number;
  readonly last: number;
  /** From one picture, or piece of sound, to the next where that is more than a second. */
  readonly gaps: readonly (readonly [from: number, to: number])[];
}

/** Which moments a segment holds, in seconds of its timeline, by the time stamps in it. */
export interface TsIndex {
  /** `keys`: the pictures at which playing can begin. `interval`: from one picture to the next, the median; null for one picture. */
  readonly video:
    | (TrackIndex & { readonly keys: readonly number[]; readonly interval: number | null })
    | null;
  readonly audio: TrackIndex | null;
}

/** Longer than this (s) without a picture or sound is a gap. */
const GAP = 1;

/** Reads the index of a segment, finished or still growing; null when the file is not there (yet, or any more). */
export async function indexIfThere(file: string): Promise<TsIndex | null> {
  try {
    return indexOf(await readFile(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The index of a segment's bytes; a packet that is torn at their end is left out. */
export function indexOf(bytes: Buffer): TsIndex {
  const view = viewOf(bytes);
  const video: number[] = [];
  const audio: number[] = [];
  const keys: number[] = [];
  for (let at = 0; at + PACKET <= bytes.length; at += PACKET) {
    const unit = unitAt(view, at);
    if (!unit) continue;
    (unit.track === 'video' ? video : audio).push(unit.time);
    if (unit.track === 'video' && isKey(view, at)) keys.push(unit.time);
  }
  const pictures = trackOf(video);
  return { video: pictures && { ...pictures, keys, interval: median(steps(video)) }, audio: trackOf(audio) };
}

/** From when to when each track goes in `bytes`, in their order: nearly what the index says, for a fraction of the work. */
export function spansIn(bytes: Buffer): Map<TrackKind, { first: number; last: number }> {
  const view = viewOf(bytes);
  const spans = new Map<TrackKind, { first: number; last: number }>();
  const end = bytes.length - (bytes.length % PACKET);
  for (let at = 0; at < end && spans.size < 2; at += PACKET) {
    const unit = unitAt(view, at);
    if (unit && !spans.has(unit.track)) spans.set(unit.track, { first: unit.time, last: unit.time });
  }
  const ended = new Set<TrackKind>();
  for (let at = end - PACKET; at >= 0 && ended.size < spans.size; at -= PACKET) {
    const unit = unitAt(view, at);
    const span = unit && spans.get(unit.track);
    if (!span || ended.has(unit.track)) continue;
    span.last = unit.time;
    ended.add(unit.track);
  }
  return spans;
}

/** The picture or sound that begins in the packet at `at`; most packets carry on one that began before. */
function unitAt(view: DataView, at: number): { track: TrackKind; time: number } | null {
  const header = view.getUint32(at);
  if (!(header & UNIT_START) || !inStep(header)) return null;
  const pes = pesIn(view, at);
  const pts = pes < 0 ? null : ptsOf(view, pes);
  if (pts === null) return null;
  const time = pts / TICKS - MPEGTS_SHIFT;
  if (isVideo(view, pes)) return { track: 'video', time };
  return isAudio(view, pes) ? { track: 'audio', time } : null;
}

/** Sorts `times`: pictures come in the order of their decoding. */
function trackOf(times: number[]): TrackIndex | null {
  const [first] = times.sort((a, b) => a - b);
  const last = times.at(-1);
  if (first === undefined || last === undefined) return null;
  const gaps = steps(times).flatMap((step, n) =>
    step > GAP ? [[times[n] ?? first, times[n + 1] ?? last] as const] : [],
  );
  return { first, last, gaps };
}

function steps(times: readonly number[]): number[] {
  return times.slice(1).map((time, n) => time - (times[n] ?? time));
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? null;
}
