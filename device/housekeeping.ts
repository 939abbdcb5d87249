import type { Clock, Timer } from './clock.ts';
import type { Journal } from './journal.ts';
import type { Health, Service } from './service.ts';
import type { Store } from './store/store.ts';

/** While a contact is open, a power cut costs at most this much of its duration, ms. */
const SIGN_OF_LIFE = 5_000;
const FORGET = 6 * 3_600_000;
/** Published messages are kept this long, ms: what a hub may ask for again. */
const KEEP_MESSAGES = 14 * 86_400_000;

/** Signs of life while somebody is at a desk, and the deletion of what has been kept long enough. */
export class Housekeeping implements Service {
  readonly name = 'housekeeping';
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #keepEvents: number;
  readonly #keepBins: number;
  readonly #occupied: () => boolean;
  #timers: Timer[] = [];

  constructor(options: {
    store: Store;
    journal: Journal;
    clock: Clock;
    /** How long raw events are kept, ms. */
    keepEvents: number;
    /** How long what models said second by second is kept, ms: as long as a clip. */
    keepBins: number;
    /** Whether a contact is open. Only then is the disk written to: an SD card wears. */
    occupied: () => boolean;
  }) {
    this.#store = options.store;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#keepEvents = options.keepEvents;
    this.#keepBins = options.keepBins;
    this.#occupied = options.occupied;
  }

  async start(): Promise<void> {
    this.#forget();
    this.#timers = [
      this.#clock.every('sign of life', SIGN_OF_LIFE, () => this.#signOfLife()),
      this.#clock.every('forget', FORGET, () => this.#forget()),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
  }

  health(): Health {
    return { status: 'ok' };
  }

  #signOfLife(): void {
    if (this.#occupied()) this.#journal.write(() => this.#store.alive(this.#clock.now()));
  }

  #forget(): void {
    const { wall } = this.#clock.now();
    const before = {
      events: wall - this.#keepEvents,
      messages: wall - KEEP_MESSAGES,
      bins: wall - this.#keepBins,
    };
    this.#journal.write(() => this.#store.forget(before));
  }
}
