import type { Instant } from './contacts/model.ts';

/** A pending call; cancelling it twice, or after it has run, does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time in the service. `Date.now()` and bare `setTimeout` are used nowhere else, so that a
 * test can drive a whole morning in a millisecond.
 */
export interface Clock {
  /** Both clocks at once, in milliseconds (fractions allowed). */
  now(): Instant;
  /** Calls `run` once, `ms` milliseconds of monotonic time from now. `name` says in a dump what is waiting. */
  after(name: string, ms: number, run: () => void): Timer;
  /** Calls `run` every `ms` milliseconds until cancelled. */
  every(name: string, ms: number, run: () => void): Timer;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(name: string, ms: number, signal?: AbortSignal): Promise<void>;
}

const monotonic = () => Number(process.hrtime.bigint()) / 1e6;

/** CLOCK_MONOTONIC and CLOCK_REALTIME of the machine. The monotonic part survives a restart of the process, not of the machine. */
export const systemClock: Clock = {
  now: () => ({ mono: monotonic(), wall: Date.now() }),
  after(_name, ms, run) {
    const due = monotonic() + ms;
    let turn: NodeJS.Immediate | undefined;
    // Node counts whole milliseconds and may call a little early; whoever waits for a moment would find it not come yet.
    const look = () => {
      if (monotonic() >= due) run();
      else turn = setImmediate(look);
    };
    const handle = setTimeout(look, Math.max(0, Math.floor(ms)));
    return {
      cancel() {
        clearTimeout(handle);
        clearImmediate(turn);
      },
    };
  },
  every(_name, ms, run) {
    const handle = setInterval(run, ms);
    return { cancel: () => clearInterval(handle) };
  },
  sleep: (name, ms, signal) => sleepOn(systemClock, name, ms, signal),
};

function sleepOn(clock: Clock, name: string, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(name, ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

interface Pending {
  name: string;
  due: number;
  every: number | null;
  run: () => void;
}

/** A clock that stands still until a test advances it. `step` moves the wall clock alone, as NTP does. */
export class ManualClock implements Clock {
  #mono: number;
  #wall: number;
  readonly #pending = new Set<Pending>();

  constructor(start: Instant = { mono: 1_000, wall: Date.UTC(2026, 0, 5, 8) }) {
    this.#mono = start.mono;
    this.#wall = start.wall;
  }

  now(): Instant {
    return { mono: this.#mono, wall: this.#wall };
  }

  after(name: string, ms: number, run: () => void): Timer {
    return this.#add({ name, due: this.#mono + Math.max(0, ms), every: null, run });
  }

  every(name: string, ms: number, run: () => void): Timer {
    return this.#add({ name, due: this.#mono + ms, every: ms, run });
  }

  sleep(name: string, ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, name, ms, signal);
  }

  /** Moves both clocks on by `ms`, running what falls due in its order. */
  advance(ms: number): void {
    const until = this.#mono + ms;
    for (;;) {
      const next = [...this.#pending].filter((p) => p.due <= until).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#moveTo(next.due);
      if (next.every === null) this.#pending.delete(next);
      else next.due += next.every;
      next.run();
    }
    this.#moveTo(until);
  }

  /** Moves the wall clock alone by `ms` (negative: backwards). */
  step(ms: number): void {
    this.#wall += ms;
  }

  /** Names of what is waiting, soonest first. */
  waiting(): string[] {
    return [...this.#pending].sort((a, b) => a.due - b.due).map((p) => p.name);
  }

  #add(pending: Pending): Timer {
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  #moveTo(mono: number): void {
    if (mono <= this.#mono) return;
    this.#wall += mono - this.#mono;
    this.#mono = mono;
  }
}
