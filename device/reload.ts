import type { Config } from '../config/schema.ts';
import type { Result } from '../uploader/orders.ts';
import type { Clock, Timer } from './clock.ts';
import { CaError } from './errors.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import type { Health, Service } from './service.ts';

/** How often it is looked whether nobody is at any desk, ms. */
const LOOK = 500;

export interface ReloadOptions {
  /** Path of the config file. */
  readonly file: string;
  /** Reads and checks the config file. @throws CaError CA_CONFIG_INVALID, CA_CONFIG_UNREADABLE */
  readonly read: () => Config;
  /** Called once, some time after `ask`: the service is to be stopped, and started with this config. */
  readonly onDue: (config: Config) => void;
  /** Why the config that was read last does not run, but the one before it; null: it runs. */
  readonly failed: string | null;
}

interface Surroundings {
  /** Nobody is at any desk, and no contact is waiting for its last presses. */
  readonly free: () => boolean;
  /** What waits there for the disk, settled contacts too, would be lost with the stop. */
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Waits for the moment in which a new config cuts no contact off, and loses none. */
export class Reload implements Service {
  readonly name = 'config';
  readonly #options: ReloadOptions & Surroundings;
  #next: Config | null = null;
  #timer: Timer | null = null;

  constructor(options: ReloadOptions & Surroundings) {
    this.#options = options;
  }

  /**
   * The config as it is now runs soon; asked again before that, as it is then.
   * @throws CaError as `read`; CA_STORE_UNUSABLE while changes wait for the disk
   */
  ask(): Result<'reload'> {
    const { read, free, clock, log } = this.#options;
    const next = read();
    if (!this.#written())
      throw new CaError('CA_STORE_UNUSABLE', 'the store refuses to write: changes of contacts wait for it');
    this.#next = next;
    // Never at once: who asked is answered first.
    this.#timer ??= clock.every('reload', LOOK, () => this.#look());
    log.info('the service starts anew with the config as it is now, as soon as nobody is at any desk');
    return { when: free() ? 'now' : 'when-free' };
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#timer?.cancel();
  }

  health(): Health {
    const { failed } = this.#options;
    const detail = { waiting: this.#next !== null };
    if (failed === null) return { status: 'ok', detail };
    const reason = `the config file cannot be run (${failed}): correct it and reload. The one before runs, from memory: do not restart the device before the file is mended`;
    return { status: 'degraded', reason, detail };
  }

  #look(): void {
    const { free, onDue } = this.#options;
    if (this.#next === null || !free() || !this.#written()) return;
    this.#timer?.cancel();
    onDue(this.#next);
  }

  /** All that happened is on the disk. */
  #written(): boolean {
    return this.#options.journal.health().status === 'ok';
  }
}
