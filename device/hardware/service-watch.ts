import type { Clock, Timer } from '../clock.ts';
import { healthOf } from '../control.ts';
import type { Health } from '../service.ts';
import { type Fault, faultOf, faultThrown } from './fault.ts';
import type { Row } from './rows.ts';

/** How often the service is asked. Milliseconds. */
const ASKED = 1_000;
const GONE: Fault = {
  what: 'the service has ended',
  remedy: 'Start this command again to read the devices themselves.',
};

/** A service that runs and so has the devices: it is asked how they are. */
export class ServiceWatch {
  readonly #data: string;
  readonly #timer: Timer;
  #healths: Record<string, Health>;
  /** Why it answers no more. */
  #silent: Fault | null = null;
  #asking = Promise.resolve();

  /** `healths`: its first answer. */
  constructor(data: string, healths: Record<string, Health>, clock: Clock) {
    this.#data = data;
    this.#healths = healths;
    this.#timer = clock.every('health of the service', ASKED, () => {
      this.#asking = this.#asking.then(() => this.#ask());
    });
  }

  rows(): Row[] {
    const rows = Object.entries(this.#healths).map(([name, health]) => serviceRow(name, health));
    if (!this.#silent) return rows;
    const { what, remedy } = this.#silent;
    return [{ ...serviceRow('service', { status: 'failed' }), state: '?', lastFault: what, remedy }];
  }

  /** Those that have devices; and that it answers no more. */
  desks(): Row[] {
    return this.#silent ? this.rows() : this.rows().filter(({ name }) => isDesk(name));
  }

  async stop(): Promise<void> {
    this.#timer.cancel();
    await this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      const healths = await healthOf(this.#data);
      this.#silent = healths ? null : GONE;
      this.#healths = healths ?? this.#healths;
    } catch (error) {
      this.#silent = faultThrown(error);
    }
  }
}

/** See device/desk.ts. */
const isDesk = (name: string) => name.startsWith('desk ');

/** A part of the service, as it says itself. Pure. */
export function serviceRow(name: string, health: Health): Row {
  const fault = faultOf(health);
  const figures = isDesk(name) ? Object.entries(health.detail ?? {}) : [];
  return {
    kind: 'service',
    driver: 'service',
    name,
    state: health.status,
    facts: [
      figures.map(([key, value]) => `${key} ${value}`).join(', '),
      fault ? `fault: ${fault.what}` : '',
    ].filter((fact) => fact !== ''),
    lastFault: fault?.what ?? null,
    verdict: fault ? 'FAULT' : 'OK',
    remedy: fault?.remedy ?? null,
    figures: { detail: health.detail ?? {} },
  };
}
