import type { Lamp } from '../../drivers/types.ts';
import type { Clock } from '../clock.ts';
import { CaError } from '../errors.ts';
import { type Fault, faultThrown } from './fault.ts';
import type { Row } from './rows.ts';

/** How long it is lit. Milliseconds. */
const LIT = 1_000;
/** Until it is tried again: an Arduino that was reset by the opening of its port is mute for a second or two. Milliseconds. */
const AGAIN = 2_000;

/** A lamp that is lit once and put out, and read back both times. Tried again until it works. */
export class LampTest {
  readonly #kind: 'lamp' | 'acknowledge';
  readonly #driver: string;
  readonly #lamp: Lamp;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #running: Promise<void> | null = null;
  #state = '?';
  #readable = true;
  #blinks = 0;
  #now: Fault | null = null;
  #last: Fault | null = null;

  constructor(kind: 'lamp' | 'acknowledge', driver: string, lamp: Lamp, clock: Clock) {
    this.#kind = kind;
    this.#driver = driver;
    this.#lamp = lamp;
    this.#clock = clock;
  }

  /** Blinks; while it does so already, nothing. */
  blink(): void {
    if (this.#stopping.signal.aborted) return;
    this.#running ??= this.#untilItWorks(this.#stopping.signal).finally(() => {
      this.#running = null;
    });
  }

  /** Puts it out, and lets go of it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#lamp.close();
  }

  row(): Row {
    const back = this.#readable ? 'read back' : 'cannot be read back: look at it';
    return {
      kind: this.#kind,
      driver: this.#driver,
      name: this.#lamp.name,
      state: this.#state,
      facts: [
        ...(this.#blinks > 0 ? [`blinked ${this.#blinks}, ${back}`] : []),
        ...(this.#last ? [`last fault: ${this.#last.what}`] : []),
      ],
      lastFault: this.#last?.what ?? null,
      ...(this.#now
        ? { verdict: 'FAULT', remedy: this.#now.remedy }
        : this.#blinks > 0
          ? { verdict: 'OK', remedy: null }
          : { verdict: 'NOTHING HEARD', remedy: 'It has not answered yet: watch for longer.' }),
      figures: { blinks: this.#blinks, readBack: this.#blinks > 0 ? this.#readable : null },
    };
  }

  async #untilItWorks(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#turn(true);
        await this.#clock.sleep('lamp test', LIT, signal).catch(() => {});
        await this.#turn(false);
        this.#blinks++;
        this.#now = null;
        return;
      } catch (error) {
        this.#state = '?';
        this.#now = faultThrown(error);
        this.#last = this.#now;
        await this.#clock.sleep('lamp test', AGAIN, signal).catch(() => {});
      }
    }
  }

  async #turn(lit: boolean): Promise<void> {
    await this.#lamp.set(lit);
    const is = await this.#lamp.read();
    this.#readable = is !== null;
    this.#state = lit ? 'LIT' : 'off';
    if (is === !lit) {
      throw new CaError(
        'CA_LAMP_FAILED',
        `${this.#lamp.name}: is ${is ? 'lit' : 'off'} when it should not be`,
      );
    }
  }
}
