/** Sample rate (Hz) at which loudness is looked at: enough to see who speaks when. */
export const PEAK_RATE = 4_000;

/** Size of a WAV header up to its chunks. */
const RIFF = 12;
const BYTES = 2;

/** The largest sample of each part of a sound, read from S16LE WAV as it comes through a pipe. */
export class PeakMeter {
  readonly #parts: number;
  readonly #duration: number;
  #head: Buffer | null = Buffer.alloc(0);
  #rest: Buffer = Buffer.alloc(0);
  #channels: Float64Array[] = [];
  /** Frames seen. */
  #at = 0;

  /** `parts`: how many; `duration`: of the clip, ms. */
  constructor(parts: number, duration: number) {
    this.#parts = parts;
    this.#duration = duration;
  }

  /** @throws RangeError for what is no WAV */
  write(bytes: Buffer): void {
    if (this.#head === null) return this.#samples(bytes);
    this.#head = Buffer.concat([this.#head, bytes]);
    const format = this.#head.length < 4096 ? headerOf(this.#head) : (headerOf(this.#head) ?? noWav());
    if (!format) return;
    this.#channels = Array.from({ length: format.channels }, () => new Float64Array(this.#parts));
    const samples = this.#head.subarray(format.data);
    this.#head = null;
    this.#samples(samples);
  }

  /** For each channel a number of 0 to 255 for each part. */
  peaks(): number[][] {
    return this.#channels.map((peaks) =>
      Array.from(peaks, (peak) => Math.min(255, Math.round(peak / 128.5))),
    );
  }

  #samples(bytes: Buffer): void {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    const frame = BYTES * this.#channels.length;
    const whole = Math.floor(all.length / frame);
    const perFrame = (this.#parts * 1000) / (PEAK_RATE * this.#duration);
    // Aligned, so that the samples can be looked at without being read one by one.
    const samples =
      all.byteOffset % BYTES === 0
        ? new Int16Array(all.buffer, all.byteOffset, whole * this.#channels.length)
        : new Int16Array(Uint8Array.from(all.subarray(0, whole * frame)).buffer);
    for (let channel = 0; channel < this.#channels.length; channel++) {
      const peaks = this.#channels[channel] as Float64Array;
      let place = channel;
      for (let n = 0; n < whole; n++, place += this.#channels.length) {
        const part = Math.min(this.#parts - 1, Math.floor((this.#at + n) * perFrame));
        const size = Math.abs(samples[place] as number);
        if (size > (peaks[part] as number)) peaks[part] = size;
      }
    }
    this.#at += whole;
    this.#rest = Buffer.from(all.subarray(whole * frame));
  }
}

/** Where the samples begin, and of how many channels; null: not all of it is there yet. */
function headerOf(bytes: Buffer): { channels: number; data: number } | null {
  if (bytes.length < RIFF) return null;
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') noWav();
  let channels = 0;
  for (let at = RIFF; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4);
    if (name === 'data') return channels > 0 ? { channels, data: at + 8 } : noWav();
    if (name === 'fmt ') {
      if (bytes.length < at + 12) return null;
      channels = bytes.readUInt16LE(at + 10);
    }
    at += 8 + bytes.readUInt32LE(at + 4);
  }
  return null;
}

function noWav(): never {
  throw new RangeError('this is no WAV');
}
