import {
  dtsOf,
  inStep,
  isKey,
  isVideo,
  MPEGTS_SHIFT,
  PACKET,
  pesIn,
  pidOf,
  ptsOf,
  TICKS,
  UNIT_START,
  viewOf,
} from './ts-packet.ts';

const PIDS = 0x2000;
/** A key picture, or a packet of sound, this much (ticks; 1 ms) before `from` is the one that was meant. */
const MARGIN = TICKS / 1000;

/**
 * Leaves out of an MPEG transport stream what does not belong to a clip, packet by packet, before anything else sees
 * it: what never gets into a file need not be hidden in it. Times in seconds of the ring's timeline.
 *
 * - Pictures from the first key picture at or after `from` on, up to `to`, both included. A picture belongs to the clip by
 *   when it is decoded: where there are B-pictures a later one comes first, and those before it are made from it. So
 *   the clip may show that one, too, but holds no picture that cannot be decoded.
 * - Sound in whole PES that begin at or after `from` and before `to`, which may be another than that of the pictures. That
 *   is a frame of 64 ms; of silence several, since ffmpeg puts frames together up to 170 bytes or 0.35 s.
 * - Tables, always.
 *
 * Segments are pushed in their order, whole. A file that is still growing may end anywhere: a packet that is torn is
 * left out, with the picture that it belongs to.
 */
export class TsTrimmer {
  readonly #from: number;
  #to: number;
  #soundTo: number;
  /** When the last picture and the last frame of sound that were kept begin. */
  #lastPicture = Number.NEGATIVE_INFINITY;
  #lastSound = Number.NEGATIVE_INFINITY;
  /** By PID: whether the packets that carry on what began last are kept. Before anything began they are not. */
  readonly #keeps = new Uint8Array(PIDS);
  /** When (ticks) the key picture is shown from which the pictures go on now; null while one is waited for. */
  #key: number | null = null;

  constructor(range: { from: number; to: number }) {
    this.#from = ticks(range.from);
    this.#to = ticks(range.to);
    this.#soundTo = this.#to;
  }

  /** Moves the end. What has been left out already does not come back: pictures go on at the next key picture. */
  setEnd(to: number, soundTo = to): void {
    this.#to = ticks(to);
    this.#soundTo = ticks(soundTo);
  }

  /** When the last picture, and the last frame of sound, begin that were kept; null for none. */
  get last(): { picture: number | null; sound: number | null } {
    return { picture: seconds(this.#lastPicture), sound: seconds(this.#lastSound) };
  }

  /** What of `bytes` belongs to the clip; `bytes` themselves, not copied, when all of it does. */
  push(bytes: Buffer): Buffer {
    const view = viewOf(bytes);
    const end = wholeLength(view);
    const runs: Buffer[] = [];
    let run = -1;
    for (let at = 0; at < end; at += PACKET) {
      const header = view.getUint32(at);
      const pid = pidOf(header);
      if (header & UNIT_START) this.#begin(view, at, pid);
      if (this.#keeps[pid] && inStep(header)) {
        if (run < 0) run = at;
      } else if (run >= 0) {
        runs.push(bytes.subarray(run, at));
        run = -1;
      }
    }
    if (run >= 0) runs.push(bytes.subarray(run, end));
    const [only] = runs;
    if (only?.length === bytes.length) return bytes;
    return runs.length === 1 && only ? only : Buffer.concat(runs);
  }

  #begin(view: DataView, at: number, pid: number): void {
    const pes = pesIn(view, at);
    if (pes < 0) {
      this.#keeps[pid] = 1;
      return;
    }
    const pts = ptsOf(view, pes);
    // Without a stamp of its own it belongs to what was before.
    if (pts === null) return;
    const dts = dtsOf(view, pes, pts);
    const video = isVideo(view, pes);
    const keeps = video
      ? this.#keepsPicture(pts, dts, isKey(view, at))
      : pts >= this.#from - MARGIN && pts < this.#soundTo;
    this.#keeps[pid] = keeps ? 1 : 0;
    if (!keeps) return;
    if (video) this.#lastPicture = Math.max(this.#lastPicture, pts);
    else this.#lastSound = Math.max(this.#lastSound, pts);
  }

  #keepsPicture(pts: number, dts: number, key: boolean): boolean {
    if (dts > this.#to) this.#key = null;
    else if (this.#key === null && key && pts >= this.#from - MARGIN) this.#key = pts;
    // In an open GOP pictures that are shown before their key picture follow it; they are made from one left out.
    return this.#key !== null && pts >= this.#key;
  }
}

function ticks(seconds: number): number {
  return Math.round((seconds + MPEGTS_SHIFT) * TICKS);
}

function seconds(ticks: number): number | null {
  return Number.isFinite(ticks) ? ticks / TICKS - MPEGTS_SHIFT : null;
}

/** The length of what is whole. ffmpeg writes one PES after the other, so a torn packet is the last one's. */
function wholeLength(view: DataView): number {
  const torn = view.byteLength % PACKET;
  const end = view.byteLength - torn;
  if (torn === 0 || (torn > 1 && view.getUint8(end + 1) & (UNIT_START >> 16))) return end;
  for (let at = end - PACKET; at >= 0; at -= PACKET) {
    if (view.getUint32(at) & UNIT_START && pesIn(view, at) >= 0) return at;
  }
  return end;
}
