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
 * Longer than this (s) without a picture, or without sound, and another ffmpeg takes over: less than its fragments last,
 * so no fragment of one ffmpeg begins in a gap.
 */
const GAP = 5;

/**
 * Starts a muxer. `from`, in seconds of the ring's timeline, becomes the clip's 0; nothing may be written that lies
 * before. Nothing is encoded, and all time stamps stay what they are to each other. `onPart` is given one part after the
 * other and awaited: while it takes its time, so do ffmpeg and `write`.
 *
 * One ffmpeg will not do where pictures come to a clip that began as sound, or come back to it: ffmpeg settles its tracks by
 * what comes first, and lets the first sample of a fragment begin where the fragment before ended. The next one goes on then,
 * so `onPart` may be given an init part more than once: the last one has all tracks.
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
      const goesOn = [...spans].every(
        ([track, { first }]) => running.includes(track) && first - (reached.get(track) ?? first) <= GAP,
      );
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
