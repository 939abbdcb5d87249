import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { type Clock, systemClock } from '../../device/clock.ts';
import { openDatabase } from '../../device/store/open.ts';
import { SqliteOutbox } from '../../device/store/outbox.ts';
import type { ContactRecord, EventType, Outbox } from '../../device/store/records.ts';
import { Inbox } from '../../uploader/inbox.ts';
import type { MqttOptions } from '../../uploader/link.ts';
import type { InfoMessage } from '../../uploader/messages.ts';
import type { Perform } from '../../uploader/orders.ts';
import { Uploader, type UploaderOptions } from '../../uploader/uploader.ts';
import type { Received, Subscriber } from '../stand-ins/subscriber.ts';

/** A contact as the store gives it once it is settled. */
export function contact(id: string, desk = 'front'): ContactRecord {
  const time = '2026-01-05T08:00:00.000Z';
  return {
    id,
    device: 'clinic',
    desk,
    state: 'settled',
    startedAt: time,
    endedAt: '2026-01-05T08:01:00.000Z',
    duration: 60_000,
    endReason: 'departed',
    served: true,
    tag: 'negative',
    tagSource: 'press',
    rating: 1,
    top: false,
    veto: false,
    receptionist: null,
    clock: 'trusted',
    presses: [
      {
        id: `${id}-p`,
        desk,
        contactId: id,
        button: 'unhappy',
        rating: 1,
        tag: 'negative',
        time,
        clock: 'trusted',
        flags: [],
      },
    ],
    clip: null,
    scores: [],
    hint: null,
  };
}

/** The store's own outbox in a folder of its own. */
export class Rows {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ca-outbox-'));
  readonly db = openDatabase(this.#folder);
  readonly outbox: SqliteOutbox;
  #count = 0;

  constructor(options: { hub?: boolean } = {}) {
    this.outbox = new SqliteOutbox(this.db, Date.now, options.hub ?? false);
  }

  /** Appends `n` rows in one commit, as one change of a desk does; returns their ids. */
  append(n: number, type: EventType = 'contact.closed'): string[] {
    const ids = Array.from({ length: n }, () => `row-${++this.#count}`);
    this.db.transaction(() => {
      for (const id of ids) {
        const whole = contact(id);
        const data = type === 'press' ? whole.presses[0] : whole;
        this.outbox.append({ id, type, desk: 'front', subject: id, wall: Date.now(), data });
      }
    })();
    this.outbox.notify();
    return ids;
  }

  /** Resolves when no row waits any more. */
  async drained(ms = 10_000): Promise<void> {
    await until(`outbox empty, ${this.outbox.depth()} rows wait`, () => this.outbox.depth() === 0, ms);
  }

  close(): void {
    this.db.close();
    rmSync(this.#folder, { recursive: true });
  }
}

const INFO: InfoMessage = {
  version: '0.1.0',
  node: process.version,
  startedAt: '2026-01-05T07:00:00.000Z',
  desks: ['front'],
  capture: 'counts',
  scores: [],
};

/** An uploader for the device `clinic`, not started, with what it logs. */
export function uploaderFor(
  outbox: Outbox,
  mqtt: Omit<MqttOptions, 'version'> & { version?: MqttOptions['version'] },
  session = 1,
  clock: Clock = systemClock,
  {
    hub = false,
    replay = null,
    ...more
  }: { hub?: boolean; replay?: number | null } & Pick<UploaderOptions, 'homeAssistant'> = {},
): Uploader & { logged: string[] } {
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  const inbox = new Inbox({
    sender: { device: 'clinic', store: outbox.store, prefix: mqtt.prefix },
    allowed: ['resend'],
    // The only command that is for the uploader.
    perform: (async (_: string, { from }: { from: number }) => uploader.resend(from)) as unknown as Perform,
    onRefused: () => {},
    onAck: hub ? ({ store, upTo }) => uploader.acknowledge(store, upTo) : null,
    log,
  });
  const uploader: Uploader = new Uploader({
    device: 'clinic',
    mqtt: { version: '5', ...mqtt },
    outbox,
    hub,
    replay,
    inbox,
    session,
    info: () => INFO,
    clock,
    log,
    ...more,
  });
  return Object.assign(uploader, { logged });
}

export async function until(what: string, holds: () => boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(5);
  }
}

/** Ids of the events in the order of their first arrival, as a far end that drops what it has seen would keep them. */
export function eventIds(subscriber: Subscriber): string[] {
  return [...new Set(allEventIds(subscriber))];
}

/** Ids of the events as they arrived, duplicates included. */
export function allEventIds(subscriber: Subscriber): string[] {
  return subscriber.messages
    .filter((m) => m.topic.includes('/events/'))
    .map((m) => (m.payload as { id: string }).id);
}

export const isState =
  (state: string) =>
  (message: Received): boolean =>
    message.topic === 'ca/v1/clinic/state' && (message.payload as { state: string }).state === state;
