import type { Lamp } from '../drivers/types.ts';
import type { Clock, Timer } from './clock.ts';
import { CaError } from './errors.ts';
import type { Logger } from './log.ts';
import type { Health } from './service.ts';

/** Long enough to be seen and heard, short enough not to be a nuisance (ms). */
const BLINK = 200;

/** Answers a press: a lamp or a beeper that is on for a moment. */
export class Acknowledgement {
  readonly #lamp: Lamp;
  readonly #clock: Clock;
  readonly #log: Logger;
  #end: Timer | null = null;
  /** It has been asked to be on, and may not be yet. */
  #lighting = false;
  #fault: CaError | null = null;
  /** One after the other: an answer that overtakes the one before would leave it on. */
  #turn: Promise<void> = Promise.resolve();

  constructor({ lamp, clock, log }: { lamp: Lamp; clock: Clock; log: Logger }) {
    this.#lamp = lamp;
    this.#clock = clock;
    this.#log = log;
  }

  /** On now, for a moment; of presses in between it stays on. */
  blink(): void {
    if (this.#lighting) return;
    if (this.#end) return this.#hold();
    this.#lighting = true;
    // The moment begins when it is on: the first time its line or port must be opened, which may take longer than that.
    void this.#set(true).then(() => {
      this.#lighting = false;
      this.#hold();
    });
  }

  /** Off, and the hardware free. */
  async stop(): Promise<void> {
    while (this.#lighting) await this.#turn;
    if (this.#end) {
      this.#end.cancel();
      this.#end = null;
      void this.#set(false);
    }
    await this.#turn;
    await this.#lamp.close();
  }

  health(): Health {
    const fault = this.#fault;
    return fault ? { status: 'degraded', reason: `${fault.message}: ${fault.remedy}` } : { status: 'ok' };
  }

  #hold(): void {
    this.#end?.cancel();
    this.#end = this.#clock.after(`acknowledgement ${this.#lamp.name}`, BLINK, () => {
      this.#end = null;
      void this.#set(false);
    });
  }

  /** Never rejects. */
  #set(on: boolean): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      try {
        await this.#lamp.set(on);
        this.#fault = null;
      } catch (error) {
        if (!(error instanceof CaError)) throw error;
        // Each press would say it again.
        if (!this.#fault) this.#log.warn({ err: error }, 'a press could not be acknowledged');
        this.#fault = error;
      }
    });
    return this.#turn;
  }
}
