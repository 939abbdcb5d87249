/** Full scale of a 16-bit sample. */
const FULL = 32_768;

/** How loud a microphone is, by the second. Keeps figures only, no sound. */
export class SoundLevel {
  readonly #channels: number;
  readonly #second: number;
  #squares: number[];
  #frames = 0;
  #latest: number[] | null = null;
  #loudest: number[];

  /** `rate`: samples a second of each channel. */
  constructor(channels: number, rate: number) {
    this.#channels = channels;
    this.#second = rate;
    this.#squares = Array(channels).fill(0);
    this.#loudest = Array(channels).fill(Number.NEGATIVE_INFINITY);
  }

  /** Whole samples of all channels, S16LE, the channels taking turns. */
  push(pcm: Buffer): void {
    for (let at = 0; at + 2 * this.#channels <= pcm.length; at += 2 * this.#channels) {
      for (let channel = 0; channel < this.#channels; channel++)
        this.#squares[channel] =
          (this.#squares[channel] ?? 0) + (pcm.readInt16LE(at + 2 * channel) / FULL) ** 2;
      if (++this.#frames === this.#second) this.#end();
    }
  }

  /** dB below full scale of the last whole second, by channel; −∞ for digital silence, null before the first second. */
  get latest(): readonly number[] | null {
    return this.#latest;
  }

  /** The loudest second of each channel so far. */
  get loudest(): readonly number[] {
    return this.#loudest;
  }

  #end(): void {
    this.#latest = this.#squares.map((sum) => 10 * Math.log10(sum / this.#second));
    this.#loudest = this.#latest.map((level, channel) =>
      Math.max(level, this.#loudest[channel] ?? Number.NEGATIVE_INFINITY),
    );
    this.#squares = Array(this.#channels).fill(0);
    this.#frames = 0;
  }
}

const CELLS = 12;
const FLOOR = -72;

/** "-31 dB #######-----". Pure. */
export function levelBar(level: number): string {
  if (level === Number.NEGATIVE_INFINITY) return `silence ${'-'.repeat(CELLS)}`;
  const cells = Math.round(Math.min(Math.max(1 - level / FLOOR, 0), 1) * CELLS);
  return `${Math.round(level)} dB ${'#'.repeat(cells)}${'-'.repeat(CELLS - cells)}`;
}
