import { z } from 'zod';
import type { Clock } from '../../device/clock.ts';
import type { Logger } from '../../device/log.ts';
import type { Health } from '../../device/service.ts';
import { topicRoot } from '../event.ts';
import type { Changes } from './apply.ts';
import { type Ask, Asking } from './asking.ts';
import { Broker } from './broker.ts';
import { type Incoming, newestBy, read } from './incoming.ts';
import { has, highest, missing, type Range } from './sequences.ts';
import { Writer } from './writer.ts';

/** How often (ms) it is looked whether something has to be asked for. */
const LOOK = 500;
/** A request that nobody has taken for so long (s) is void: the hub asks again itself. */
const REQUEST_EXPIRY = 30;

export interface HubOptions {
  readonly mqtt: {
    /** mqtt:// or mqtts://, with user and password where the broker asks for them. */
    readonly url: string;
    /** `mqtt.prefix` of the devices. */
    readonly prefix?: string | undefined;
  };
  /** postgres://user:password@host:port/database */
  readonly database: string;
  /** Tells this hub from others at the broker; within topics and its client id. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Hub {
  health(): Health;
  /** Commits what has arrived, and ends both connections. */
  stop(): Promise<void>;
}

const answer = z.union([
  z.object({ ok: z.literal(true), result: z.object({ from: z.int(), to: z.int() }) }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);

/** What is known of a device since the hub was started; the rest stands in the database. */
interface Device {
  /** The store that it has now, and the newest event of it, as far as anybody has said. */
  store: string;
  newest: number;
  /** What the `ack` says that the broker keeps. */
  acknowledged: number | null;
  /** Asked for, and not answered yet. */
  asked: (Ask & { correlation: string }) | null;
  /** Does not exist any more, so the device says; the event behind it may yet account for it. */
  gone: Range | null;
}

/** Starts the hub: hears all devices, writes down what they tell, acknowledges, and asks for what is missing. Never rejects for what is away: that is health. */
export async function startHub({ mqtt, database, name, clock, log }: HubOptions): Promise<Hub> {
  const root = (device: string) => topicRoot({ device, prefix: mqtt.prefix });
  const own = new RegExp(`^${escaped(root('').slice(0, -1))}([^/]{1,100})/(.+)$`);
  const devices = new Map<string, Device>();
  const asking = new Asking();
  let requests = 0;

  const broker = new Broker({
    url: mqtt.url,
    clientId: `contact-analyzer-hub-${name}`,
    subscriptions: ['state', 'health', 'events/+', `answers/${name}`].map((topic) => root('+') + topic),
    onMessage: hear,
    clock,
    log,
  });
  // What was lost while the database was away shows when the devices' states are heard once more.
  const writer = new Writer({
    url: database,
    clock,
    log,
    onCommit: settle,
    onBack: () => broker.subscribe(),
  });
  const look = clock.every('look for gaps', LOOK, () => {
    if (writer.fault === null) for (const ask of asking.due(clock.now().mono)) request(ask);
  });

  function hear(topic: string, payload: Buffer, correlation: Buffer | null): void {
    const [, device, below] = own.exec(topic) ?? [];
    if (device === undefined || below === undefined) return;
    if (below.startsWith('answers/')) return answered(device, payload, correlation);
    const message = read(device, below, payload);
    note(message);
    writer.add(message);
  }

  /** A will may be that of the store before; every other message is of the present one. */
  function note(message: Incoming): void {
    const { device: id, store } = message;
    if (store === null || (message.kind === 'state' && message.state.state === 'lost')) return;
    const known = devices.get(id);
    // `state` is said first by a new store; what the broker keeps of `health` may still be of the one before.
    if (message.kind === 'health' && known && known.store !== store) return;
    const device =
      known?.store === store ? known : { store, newest: 0, acknowledged: null, asked: null, gone: null };
    devices.set(id, device);
    device.newest = Math.max(device.newest, newestBy(message));
    if (message.kind !== 'state') return;
    // It, or the broker, or we ourselves have just come: the broker may have forgotten what it kept, the device what it was asked.
    device.acknowledged = null;
    asking.back(id, clock.now().mono);
  }

  function settle({ standings, holes, rejected }: Changes): void {
    for (const { topic, device, sequence, reason } of rejected)
      log.warn({ device, topic, sequence, reason }, 'a message does not fit');
    for (const hole of holes) log.error(hole, 'events are missing that the device no longer has');
    for (const { device: id, store, arrived } of standings) {
      const device = devices.get(id);
      if (device?.store !== store) continue;
      const { upTo } = arrived;
      device.newest = Math.max(device.newest, highest(arrived));
      if (device.acknowledged !== upTo) {
        broker.publish(`${root(id)}ack`, JSON.stringify({ store, upTo }), { retain: true });
        device.acknowledged = upTo;
      }
      asking.see(id, store, upTo, device.newest, clock.now().mono);
      const { gone } = device;
      if (gone === null || !has(arrived, gone[1] + 1)) continue;
      device.gone = null;
      if (missing(arrived, gone).length > 0) writer.add({ kind: 'hole', device: id, store, range: gone });
    }
  }

  function request(ask: Ask): void {
    const device = devices.get(ask.device);
    if (device?.store !== ask.store) return;
    const correlation = String(++requests);
    device.asked = { ...ask, correlation };
    log.info(ask, 'events are missing: asking for them again');
    broker.publish(`${root(ask.device)}cmd/resend`, JSON.stringify({ from: ask.from }), {
      properties: {
        responseTopic: `${root(ask.device)}answers/${name}`,
        correlationData: Buffer.from(correlation),
        messageExpiryInterval: REQUEST_EXPIRY,
      },
    });
  }

  function answered(id: string, payload: Buffer, correlation: Buffer | null): void {
    const device = devices.get(id);
    const asked = device?.asked;
    // A device whose store is another one by now has said so before it answered.
    if (!device || !asked || asked.correlation !== correlation?.toString()) return;
    device.asked = null;
    const { success, data } = answer.safeParse(json(payload));
    if (!success) log.warn({ device: id }, 'an answer cannot be understood');
    else if (data.ok) {
      // One row may stand for all the dropped ones before it: what is missing is known when that one is here.
      device.gone = data.result.from > asked.from ? [asked.from, data.result.from - 1] : null;
    } else if (data.code === 'CA_MESSAGES_GONE') {
      writer.add({ kind: 'hole', device: id, store: device.store, range: [asked.from, asked.to] });
    } else log.warn({ device: id, code: data.code, reason: data.message }, 'the device does not send again');
  }

  await writer.open();
  broker.connect();

  return {
    health() {
      const fault = writer.fault ?? broker.fault;
      const detail = { devices: devices.size, behind: asking.size, waiting: writer.waiting };
      if (fault === null) return { status: 'ok', detail };
      return { status: 'degraded', reason: `${fault.message}. ${fault.remedy}`, detail };
    },
    async stop() {
      look.cancel();
      await writer.stop();
      await broker.stop();
    },
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function json(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    // Judged by its schema, which it does not fit.
    return undefined;
  }
}
