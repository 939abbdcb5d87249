import type { FaceState, Valence } from './readings.ts';

/** Times in seconds, of the session. */
export const EVIDENCE_LIMITS = {
  /** So long at most a picture speaks for the time after it; faces read further apart hold no state between them. */
  'evidence.reach': 1.5,
  /** Time constant of the smoothing of what a face shows. */
  'evidence.smooth': 1,
  /** A state counts from so long on. */
  'evidence.hold': 2,
  /** A probability above this is what a face shows. */
  'evidence.dominant': 0.5,
  /** The scored time of a face at its beginning that tells what is usual with it: its median there. */
  'evidence.baseline': 3,
  /** A face is negative only where it is more negative than usual, by this much. */
  'evidence.rise': 0.4,
  /** Share of the time that has to be told for a verdict. */
  'evidence.coverage': 0.1,
} as const;

/** What one face shows as time goes by: smoothed, and compared with its own beginning. */
export class FaceCourse {
  readonly face: number | null;
  #smooth: { readonly at: number; readonly valence: Valence } | null = null;
  readonly #beginning: { negative: number; lasts: number }[] = [];
  #scored = 0;
  /** How negative the face usually looks; null until that is known. */
  #usual: number | null = null;

  constructor(face: number | null) {
    this.face = face;
  }

  /** Whether a picture at `at` follows so closely upon the last one that a state may hold from there to here. */
  reaches(at: number): boolean {
    return this.#smooth !== null && at - this.#smooth.at <= EVIDENCE_LIMITS['evidence.reach'];
  }

  /**
   * What the face shows at `at`; the picture stands for `lasts` seconds. Negative as usual is 'unknown': the net calls
   * faces so for a pair of sunglasses, and without a beginning to compare with nobody can tell.
   */
  at(at: number, lasts: number, shows: Valence): FaceState {
    const valence = this.#smoothed(at, shows);
    this.#smooth = { at, valence };
    const { 'evidence.dominant': dominant, 'evidence.rise': rise } = EVIDENCE_LIMITS;
    const usual = this.#usual;
    this.#learn(shows.negative, lasts);
    if (valence.negative > dominant) {
      return usual !== null && valence.negative - usual >= rise ? 'negative' : 'unknown';
    }
    if (valence.positive > dominant) return 'positive';
    return valence.neutral > dominant ? 'neutral' : 'unknown';
  }

  #smoothed(at: number, shows: Valence): Valence {
    if (!this.#smooth || !this.reaches(at)) return shows;
    const { at: before, valence: old } = this.#smooth;
    const share = 1 - Math.exp((before - at) / EVIDENCE_LIMITS['evidence.smooth']);
    const mix = (of: keyof Valence) => old[of] + share * (shows[of] - old[of]);
    return { negative: mix('negative'), neutral: mix('neutral'), positive: mix('positive') };
  }

  #learn(negative: number, lasts: number): void {
    if (this.#usual !== null) return;
    this.#beginning.push({ negative, lasts });
    this.#scored += lasts;
    if (this.#scored >= EVIDENCE_LIMITS['evidence.baseline']) this.#usual = median(this.#beginning);
  }
}

/** The value that half of the time lies at or below. */
function median(values: readonly { negative: number; lasts: number }[]): number {
  const sorted = values.toSorted((a, b) => a.negative - b.negative);
  const half = sorted.reduce((sum, { lasts }) => sum + lasts, 0) / 2;
  let time = 0;
  for (const { negative, lasts } of sorted) {
    time += lasts;
    if (time >= half) return negative;
  }
  return 0;
}
