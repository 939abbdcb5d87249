import { setTimeout as sleep } from 'node:timers/promises';
import type { ClipRecord, ContactRecord, PressRecord } from '../../device/store/records.ts';
import type { CloudEvent } from '../end-to-end/rig.ts';
import { startMosquitto } from '../stand-ins/mosquitto.ts';
import { startSubscriber } from '../stand-ins/subscriber.ts';
import type { Machine } from './machine.ts';

/** The far end of a machine under test: a broker on this machine that the service inside publishes to. */
export interface Hub {
  /** What the config of the service must have. */
  readonly mqtt: { broker: 'external'; url: string };
  /** Starts the service, which is below `app` inside, and waits until it is ready. */
  run(machine: Machine, app: string, config: object): Promise<void>;
  /** The desk's next contact that has begun, after the first `from` messages. */
  started(desk: string, from: number): Promise<ContactRecord>;
  closed(desk: string, from: number): Promise<ContactRecord>;
  pressed(desk: string, from: number): Promise<PressRecord>;
  /** What has become of a contact's clip. */
  clip(contactId: string): Promise<ClipRecord>;
  /** Waits until the device says of a desk's health what `holds`: the reason for which it is not well, if any. */
  health(desk: string, holds: (reason: string | undefined) => boolean): Promise<void>;
  /** How many messages there were so far. */
  count(): number;
  stop(): Promise<void>;
}

/** What of the message `health` is looked at. */
interface HealthMessage {
  modules: Record<string, { reason?: string }>;
}

/** What the console says when the service is no more. */
const ENDED = 'the service has ended with';
/** A machine without KVM on a busy computer takes its time (ms). */
const PATIENCE = 240_000;

export async function startHub(): Promise<Hub> {
  const broker = await startMosquitto();
  const { messages, waitFor, stop } = await startSubscriber({ url: broker.url });
  const since = <T>(from: number, says: (topic: string, payload: unknown) => boolean) => {
    const late = new Set(messages.slice(0, from));
    const found = waitFor((message) => !late.has(message) && says(message.topic, message.payload), PATIENCE);
    return found.then(({ payload }) => payload as T);
  };
  const event = async <T extends { desk: string }>(type: string, desk: string, from: number) => {
    const is = (topic: string, payload: unknown) =>
      topic.endsWith(`/events/${type}`) && (payload as CloudEvent<T>).data.desk === desk;
    return (await since<CloudEvent<T>>(from, is)).data;
  };
  const hub: Hub = {
    mqtt: { broker: 'external', url: broker.url.replace('127.0.0.1', '10.0.2.2') },
    async run(machine, app, config) {
      const { guest } = machine;
      await guest.run('mkdir -p /tmp/ca');
      await guest.write('/tmp/ca/config.yaml', JSON.stringify(config));
      const from = messages.length;
      // V8 dies now and then of a check of its own (SIGTRAP) in these machines; systemd would start it again as well.
      const start = 'setsid node_modules/.bin/node device/cli.ts run /tmp/ca/config.yaml';
      const again = '[ $code = 133 ] && [ $left -gt 0 ]; do left=$((left - 1)); echo V8 died, once more';
      const service = `left=2; while ${start}; code=$?; ${again}; done; echo "${ENDED} $code"`;
      await guest.run(`cd ${app}; (${service}) >/dev/console 2>&1 &`);
      const ready = since(from, (topic, payload) => topic.endsWith('/state') && isReady(payload));
      await Promise.race([ready, ended(machine)]);
    },
    started: (desk, from) => event('contact.started', desk, from),
    closed: (desk, from) => event('contact.closed', desk, from),
    pressed: (desk, from) => event('press', desk, from),
    async clip(contactId) {
      const is = (topic: string, payload: unknown) =>
        /\/events\/clip\.\w+$/.test(topic) &&
        (payload as CloudEvent<ClipRecord>).data.contactId === contactId;
      return (await since<CloudEvent<ClipRecord>>(0, is)).data;
    },
    async health(desk, holds) {
      const saysSo = ({ topic, payload }: { topic: string; payload: unknown }) =>
        topic.endsWith('/health') && holds((payload as HealthMessage).modules[`desk ${desk}`]?.reason);
      const last = messages.findLast(({ topic }) => topic.endsWith('/health'));
      if (!last || !saysSo(last))
        await since(messages.length, (topic, payload) => saysSo({ topic, payload }));
    },
    count: () => messages.length,
    async stop() {
      await stop();
      await broker.stop();
    },
  };
  return hub;
}

const isReady = (payload: unknown) => (payload as { state: string }).state === 'ready';

/** Rejects when the service is no more; never resolves. */
async function ended({ console }: Machine): Promise<never> {
  for (;;) {
    if (console.some((line) => line.startsWith(ENDED))) throw new Error(console.slice(-20).join('\n'));
    await sleep(200);
  }
}
