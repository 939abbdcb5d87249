import type { Clock } from '../../clock.ts';
import { Refusal } from '../refusal.ts';

/** Wrong ones that are free; then it is waited for this long, twice as long each time, at most. Milliseconds. */
const FREE = 5;
const FIRST_WAIT = 60_000;
const LONGEST_WAIT = 3_600_000;
/** After so long without another, ms, it begins anew. */
const FORGOTTEN = 24 * 3_600_000;
/** Names that are remembered: whoever tries more forgets the oldest, and is stopped by the limit of their address. */
export const MOST = 10_000;

interface Failures {
  count: number;
  /** Monotonic: setting the clock opens nothing. */
  until: number;
  last: number;
}

/**
 * Guards a secret against being guessed: of each name, whether there is such a one or not. Kept in memory: who can
 * restart the service needs no password.
 */
export class Attempts {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * An attempt begins, and counts as failed until `succeeded` says otherwise: many at once are not more than many in
   * a row. Returns whether the next one has to wait. @throws Refusal while one has to wait
   */
  begin(name: string): { locks: boolean } {
    const { mono } = this.#clock.now();
    const before = this.#failures.get(name);
    if (before && before.until > mono) throw waiting(before.until - mono);
    const count = before && mono - before.last < FORGOTTEN ? before.count + 1 : 1;
    const wait = count < FREE ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (count - FREE));
    this.#failures.delete(name);
    this.#failures.set(name, { count, until: mono + wait, last: mono });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MOST && oldest !== undefined) this.#failures.delete(oldest);
    return { locks: wait > 0 };
  }

  succeeded(name: string): void {
    this.#failures.delete(name);
  }
}

/** What is said to who has to wait, so many ms. */
export function waiting(ms: number): Refusal {
  const seconds = Math.ceil(ms / 1_000);
  return new Refusal(429, 'too-many', `Too many wrong attempts: try again in ${seconds} s.`, seconds);
}
