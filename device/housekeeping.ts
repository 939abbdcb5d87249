import type { Clock, Timer } from './clock.ts';
import { diskOf } from './disk-space.ts';
import { comesBack, type Journal } from './journal.ts';
import type { Health, Service } from './service.ts';
import type { BacklogLimits } from './store/backlog.ts';
import type { Store } from './store/store.ts';

/** While a contact is open, a power cut costs at most this much of its duration, ms. */
const SIGN_OF_LIFE = 5_000;
const FORGET = 6 * 3_600_000;
/** Published messages are kept this long, ms: what a hub may ask for again. */
const KEEP_MESSAGES = 14 * 86_400_000;
/** How long it is kept who asked for what, ms. */
const KEEP_ACTIONS = 365 * 86_400_000;

/** How often the backlog is looked at, ms; and the pause between two pieces of work: others want the disk, too. */
const TRIM = 60_000;
const PAUSE = 100;

/** Signs of life while somebody is at a desk, and the deletion of what has been kept long enough or is too much. */
export class Housekeeping implements Service {
  readonly name = 'housekeeping';
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #keepEvents: number;
  readonly #keepBins: number;
  readonly #backlog: BacklogLimits;
  readonly #data: string;
  readonly #occupied: () => boolean;
  #timers: Timer[] = [];
  readonly #soon = new Map<string, Timer>();
  /** What has begun and is not done, if only because the journal does not come to it. */
  readonly #busy = new Set<string>();
  /** Monotonic ms. */
  #startedAt = 0;
  #stopped = false;

  constructor(options: {
    store: Store;
    journal: Journal;
    clock: Clock;
    /** How long raw events are kept, ms. */
    keepEvents: number;
    /** How long what models said second by second is kept, ms: as long as a clip. */
    keepBins: number;
    /** What may wait to be delivered. */
    backlog: BacklogLimits;
    /** Data folder, whose disk is watched. */
    data: string;
    /** Whether a contact is open. Only then is the disk written to: an SD card wears. */
    occupied: () => boolean;
  }) {
    this.#store = options.store;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#keepEvents = options.keepEvents;
    this.#keepBins = options.keepBins;
    this.#backlog = options.backlog;
    this.#data = options.data;
    this.#occupied = options.occupied;
  }

  async start(): Promise<void> {
    this.#startedAt = this.#clock.now().mono;
    this.#forget();
    this.#trim();
    this.#timers = [
      this.#clock.every('sign of life', SIGN_OF_LIFE, () => this.#signOfLife()),
      this.#clock.every('forget', FORGET, () => this.#forget()),
      this.#clock.every('trim the backlog', TRIM, () => this.#trim()),
    ];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of [...this.#timers, ...this.#soon.values()]) timer.cancel();
  }

  health(): Health {
    return { status: 'ok' };
  }

  #signOfLife(): void {
    if (this.#occupied()) this.#journal.write(() => this.#store.alive(this.#clock.now()));
  }

  #forget(): void {
    const { wall, mono } = this.#clock.now();
    const before = {
      events: wall - this.#keepEvents,
      messages: wall - KEEP_MESSAGES,
      // The clock may be put right by years: what this process has published is no older than this process.
      ownMessages: mono - this.#startedAt >= KEEP_MESSAGES,
      bins: wall - this.#keepBins,
      actions: wall - KEEP_ACTIONS,
    };
    this.#inPieces('forget', () => this.#store.forget(before));
  }

  #trim(): void {
    const { backlog } = this.#store;
    this.#inPieces('trim', () =>
      backlog.step(this.#backlog, this.#clock.now(), diskOf(this.#data)?.free ?? null),
    );
  }

  /** `piece` is a short commit; true: there is more to do. */
  #inPieces(name: string, piece: () => boolean): void {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    const write = () => {
      this.#soon.delete(name);
      if (this.#stopped || !this.#hasMore(name, piece)) this.#busy.delete(name);
      else this.#soon.set(name, this.#clock.after(`more to ${name}`, PAUSE, next));
    };
    const next = () => this.#journal.write(write);
    next();
  }

  /** Runs a piece. One that the journal will not run again is given up until its next time. */
  #hasMore(name: string, piece: () => boolean): boolean {
    try {
      return piece();
    } catch (error) {
      if (!comesBack(error)) this.#busy.delete(name);
      throw error;
    }
  }
}
