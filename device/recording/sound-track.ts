import { SAMPLE_RATE } from '../../drivers/types.ts';

/** Of one channel's sample. */
const BYTES = 2;
const PER_MS = SAMPLE_RATE / 1000;

/** Between two looks at how far the sound card's clock is off (ms). */
const LOOK = 2_000;
/** Further off than this (ms), the sound is cut or filled at once; below, stretched. */
const HARD = 30;
/** The same at the first look after a beginning, which had one block to go by, and that may have been late. */
const FIRST = 5;
/** Stretched by no more than this share: a twelfth of a semitone, which nobody hears. Crystals are off by 0.0001. */
const STRETCH = 0.005;
/** A microphone counts as silent after this many calls of `fill` without samples. Counted in calls, not in time: after a stall of the whole process its samples are merely late. */
const SILENT_CALLS = 4;
/** While it is silent, silence is written up to this long ago (ms). */
const FILL_LAG = 250;
/** A loose plug makes many: the latest are remembered. */
export const MOST_SILENCES = 1_000;
/** Sound kept for an ffmpeg that is started again (ms): longer than it takes to notice that one hangs. */
const HISTORY = 15_000;

/** A stretch of time, monotonic ms. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The microphone's samples laid on the monotonic clock: sample n belongs to `origin` + n/16 ms, exactly, for ever.
 * ffmpeg would stamp what it reads with the time at which it reads it, which is late by whatever lay in the pipes,
 * and stops the PICTURES while the sound is silent (5.1 processes the stream that lags first). So the sound never
 * stops here: gaps are silence, and a card whose crystal is off is stretched to fit.
 *
 * A block can come late (a busy process) but never early, so the earliest of some seconds tells how far the card is off.
 */
export class SoundTrack {
  readonly #origin: number;
  readonly #channels: number;
  /** Counted, as everywhere here, once for all channels. */
  #samples = 0;
  #history: Buffer[] = [];
  #historyBytes = 0;

  #look: number;
  #earliest = Number.NEGATIVE_INFINITY;
  #stretch = 0;
  #carry = 0;
  #resync = true;
  /** Samples still to be left out. */
  #drop = 0;
  #tolerance = FIRST;

  #quietCalls = 0;
  readonly #silences: Stretch[] = [];
  #heard: number | null = null;

  /** Begins at monotonic `now`. Of two channels, the samples come in turns: L R L R … */
  constructor(now: number, channels: 1 | 2 = 1) {
    this.#origin = now;
    this.#channels = channels;
    this.#look = now + LOOK;
  }

  /** Monotonic moment of the next sample. */
  get end(): number {
    return this.#origin + this.#samples / PER_MS;
  }

  /** When the microphone last gave samples; null before the first. */
  get heard(): number | null {
    return this.#heard;
  }

  /** Where silence stands for samples that the microphone did not give, oldest first. */
  get silences(): readonly Stretch[] {
    return this.#silences;
  }

  /** Takes samples that arrived at monotonic `now`, and returns those to write. */
  take(pcm: Buffer, now: number): Buffer {
    this.#heard = now;
    this.#quietCalls = 0;
    if (this.#drop > 0) return this.#append(this.#dropped(pcm));
    const ahead = this.end + this.#samplesIn(pcm) / PER_MS - now;
    if (this.#resync) {
      this.#resync = false;
      this.#stretch = 0;
      this.#tolerance = FIRST;
      this.#startLook(now);
      return this.#append(this.#moved(pcm, ahead));
    }
    this.#earliest = Math.max(this.#earliest, ahead);
    if (now < this.#look) return this.#append(this.#stretched(pcm));
    const off = this.#earliest;
    const jump = Math.abs(off) > this.#tolerance;
    // Half of it until the next look: the whole would swing, since what is seen now is the past.
    this.#stretch = jump ? 0 : Math.min(STRETCH, Math.max(-STRETCH, -off / 2 / LOOK));
    this.#tolerance = HARD;
    this.#startLook(now);
    return this.#append(jump ? this.#moved(pcm, off) : this.#stretched(pcm));
  }

  /** To be called every 250 ms: the silence to write when the microphone gives nothing, else null. */
  fill(now: number): Buffer | null {
    this.#quietCalls += 1;
    const missing = now - FILL_LAG - this.end;
    if (this.#quietCalls < SILENT_CALLS || missing <= 0) return null;
    this.#resync = true;
    this.#noteSilence(this.end, this.end + missing);
    return this.#append(this.#silence(missing));
  }

  /** What is still kept of the sound from monotonic `from` on, and when that begins. */
  since(from: number): { readonly from: number; readonly pcm: Buffer } {
    const kept = Buffer.concat(this.#history);
    const begin = this.end - this.#samplesIn(kept) / PER_MS;
    const skip = Math.min(this.#samplesIn(kept), Math.max(0, Math.round((from - begin) * PER_MS)));
    return { from: begin + skip / PER_MS, pcm: kept.subarray(skip * this.#bytesEach) };
  }

  #noteSilence(from: number, to: number): void {
    const last = this.#silences.at(-1);
    if (last && from - last.to < 1) this.#silences[this.#silences.length - 1] = { from: last.from, to };
    else this.#silences.push({ from, to });
    if (this.#silences.length > MOST_SILENCES) this.#silences.shift();
  }

  #startLook(now: number): void {
    this.#look = now + LOOK;
    this.#earliest = Number.NEGATIVE_INFINITY;
  }

  #append(pcm: Buffer): Buffer {
    this.#samples += this.#samplesIn(pcm);
    this.#history.push(pcm);
    this.#historyBytes += pcm.length;
    for (let oldest = this.#history[0]; oldest; oldest = this.#history[0]) {
      if (this.#historyBytes - oldest.length < HISTORY * PER_MS * this.#bytesEach) break;
      this.#history.shift();
      this.#historyBytes -= oldest.length;
    }
    return pcm;
  }

  /** The sound `ahead` ms earlier, which may take more than this block; or, where that is negative, after as much silence. */
  #moved(pcm: Buffer, ahead: number): Buffer {
    if (ahead < 0) return Buffer.concat([this.#silence(-ahead), pcm]);
    this.#drop = Math.round(ahead * PER_MS);
    return this.#dropped(pcm);
  }

  #dropped(pcm: Buffer): Buffer {
    const now = Math.min(this.#drop, this.#samplesIn(pcm));
    this.#drop -= now;
    return pcm.subarray(now * this.#bytesEach);
  }

  /** The block a few samples longer or shorter, between them by straight lines. */
  #stretched(pcm: Buffer): Buffer {
    const length = this.#samplesIn(pcm);
    this.#carry += length * this.#stretch;
    const extra = Math.trunc(this.#carry);
    if (extra === 0 || length < 2) return pcm;
    this.#carry -= extra;
    return resized(pcm, length + extra, this.#channels);
  }

  get #bytesEach(): number {
    return BYTES * this.#channels;
  }

  #samplesIn(pcm: Buffer): number {
    return pcm.length / this.#bytesEach;
  }

  #silence(ms: number): Buffer {
    return Buffer.alloc(Math.round(ms * PER_MS) * this.#bytesEach);
  }
}

/** A block of as many samples as asked for, its first and its last unchanged. */
function resized(pcm: Buffer, length: number, channels: number): Buffer {
  const samples = numbersOf(pcm);
  const last = samples.length / channels - 1;
  const out = new Int16Array(length * channels);
  const step = last / (length - 1);
  for (let i = 0; i < length - 1; i++) {
    const at = i * step;
    const left = Math.trunc(at);
    for (let channel = 0; channel < channels; channel++) {
      const from = left * channels + channel;
      const [a, b] = [samples[from] ?? 0, samples[from + channels] ?? 0];
      out[i * channels + channel] = Math.round(a + (b - a) * (at - left));
    }
  }
  out.set(samples.subarray(last * channels), (length - 1) * channels);
  return Buffer.from(out.buffer);
}

/** A block as numbers (S16LE, as all machines here have them in memory); a copy only where it lies at an odd address. */
function numbersOf(pcm: Buffer): Int16Array {
  const { buffer, byteOffset } = pcm.byteOffset % BYTES === 0 ? pcm : new Uint8Array(pcm);
  return new Int16Array(buffer, byteOffset, pcm.length / BYTES);
}
