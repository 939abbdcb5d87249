/** The most that may be saved up, as a part of a second: a pause is not made up for by a flood. */
const SAVED = 0.1;

/** So many a second, evenly. Times are monotonic milliseconds. */
export class Pace {
  readonly #interval: number;
  readonly #saved: number;
  /** When all that was taken has been earned. */
  #earnedAt = Number.NEGATIVE_INFINITY;

  /** null: as many as anybody likes. */
  constructor(perSecond: number | null) {
    this.#interval = perSecond === null ? 0 : 1_000 / perSecond;
    this.#saved = perSecond === null ? 0 : Math.max(1, Math.floor(perSecond * SAVED)) * this.#interval;
  }

  /** How many may go now. */
  room(now: number): number {
    if (this.#interval === 0) return Number.POSITIVE_INFINITY;
    // A hair more: what has been waited for must not be missed by a rounding.
    return Math.floor((this.#saved - Math.max(0, this.#earnedAt - now)) / this.#interval + 1e-6);
  }

  /** Milliseconds until one may go. */
  wait(now: number): number {
    return Math.max(0, this.#earnedAt - now - this.#saved + this.#interval);
  }

  take(n: number, now: number): void {
    this.#earnedAt = Math.max(this.#earnedAt, now) + n * this.#interval;
  }
}
