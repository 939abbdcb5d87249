import type { Clock } from '../../device/clock.ts';

/** What was not used (ms) may be made up for: a timer wakes late, and the rate should be reached all the same. */
const CATCH_UP = 50;
/** A shorter wait (ms) is carried over to the next piece: no timer is that exact. */
const SHORTEST = 5;

/** Holds back what is sent, so that no more than `rate` bytes a second go out. */
export class Throttle {
  readonly #clock: Clock;
  readonly #rate: number;
  /** When (monotonic ms) all that was taken will have gone out at that rate. */
  #clear = 0;

  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Resolves when so many bytes more may go out; rejects when `signal` is aborted first. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const { mono } = this.#clock.now();
    this.#clear = Math.max(this.#clear, mono - CATCH_UP);
    const wait = this.#clear - mono;
    this.#clear += (bytes / this.#rate) * 1_000;
    if (wait >= SHORTEST) await this.#clock.sleep('upload rate', wait, signal);
  }
}
