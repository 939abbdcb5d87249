import { readFileSync } from 'node:fs';
import type { Uploader } from '../uploader/uploader.ts';
import type { Clock, Timer } from './clock.ts';
import { diskOf } from './disk-space.ts';
import { type Day, localDay } from './review/local-day.ts';
import type { DeskPresence } from './review/parts.ts';
import type { Health, Service } from './service.ts';
import type { ClockTrust } from './store/records.ts';
import type { Store } from './store/store.ts';

/** How often health is looked at, ms: a change is told at once, figures once a minute. */
const LOOK = 5_000;
const LOOKS_A_MINUTE = 12;
/** Changes that come together are told together, ms. */
const TOGETHER = 200;

export interface AnnouncerOptions {
  uploader: Uploader;
  store: Store;
  desks: readonly { presence(): DeskPresence }[];
  health: () => Record<string, Health>;
  trust: () => ClockTrust;
  /** Data folder, whose disk is watched. */
  data: string;
  clock: Clock;
}

/** Keeps the retained topics up to date: presence at once, indices and health when something changed and each minute. */
export class Announcer implements Service {
  readonly name = 'announcer';
  readonly #options: AnnouncerOptions;
  #timer: Timer | null = null;
  #looks = 0;
  #told = '';
  #state: 'ready' | 'degraded' | null = null;
  #soon: Timer | null = null;
  #endChanges: () => void = () => {};

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { clock, store } = this.#options;
    this.#endChanges = store.contacts.onChange(() => this.#changed());
    this.#timer = clock.every('announcer', LOOK, () => this.#look());
    this.presence();
    this.#tellIndices();
    this.#look();
  }

  async stop(): Promise<void> {
    this.#endChanges();
    this.#timer?.cancel();
    this.#soon?.cancel();
    this.#tellIndices();
  }

  health(): Health {
    return { status: 'ok' };
  }

  presence(): void {
    for (const desk of this.#options.desks) {
      const { desk: name, present, since, contactId } = desk.presence();
      if (since !== null)
        this.#options.uploader.publishRetained(`desks/${name}/presence`, { present, since, contactId });
    }
  }

  #changed(): void {
    this.#soon ??= this.#options.clock.after('announce', TOGETHER, () => {
      this.#soon = null;
      this.#tellIndices();
    });
  }

  #look(): void {
    const modules = this.#options.health();
    const faults = JSON.stringify(Object.entries(modules).map(([name, h]) => [name, h.status, h.reason]));
    const minute = this.#looks++ % LOOKS_A_MINUTE === 0;
    if (faults !== this.#told || minute) this.#tellHealth(modules);
    this.#told = faults;
    // The hour moves on even when nobody comes.
    if (minute) this.#tellIndices();
  }

  #tellIndices(): void {
    const { clock, desks, store, uploader } = this.#options;
    const { wall } = clock.now();
    const day = localDay(wall);
    const hour = localHour(wall);
    for (const desk of desks) {
      const { desk: name } = desk.presence();
      uploader.publishRetained(`desks/${name}/indices/day`, store.contacts.indices(day.from, day.to, name));
      uploader.publishRetained(
        `desks/${name}/indices/hour`,
        store.contacts.indices(hour.from, hour.to, name),
      );
    }
  }

  #tellHealth(modules: Record<string, Health>): void {
    const { clock, data, store, trust, uploader } = this.#options;
    const status = worst(Object.values(modules));
    const state = status === 'ok' ? 'ready' : 'degraded';
    if (state !== this.#state) uploader.setState(state);
    this.#state = state;
    uploader.publishRetained('health', {
      status,
      modules,
      disk: diskOf(data),
      temperature: temperature(),
      outbox: store.outbox.depth(),
      dropped: store.outbox.dropped,
      store: store.outbox.store,
      sequence: store.outbox.newest(),
      log: store.logHead(),
      clock: trust() === 'untrusted' ? 'untrusted' : 'trusted',
      time: new Date(clock.now().wall).toISOString(),
    });
  }
}

/** The worst of several. */
export function worst(healths: readonly Health[]): Health['status'] {
  const statuses = healths.map((health) => health.status);
  return statuses.includes('failed') ? 'failed' : statuses.includes('degraded') ? 'degraded' : 'ok';
}

/** The local hour that `wall` (Unix ms) lies in. */
function localHour(wall: number): Day {
  const date = new Date(wall);
  date.setMinutes(0, 0, 0);
  return { from: date.getTime(), to: date.getTime() + 3_600_000 };
}

/** °C of the processor as the kernel tells it; null where it does not. */
function temperature(): number | null {
  try {
    return Number(readFileSync('/sys/class/thermal/thermal_zone0/temp', 'utf8')) / 1_000;
  } catch {
    return null;
  }
}
