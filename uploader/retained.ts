import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import type { CaError } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Connection } from './connection.ts';

/** The longest pause (ms) before what was refused is tried again. */
const LONGEST_WAIT = 30_000;

/**
 * The values that the broker keeps for late comers: the latest of each topic, sent again after each reconnect. One
 * is in flight per topic, so an older value never overtakes a newer one and a burst of changes costs one message.
 */
export class Retained {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #wake: () => void;
  readonly #latest = new Map<string, string>();
  readonly #due = new Set<string>();
  readonly #inFlight = new Set<string>();
  readonly #refused = new Map<string, CaError>();
  #retry: Timer | null = null;
  #failures = 0;
  #onIdle: (() => void)[] = [];

  /** `wake` asks for a call of `pump` soon. */
  constructor(clock: Clock, log: Logger, wake: () => void) {
    this.#clock = clock;
    this.#log = log;
    this.#wake = wake;
  }

  get fault(): CaError | null {
    return this.#refused.values().next().value ?? null;
  }

  put(topic: string, payload: string): void {
    this.#latest.set(topic, payload);
    this.#due.add(topic);
  }

  /** A new connection knows nothing: everything is due, in the order in which the topics first came. */
  reset(): void {
    this.#inFlight.clear();
    for (const topic of this.#latest.keys()) this.#due.add(topic);
  }

  /** Sends what is due, as far as there is room. */
  pump(connection: Connection): void {
    for (const topic of this.#due) {
      const payload = this.#latest.get(topic);
      if (payload === undefined || this.#inFlight.has(topic)) continue;
      if (connection.room <= 0) return;
      this.#due.delete(topic);
      this.#inFlight.add(topic);
      connection.publish(topic, payload, { retain: true, contentType: 'application/json' }, (refusal) => {
        this.#inFlight.delete(topic);
        if (refusal) this.#refuse(topic, refusal);
        else this.#accept(topic);
        this.#wake();
        if (this.#idle) for (const listener of this.#onIdle.splice(0)) listener();
      });
    }
  }

  /** Resolves when the broker has answered to everything that is due. */
  idle(): Promise<void> {
    return this.#idle ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  stop(): void {
    this.#retry?.cancel();
    this.#retry = null;
  }

  get #idle(): boolean {
    return this.#due.size === 0 && this.#inFlight.size === 0;
  }

  #accept(topic: string): void {
    this.#refused.delete(topic);
    if (this.#refused.size === 0) this.#failures = 0;
  }

  #refuse(topic: string, refusal: CaError): void {
    if (!this.#refused.has(topic)) this.#log.warn({ err: refusal }, 'the broker refused a retained value');
    this.#refused.set(topic, refusal);
    if (this.#retry) return;
    this.#failures += 1;
    // The broker's access list may have been mended, which nobody tells us.
    this.#retry = this.#clock.after(
      'publish refused values again',
      backOff(this.#failures, LONGEST_WAIT),
      () => {
        this.#retry = null;
        for (const refused of this.#refused.keys()) this.#due.add(refused);
        this.#wake();
      },
    );
  }
}
