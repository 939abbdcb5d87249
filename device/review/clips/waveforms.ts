import type { Readable } from 'node:stream';
import type { ClipReader } from '../parts.ts';
import { PipedFfmpeg } from './filter.ts';
import { PEAK_RATE, PeakMeter } from './peaks.ts';
import { Turns } from './turns.ts';
import type { ReadyClip } from './watching.ts';

/** Parts of a waveform: as many as a screen can show. */
const PARTS = 1_000;
/** A part is no shorter than this, ms. */
const SHORTEST = 20;
/** Waveforms that are remembered: those of a morning's review, 2 kB each. In memory only: they are made of clips. */
const REMEMBERED = 32;
/** How many may be made or wait for it. */
const QUEUE = 6;

/** Loudness of clips, each decoded once. */
export class Waveforms {
  readonly #clips: ClipReader;
  readonly #turns = new Turns(QUEUE);
  readonly #made = new Map<string, Promise<number[][]>>();
  readonly #running = new Set<PipedFfmpeg>();
  #closed = false;

  constructor(clips: ClipReader) {
    this.#clips = clips;
  }

  /** Peaks (0 to 255) of each channel. Rejects as `ClipReader.open` does, with CA_CLIP_DAMAGED, and with a Refusal when too many wait. */
  async of(clip: ReadyClip): Promise<number[][]> {
    const known = this.#made.get(clip.contactId);
    if (known) {
      this.#made.delete(clip.contactId);
      this.#made.set(clip.contactId, known);
      return known;
    }
    const made = this.#turns.take(() => this.#make(clip));
    this.#made.set(clip.contactId, made);
    const [oldest] = this.#made.keys();
    if (this.#made.size > REMEMBERED && oldest !== undefined) this.#made.delete(oldest);
    made.catch(() => this.#made.delete(clip.contactId));
    return made;
  }

  /** Forgets those of contacts that there are no longer. */
  keep(has: (contactId: string) => boolean): void {
    for (const contactId of this.#made.keys()) if (!has(contactId)) this.#made.delete(contactId);
  }

  /** A contact was erased. */
  forget(contactId: string): void {
    this.#made.delete(contactId);
  }

  /** Ends what is being made. */
  close(): void {
    this.#closed = true;
    for (const ffmpeg of this.#running) ffmpeg.kill();
  }

  async #make(clip: ReadyClip): Promise<number[][]> {
    if (this.#closed || !clip.duration) return [];
    const parts = Math.max(1, Math.min(PARTS, Math.floor(clip.duration / SHORTEST)));
    const meter = new PeakMeter(parts, clip.duration);
    const source: Readable = this.#clips.open(clip.file);
    const ffmpeg = new PipedFfmpeg(source, [
      ...['-vn', '-map', '0:a:0?', '-c:a', 'pcm_s16le', '-ar', String(PEAK_RATE)],
      ...['-fflags', '+bitexact', '-f', 'wav'],
    ]);
    this.#running.add(ffmpeg);
    try {
      for await (const bytes of ffmpeg.output) meter.write(bytes);
      await ffmpeg.done;
      return meter.peaks();
    } finally {
      this.#running.delete(ffmpeg);
      ffmpeg.kill();
    }
  }
}

/** The channels by whom they hear. Which of two is the patient's, the config says; where it does not, they are one. */
export function namedChannels(
  peaks: readonly number[][],
  patient: 'left' | 'right' | null,
): { name: 'both' | 'patient' | 'receptionist'; peaks: number[] }[] {
  const [left, right] = peaks;
  if (!left) return [];
  if (!right) return [{ name: 'both', peaks: left }];
  if (patient === null)
    return [{ name: 'both', peaks: left.map((peak, part) => Math.max(peak, right[part] ?? 0)) }];
  const [theirs, ours] = patient === 'left' ? [left, right] : [right, left];
  return [
    { name: 'patient', peaks: theirs },
    { name: 'receptionist', peaks: ours },
  ];
}
