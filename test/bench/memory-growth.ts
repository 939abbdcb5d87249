import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { startMosquitto } from '../stand-ins/mosquitto.ts';
import { startCountingDesk } from './counting-desk.ts';
import type { Benchmark, Result } from './result.ts';

const EARLY = 100;
const LATE = 1_000;
/** A contact takes about 70 ms. */
const PATIENCE = 240_000;
/** What is freed goes back to the kernel a little later, ms. */
const SETTLE = 300;

const STEPS = [
  '{ wait: 25ms, present: true }, { wait: 20ms, press: happy }, { wait: 10ms, present: false }',
  '{ wait: 25ms, present: true }, { wait: 30ms, press: unhappy }, { wait: 25ms, present: false }',
];
const INPUT = `{ driver: scripted, steps: [${STEPS.join(', ')}] }`;

const SETTINGS = `arrival: { confirm: 10ms }
departure: { confirm: 10ms }
press: { grace: 5ms, repeat: 0s }
contact: { served: 20ms }`;

/** Whether contacts leave anything behind in memory. */
export const memoryGrowth: Benchmark = {
  names: ['memory.growth'],
  about: `Resident memory of the service after ${LATE} contacts, accelerated, counting only; garbage collected first.\nFloor: after ${EARLY} contacts.`,
  async run(): Promise<Result[]> {
    const broker = await startMosquitto();
    const client = await mqtt.connectAsync(broker.url);
    await client.subscribeAsync('ca/v1/bench/events/contact.closed');
    // The inspector is the one way to have a process collect its garbage from outside: the sawtooth is not growth.
    const env = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };
    const desk = await startCountingDesk({ broker: broker.url, settings: SETTINGS, input: INPUT, env });
    try {
      const arrivals = new EventEmitter();
      let contacts = 0;
      client.on('message', () => {
        contacts += 1;
        arrivals.emit(`contact ${contacts}`);
      });
      const sizes: number[] = [];
      for (const count of [EARLY, LATE]) {
        await once(arrivals, `contact ${count}`, { signal: AbortSignal.timeout(PATIENCE) });
        await collectGarbage(desk.service.lines);
        await sleep(SETTLE);
        sizes.push(residentMemory(desk.service.pid));
      }
      const [floor = Number.NaN, value = Number.NaN] = sizes;
      return [{ name: 'memory.growth', value, unit: 'MB', floor, better: 'lower' }];
    } finally {
      await desk.stop();
      await client.endAsync(true);
      await broker.stop();
    }
  },
};

/** Asks the inspector of a process (`lines`: what it printed) for a full garbage collection. */
async function collectGarbage(lines: readonly string[]): Promise<void> {
  const url = lines.map((line) => /^Debugger listening on (ws:\S+)/.exec(line)?.[1]).find(Boolean);
  if (url === undefined) throw new Error('the service does not say where its inspector listens');
  const inspector = new WebSocket(url);
  await once(inspector, 'open');
  const done = once(inspector, 'message');
  inspector.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
  await done;
  inspector.close();
}

/** VmRSS of a process in MB (10⁶ bytes). */
function residentMemory(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
