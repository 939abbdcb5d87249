/** Waiting times for what is tried again and again: doubling, spread by up to a quarter so that desks do not move in step. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly #random: () => number;
  #next: number;

  /** All in milliseconds; `random` gives [0, 1). */
  constructor(first: number, longest: number, random: () => number = Math.random) {
    this.#first = first;
    this.#longest = longest;
    this.#random = random;
    this.#next = first;
  }

  /** How long to wait now. */
  next(): number {
    const wait = this.#next * (0.75 + this.#random() / 2);
    this.#next = Math.min(this.#longest, this.#next * 2);
    return Math.min(this.#longest, wait);
  }

  reset(): void {
    this.#next = this.#first;
  }
}
