import { RATE, WINDOW } from './speech-detector.ts';

/** Below this nothing is told apart from silence, dBFS. */
export const SILENT = -100;

/** Mean square to dBFS: 0 is a square wave as loud as it goes. */
export function decibels(meanSquare: number): number {
  return Math.max(SILENT, 10 * Math.log10(meanSquare + 1e-12));
}

const BIN = RATE / WINDOW;
const [HUM, EDGE, TOP] = [50, 1_000, 5_000].map((hertz) => Math.round(hertz / BIN)) as [
  number,
  number,
  number,
];

const HANN = Float64Array.from(
  { length: WINDOW },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / WINDOW),
);
const COSINE = Float64Array.from({ length: WINDOW / 2 }, (_, n) => Math.cos((2 * Math.PI * n) / WINDOW));
const SINE = Float64Array.from({ length: WINDOW / 2 }, (_, n) => -Math.sin((2 * Math.PI * n) / WINDOW));

/**
 * The alpha ratio of 512 samples at 16 kHz: energy of 1–5 kHz over that of 50 Hz–1 kHz, dB. Who raises the voice
 * presses the vocal folds together, and the upper partials grow more than the lower ones; a louder microphone raises
 * both alike. Means little where there is no voice: an S is all above 1 kHz.
 */
export function alphaRatio(window: Float32Array): number {
  for (let n = 0; n < WINDOW; n++) {
    real[n] = (window[n] ?? 0) * (HANN[n] ?? 0);
    imaginary[n] = 0;
  }
  transform();
  return 10 * Math.log10(energy(EDGE, TOP) / energy(HUM, EDGE));
}

/** The spectrum being computed: nothing of it outlives a call. */
const real = new Float64Array(WINDOW);
const imaginary = new Float64Array(WINDOW);

function energy(from: number, to: number): number {
  let sum = 1e-9;
  for (let bin = from; bin < to; bin++) sum += (real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2;
  return sum;
}

/** The fast Fourier transform in place (Cooley–Tukey, radix 2). Plain loops: it runs thirty times a second. */
function transform(): void {
  for (let i = 1, j = 0; i < WINDOW; i++) {
    let bit = WINDOW >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    // All that is still 0 is the imaginary part.
    if (i >= j) continue;
    const swapped = real[i] ?? 0;
    real[i] = real[j] ?? 0;
    real[j] = swapped;
  }
  for (let size = 2; size <= WINDOW; size *= 2) {
    const half = size / 2;
    const step = WINDOW / size;
    for (let k = 0; k < half; k++) {
      const cosine = COSINE[k * step] ?? 0;
      const sine = SINE[k * step] ?? 0;
      for (let a = k; a < WINDOW; a += size) {
        const b = a + half;
        const x = (real[b] ?? 0) * cosine - (imaginary[b] ?? 0) * sine;
        const y = (real[b] ?? 0) * sine + (imaginary[b] ?? 0) * cosine;
        real[b] = (real[a] ?? 0) - x;
        imaginary[b] = (imaginary[a] ?? 0) - y;
        real[a] = (real[a] ?? 0) + x;
        imaginary[a] = (imaginary[a] ?? 0) + y;
      }
    }
  }
}
