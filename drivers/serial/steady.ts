import type { Instant } from '../../device/contacts/model.ts';

/**
 * As many readings in a row must agree before the level changes. One wild reading, or two, change nothing; sensors with
 * 10 readings a second are late by 0.2 s, which the stamp makes up for.
 */
export const IN_A_ROW = 3;

/**
 * Whether somebody is there, out of readings that may be wrong now and then. It is no hysteresis against somebody at the very
 * edge of the window: that is what `arrival.confirm` and `departure.confirm` of the desk are for.
 */
export class Steady {
  #level: boolean | null = null;
  /** Readings in a row that say otherwise than the level, and when the first of them came. */
  #count = 0;
  #candidate = false;
  #since: Instant | null = null;

  /** The new level, stamped with the first of the readings that made it; null while there is none. */
  push(present: boolean, at: Instant): { present: boolean; at: Instant } | null {
    if (present === this.#level) {
      this.#count = 0;
      return null;
    }
    if (this.#count === 0 || present !== this.#candidate) {
      this.#candidate = present;
      this.#since = at;
      this.#count = 0;
    }
    this.#count++;
    if (this.#count < IN_A_ROW) return null;
    this.#level = present;
    this.#count = 0;
    return { present, at: this.#since ?? at };
  }

  /** After a loss: whatever it is, the next level is news. */
  reset(): void {
    this.#level = null;
    this.#count = 0;
  }
}
