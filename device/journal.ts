import type { Clock, Timer } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import type { Health, Service } from './service.ts';

/** How often a refused write is tried again, ms. */
const RETRY = 1_000;

/** SQLite's result codes for a disk that is full, read-only, broken or busy: it may come back. */
const DISK = /^SQLITE_(FULL|IOERR|READONLY|BUSY|LOCKED|CANTOPEN|NOMEM)/;

/** Whether a write that failed with this is tried again; else it is dropped. */
export function comesBack(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && DISK.test(code);
}

/**
 * Keeps writes to the store in order while the disk refuses them, so that counting never stops: what is refused
 * waits in memory and is tried again every second.
 */
export class Journal implements Service {
  readonly name = 'journal';
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #waiting: (() => void)[] = [];
  #retry: Timer | null = null;
  #reason = '';
  #dropped = 0;

  constructor(options: { clock: Clock; log: Logger }) {
    this.#clock = options.clock;
    this.#log = options.log;
  }

  async start(): Promise<void> {}

  /** Runs `write` now, or after the writes that wait already. */
  write(write: () => void): void {
    this.#waiting.push(write);
    if (this.#waiting.length === 1) this.#drain();
  }

  async stop(): Promise<void> {
    this.#drain();
    this.#retry?.cancel();
    if (this.#waiting.length > 0)
      this.#log.error(
        { changes: this.#waiting.length, reason: this.#reason },
        'changes lost: the store refused them',
      );
  }

  health(): Health {
    const detail = { waiting: this.#waiting.length, dropped: this.#dropped };
    if (this.#waiting.length > 0)
      return {
        status: 'failed',
        reason: `the store refuses to write (${this.#reason}): free or replace the disk; ${this.#waiting.length} changes wait in memory`,
        detail,
      };
    return { status: 'ok', detail };
  }

  #drain(): void {
    this.#retry?.cancel();
    this.#retry = null;
    for (let write = this.#waiting[0]; write; write = this.#waiting[0]) {
      try {
        write();
      } catch (error) {
        if (comesBack(error)) return this.#wait(error);
        // A write that the store itself calls wrong will never succeed: the ones behind it must not wait for it.
        this.#dropped++;
        this.#log.error({ err: error }, 'a change was not accepted by the store');
      }
      this.#waiting.shift();
    }
    this.#reason = '';
  }

  #wait(error: unknown): void {
    if (this.#reason === '') this.#log.error({ err: error }, 'the store refuses to write');
    this.#reason = messageOf(error);
    this.#retry = this.#clock.after('journal retry', RETRY, () => this.#drain());
  }
}
