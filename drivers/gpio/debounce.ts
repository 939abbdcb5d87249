import type { Clock, Timer } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';

/**
 * Makes levels that last out of edges that bounce: a level that holds for `ms` milliseconds is told once, stamped with
 * the first edge towards it; a shorter one is not. Edges may come late and several at once: what counts is their time.
 */
export class Debounce {
  readonly #name: string;
  readonly #ms: number;
  readonly #clock: Clock;
  readonly #tell: (high: boolean, at: Instant) => void;
  /** The level told last; null: none since the line was opened. */
  #told: boolean | null = null;
  /** The level after the last edge. */
  #now = false;
  /** When the last edge was. */
  #since = 0;
  /** The first edge of what may be one change with all its bounces. */
  #first: Instant | null = null;
  #timer: Timer | null = null;
  #glitches = 0;

  constructor(name: string, ms: number, clock: Clock, tell: (high: boolean, at: Instant) => void) {
    this.#name = `debounce ${name}`;
    this.#ms = ms;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The level after the last edge, which may yet be a glitch; null before the first. */
  get level(): boolean | null {
    return this.#told === null ? null : this.#now;
  }

  /** The level told last; null before the first. */
  get told(): boolean | null {
    return this.#told;
  }

  /** Levels that were too short. */
  get glitches(): number {
    return this.#glitches;
  }

  /** The line was found at, or changed to, `high`. The first is told at once. */
  edge(high: boolean, at: Instant): void {
    if (this.#told === null) {
      this.#now = high;
      this.#say(high, at);
      return;
    }
    this.#settle(at.mono);
    const back = high === this.#told && this.#now !== this.#told;
    // The same level again means that it was left in between, faster than anybody looked.
    if (this.#now !== this.#told || high === this.#told) this.#glitches++;
    this.#now = high;
    this.#since = at.mono;
    this.#timer?.cancel();
    this.#timer = null;
    // Bounces are shorter than the debounce: an edge longer ago belonged to something else, such as a hum on the wire.
    if (!back && (this.#first === null || at.mono - this.#first.mono > this.#ms)) this.#first = at;
    if (high === this.#told) return;
    if (this.#ms === 0) return this.#settle(at.mono);
    this.#timer = this.#clock.after(this.#name, this.#ms, () => this.#settle(Number.POSITIVE_INFINITY));
  }

  /** Forgets everything: the next level is told whatever it is. */
  reset(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#told = null;
    this.#first = null;
  }

  /** Tells the level that has held until `mono`, if it is news and long enough. */
  #settle(mono: number): void {
    if (this.#first === null || this.#now === this.#told || mono - this.#since < this.#ms) return;
    this.#say(this.#now, this.#first);
  }

  #say(high: boolean, at: Instant): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#told = high;
    this.#first = null;
    this.#tell(high, at);
  }
}
