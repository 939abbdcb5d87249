import { RATE, WINDOW } from './speech-detector.ts';

/** A voice has its fundamental in here (Hz): low men to shouting children. */
const LOWEST_PITCH = 65;
const HIGHEST_PITCH = 500;

/** Likeness of a period with the next, 0 to 1, above which a window is voiced. */
const VOICED = 0.6;

/** The fundamental and the harmonics next to it are enough, and cost a sixteenth: 4 kHz. */
const DECIMATION = 4;
const SLOW = RATE / DECIMATION;
const NEW = WINDOW / DECIMATION;
const FRAME = 2 * NEW;
const SHORTEST = Math.floor(SLOW / HIGHEST_PITCH);
const LONGEST = Math.ceil(SLOW / LOWEST_PITCH);

/** Low pass for the decimation: windowed sinc, −6 dB at 1.6 kHz. */
const TAPS = 32;
const LOW_PASS = Float32Array.from({ length: TAPS }, (_, n) => {
  const x = n - (TAPS - 1) / 2;
  const cutoff = 0.4 / DECIMATION;
  const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / TAPS);
  return (Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x)) * hann;
});

/**
 * The fundamental frequency of the voice in one channel, by normalised autocorrelation over 64 ms. To be fed every
 * window, and asked only while somebody speaks: what it costs is the asking.
 */
export class PitchTracker {
  readonly #recent = new Float32Array(TAPS + WINDOW);
  readonly #frame = new Float32Array(FRAME);
  readonly #likeness = new Float32Array(LONGEST + 2);

  /** The next window of 512 samples at 16 kHz. */
  hear(window: Float32Array): void {
    this.#recent.copyWithin(0, WINDOW);
    this.#recent.set(window, TAPS);
    this.#frame.copyWithin(0, NEW);
    for (let n = 0; n < NEW; n++) {
      let sum = 0;
      const from = n * DECIMATION + DECIMATION;
      for (let tap = 0; tap < TAPS; tap++) sum += (this.#recent[from + tap] ?? 0) * (LOW_PASS[tap] ?? 0);
      this.#frame[NEW + n] = sum;
    }
  }

  /** Hz, or null where the last 64 ms are not voiced. */
  pitch(): number | null {
    const likeness = this.#likeness;
    let best = 0;
    for (let lag = SHORTEST - 1; lag <= LONGEST + 1; lag++) {
      const value = this.#compare(lag);
      likeness[lag] = value;
      if (lag >= SHORTEST && lag <= LONGEST) best = Math.max(best, value);
    }
    if (best < VOICED) return null;
    for (let lag = SHORTEST; lag <= LONGEST; lag++) {
      const [before = 0, here = 0, after = 0] = [likeness[lag - 1], likeness[lag], likeness[lag + 1]];
      // Two periods are as like as one: the first peak that comes near the best is the period.
      if (here < 0.87 * best || here < before || here < after) continue;
      const bend = before - 2 * here + after;
      return SLOW / (lag + (bend === 0 ? 0 : (before - after) / (2 * bend)));
    }
    return null;
  }

  /** How like the frame is to itself `lag` samples later, −1 to 1. */
  #compare(lag: number): number {
    const frame = this.#frame;
    let product = 0;
    let first = 1e-9;
    let second = 1e-9;
    for (let n = 0; n < FRAME - lag; n++) {
      const a = frame[n] ?? 0;
      const b = frame[n + lag] ?? 0;
      product += a * b;
      first += a * a;
      second += b * b;
    }
    return product / Math.sqrt(first * second);
  }
}
