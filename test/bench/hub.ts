import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { systemClock } from '../../device/clock.ts';
import { Store } from '../../device/store/store.ts';
import { eventOf } from '../../uploader/event.ts';
import { startHubProcess } from '../delivery/hub-process.ts';
import { startMosquitto } from '../stand-ins/mosquitto.ts';
import { startPostgres } from '../stand-ins/postgres.ts';
import { act, at, WALL } from '../stand-ins/stored-desk.ts';
import { uploaderFor } from '../uploader/rig.ts';
import { memoryOf } from './process-cost.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

const SAMPLES = 300;
/** Not measured: code that is new to both processes. */
const WARM = 20;
/** Between two samples, ms, and as much again at random. */
const PAUSE = 15;

/** How soon the hub has a contact. */
export const hub: Benchmark = {
  names: ['hub.p50', 'hub.p99', 'hub.memory'],
  about:
    "A contact is closed: committed in the device's store → committed in the hub's PostgreSQL, and the ack of that is back.\nFloor: the same payload by a bare publish, one INSERT per message in a bare program, and its word back. Memory: of both processes.",
  async run(): Promise<Result[]> {
    const folder = mkdtempSync(join(tmpdir(), 'ca-bench-'));
    const [broker, database] = await Promise.all([startMosquitto(), startPostgres()]);
    const store = new Store(folder, 'clinic', randomUUID, () => WALL, { keep: 'all', sample: 0 }, true);
    store.beginSession('boot-1', at(0));
    let committed = 0;
    // Before the uploader hears of it.
    store.outbox.onAppend(() => {
      committed = performance.now();
    });
    const far = startHubProcess({ HUB_MQTT: broker.url, HUB_DATABASE: database.url });
    const bare = spawn(
      'setpriv',
      [
        '--pdeathsig',
        'KILL',
        process.execPath,
        join(import.meta.dirname, 'bare-hub.ts'),
        broker.url,
        database.url,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const uploader = uploaderFor(store.outbox, { url: broker.url }, 1, systemClock, { hub: true });
    const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    const values: number[] = [];
    const floors: number[] = [];
    try {
      await once(bare.stdout, 'data');
      await client.subscribeAsync(['ca/v1/clinic/ack', 'bare/ack'], { qos: 1 });
      await uploader.start();
      for (let n = 0; n < SAMPLES + WARM; n++) {
        const arrived = acknowledged(client, () => store.outbox.newest());
        arrive(store, n);
        await arrived;
        await pause();
        const done = acknowledged(client, () => store.outbox.newest());
        depart(store, n);
        const value = (await done) - committed;
        await pause();
        const { payload } = eventOf(store.outbox.again(store.outbox.newest() - 1, 1e9, 1)[0] ?? none(), {
          device: 'clinic',
          store: store.outbox.store,
        });
        const back = heard(client, 'bare/ack', () => true);
        const begin = performance.now();
        client.publish('bare/event', payload, { qos: 1 });
        const floor = (await back) - begin;
        if (n >= WARM) {
          values.push(value);
          floors.push(floor);
        }
        await pause();
      }
      const memory = { value: memoryOf([far]), floor: memoryOf([{ pid: bare.pid ?? 0 }]) };
      return [
        ...[0.5, 0.99].map((share) => ({
          name: `hub.p${share * 100}`,
          value: quantile(values, share),
          unit: 'ms',
          floor: quantile(floors, share),
          better: 'lower' as const,
        })),
        { name: 'hub.memory', unit: 'MB', better: 'lower', ...memory },
      ];
    } finally {
      await Promise.all([uploader.stop(), client.endAsync(true), far.stop(), ended(bare)]);
      store.close();
      await Promise.all([broker.stop(), database.stop()]);
      rmSync(folder, { recursive: true });
    }
  },
};

const pause = () => sleep(PAUSE * (1 + Math.random()));

/** Patients are a minute apart. */
function arrive(store: Store, n: number): void {
  act(store, { id: randomUUID(), kind: 'presence', present: true, at: at(n * 60) });
  act(store, { kind: 'wake', at: at(n * 60 + 2) });
}

/** The patient presses a button and leaves; the last of these commits closes the contact. */
function depart(store: Store, n: number): void {
  act(store, { id: randomUUID(), kind: 'presence', present: false, at: at(n * 60 + 20) });
  act(store, { kind: 'wake', at: at(n * 60 + 23) });
  act(store, { kind: 'wake', at: at(n * 60 + 30) });
}

/** When the hub says that it has everything up to what is the newest event then. */
function acknowledged(client: MqttClient, newest: () => number): Promise<number> {
  return heard(client, 'ca/v1/clinic/ack', (payload) => JSON.parse(payload).upTo >= newest());
}

/** When (`performance.now()`) the first message on `topic` comes for which `holds`. */
function heard(client: MqttClient, topic: string, holds: (payload: string) => boolean): Promise<number> {
  return new Promise((resolve) => {
    const look = (of: string, payload: Buffer) => {
      const now = performance.now();
      if (of !== topic || !holds(payload.toString())) return;
      client.off('message', look);
      resolve(now);
    };
    client.on('message', look);
  });
}

function none(): never {
  throw new Error('the contact that was closed is not in the outbox');
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill();
  await closed;
}
