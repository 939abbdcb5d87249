import { CaError } from '../errors.ts';
import { MuxRun, type PartTaker } from './mux-run.ts';
import { spansIn, type TrackKind } from './ts-index.ts';

/** Makes a fragmented MP4 of mpegts while both are under way. Calls of `write` and `end` must not overlap. */
export interface Muxer {
  /** The next whole segment, trimmed. Resolves when there is room for more. Rejects with CA_CLIP_FAILED, or with what `onPart` did. */
  write(ts: Buffer): Promise<void>;
  /** Nothing more will be written. Resolves when `onPart` has had all parts; rejects as `write` does. */
  end(): Promise<void>;
  /** At any time: nothing more is made. When it resolves no process is left, and `onPart` is not called any more. */
  kill(): Promise<void>;
}

/**
 * Longer than this (s) without a picture, or without sound, and another ffmpeg takes over. ffmpeg gives out a picture when the
 * next one comes, so the last one would be written after a gap; and a fragment that it has to begin in one begins too early.
 */
const GAP = 5;

/**
 * Starts a muxer. `from`, in seconds of the ring's timeline, becomes the clip's 0; nothing may be written that lies
 * before. Nothing is encoded, and all time stamps stay what they are to each other. `onPart` is given one part after the
 * other and awaited: while it takes its time, so do ffmpeg and `write`.
 *
 * One ffmpeg will not do where pictures come to a clip that began as sound, or where a track pauses: ffmpeg settles its tracks
 * by what comes first. So `onPart` may be given an init part more than once: the last one has all tracks.
 */
export function startMuxer({ from }: { from: number }, onPart: PartTaker): Muxer {
  let run: MuxRun | null = null;
  let running: readonly TrackKind[] = [];
  const reached = new Map<TrackKind, number>();
  let fragments = 0;
  let killed = false;
  const take: PartTaker = async (part) => {
    if (part.kind === 'fragment') fragments += 1;
    // One that lacks a track which came before is no use to anybody.
    else if (running.length < reached.size) return;
    await onPart(part);
  };
  return {
    async write(ts) {
      const spans = spansIn(ts);
      const now = Math.max(...[...spans.values()].map(({ last }) => last));
      const goesOn =
        [...spans.keys()].every((track) => running.includes(track)) &&
        running.every((track) => (spans.get(track)?.first ?? now) - (reached.get(track) ?? now) <= GAP);
      if (!goesOn) {
        await run?.end();
        if (killed) throw new CaError('CA_CLIP_FAILED', 'the clip was given up');
        running = [...spans.keys()];
        run = new MuxRun({ tracks: running, from, fragment: fragments + 1 }, take);
      }
      for (const [track, { last }] of spans) reached.set(track, last);
      await run?.write(ts);
    },
    async end() {
      await run?.end();
    },
    async kill() {
      killed = true;
      await run?.kill();
    },
  };
}
