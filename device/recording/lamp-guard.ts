import type { Lamp } from '../../drivers/types.ts';
import { backOff } from '../back-off.ts';
import type { Clock, Timer } from '../clock.ts';
import { CaError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';

/** How often the lamp follows the recording, and how often a lamp that is lit is looked at (ms). */
const FOLLOW = 500;
const LOOK = 5_000;
const LONGEST_WAIT = 10_000;

/**
 * The lamp that says "recording": lit while pictures or sound arrive, dark otherwise. Where it cannot be lit nothing may
 * be recorded: `dark` is called, and `lit` when it has been lit again, first of all to allow the beginning.
 */
export class LampGuard {
  readonly #lamp: Lamp;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #live: () => boolean;
  readonly #dark: () => void;
  readonly #allow: () => void;
  readonly #ending = new AbortController();
  #state: 'lit' | 'dark' | 'failed' = 'failed';
  #fault: CaError | null = null;
  #timer: Timer | null = null;
  #busy = false;
  #work: Promise<void> = Promise.resolve();
  #lookedAt = 0;

  constructor(options: {
    lamp: Lamp;
    clock: Clock;
    log: Logger;
    /** True while pictures or sound arrive. */
    live: () => boolean;
    dark: () => void;
    lit: () => void;
  }) {
    this.#lamp = options.lamp;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#live = options.live;
    this.#dark = options.dark;
    this.#allow = options.lit;
  }

  /** Tries the lamp, for ever, and then follows the recording. */
  start(): void {
    this.#work = this.#prove().then(() => {
      if (this.#ending.signal.aborted) return;
      this.#timer = this.#clock.every(`lamp ${this.#lamp.name}`, FOLLOW, () => {
        if (!this.#busy) this.#work = this.#follow();
      });
    });
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#timer?.cancel();
    // It might light the lamp after this has put it out.
    await this.#work;
    await this.#lamp.set(false).catch((err) => this.#log.warn({ err }, 'the lamp could not be switched off'));
    await this.#lamp.close().catch((err) => this.#log.warn({ err }, 'the lamp could not be let go'));
  }

  /** `failed`: it does not obey, or has not been tried yet. */
  get state(): 'lit' | 'dark' | 'failed' {
    return this.#state;
  }

  /** What is wrong, and what to do. */
  get fault(): string | null {
    return this.#fault && `nothing is recorded: ${this.#fault.message}. ${this.#fault.remedy}`;
  }

  /** Lights it once and lets it go out again; until that works nothing may be recorded. */
  async #prove(): Promise<void> {
    for (let failures = 1; !this.#ending.signal.aborted; failures++) {
      try {
        await this.#set(true);
        await this.#set(false);
        this.#fault = null;
        if (!this.#ending.signal.aborted) this.#allow();
        return;
      } catch (error) {
        this.#failed(error);
        await this.#clock.sleep('lamp', backOff(failures, LONGEST_WAIT), this.#ending.signal).catch(() => {});
      }
    }
  }

  async #follow(): Promise<void> {
    this.#busy = true;
    try {
      const wanted = this.#live();
      if (wanted !== (this.#state === 'lit')) await this.#set(wanted);
      else if (wanted && this.#clock.now().mono - this.#lookedAt > LOOK) await this.#look();
    } catch (error) {
      this.#failed(error);
      this.#dark();
      await this.#prove();
    } finally {
      this.#busy = false;
    }
  }

  async #set(lit: boolean): Promise<void> {
    await this.#lamp.set(lit);
    this.#state = lit ? 'lit' : 'dark';
    this.#lookedAt = this.#clock.now().mono;
  }

  async #look(): Promise<void> {
    this.#lookedAt = this.#clock.now().mono;
    if ((await this.#lamp.read()) === false)
      throw new CaError('CA_LAMP_FAILED', `${this.#lamp.name} was lit and has gone out`);
  }

  #failed(error: unknown): void {
    this.#state = 'failed';
    if (!this.#fault)
      this.#log.error({ err: error }, 'the recording lamp does not light: nothing is recorded');
    this.#fault =
      error instanceof CaError ? error : new CaError('CA_LAMP_FAILED', messageOf(error), { cause: error });
  }
}
