import type { FaceResult } from './face-score.ts';

/** The figures of a score record. */
export interface Summary {
  /** Pictures looked at; those dropped were not. */
  readonly frames: number;
  /** Pictures in which a face was scored. */
  readonly scored: number;
  /** Means over the scored pictures, adding up to 1; null when none was scored. */
  readonly negative: number | null;
  readonly neutral: number | null;
  readonly positive: number | null;
}

/** Sums up the pictures of one contact as they come: an hour takes no more memory than a second. */
export class ScoreSummary {
  #frames = 0;
  #scored = 0;
  #negative = 0;
  #neutral = 0;
  #positive = 0;

  add(result: FaceResult): void {
    if (result === 'dropped') return;
    this.#frames += 1;
    if (result === 'no-face') return;
    this.#scored += 1;
    this.#negative += result.negative;
    this.#neutral += result.neutral;
    this.#positive += result.positive;
  }

  summary(): Summary {
    const mean = (sum: number) => (this.#scored === 0 ? null : sum / this.#scored);
    return {
      frames: this.#frames,
      scored: this.#scored,
      negative: mean(this.#negative),
      neutral: mean(this.#neutral),
      positive: mean(this.#positive),
    };
  }
}
