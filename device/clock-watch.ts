import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Clock, Timer } from './clock.ts';
import type { Health, Service } from './service.ts';
import type { ClockTrust } from './store/records.ts';

/** How often the machine is asked whether its clock is synchronised, ms. */
const ASK = 10_000;

/** Asks the machine: systemd-timesyncd's own mark, else the kernel's flag, which chrony and ntpd set too. */
export function clockSynchronised(): Promise<boolean> {
  if (existsSync('/run/systemd/timesync/synchronized')) return Promise.resolve(true);
  return new Promise((resolve) => {
    execFile('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], { timeout: 5_000 }, (error, out) =>
      resolve(!error && out.trim() === 'yes'),
    );
  });
}

/**
 * A Pi has no clock battery: until its time is known to be right, records are marked `untrusted`. Once it is,
 * `onTrusted` is called with the true offset (wall − mono, ms), by which they are put right.
 */
export class ClockWatch implements Service {
  readonly name = 'clock';
  readonly #clock: Clock;
  readonly #synchronised: () => Promise<boolean>;
  readonly #onTrusted: (offset: number) => void;
  #trusted = false;
  #timer: Timer | null = null;

  constructor(options: {
    clock: Clock;
    /** The config says that this machine's clock is right from the start. */
    trusted: boolean;
    synchronised?: () => Promise<boolean>;
    onTrusted: (offset: number) => void;
  }) {
    this.#clock = options.clock;
    this.#synchronised = options.trusted ? async () => true : (options.synchronised ?? clockSynchronised);
    this.#onTrusted = options.onTrusted;
  }

  async start(): Promise<void> {
    await this.#ask();
    if (!this.#trusted) this.#timer = this.#clock.every('clock watch', ASK, () => void this.#ask());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
  }

  trust(): ClockTrust {
    return this.#trusted ? 'trusted' : 'untrusted';
  }

  health(): Health {
    if (this.#trusted) return { status: 'ok', detail: { clock: 'trusted' } };
    return {
      status: 'degraded',
      reason:
        'the time is not known to be right: let the machine reach a time server (timedatectl shows its state); records are marked and corrected later',
      detail: { clock: 'untrusted' },
    };
  }

  async #ask(): Promise<void> {
    if (this.#trusted || !(await this.#synchronised())) return;
    this.#trusted = true;
    this.#timer?.cancel();
    const now = this.#clock.now();
    this.#onTrusted(now.wall - now.mono);
  }
}
