import { setTimeout as sleep } from 'node:timers/promises';
import { startMosquitto } from '../stand-ins/mosquitto.ts';
import { openPty } from '../stand-ins/pty.ts';
import { startSubscriber } from '../stand-ins/subscriber.ts';
import { startCountingDesk } from './counting-desk.ts';
import { startFloorDesk } from './floor-desk.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

const SAMPLES = 200;
const CONFIRM = 50;
const PAUSE = 30;
const PATIENCE = 5_000;

/** How soon the far end knows that somebody has come. */
export const started: Benchmark = {
  names: ['started.p50'],
  about:
    'An arrival: confirmed (its bytes written to the serial port + arrival.confirm) → the message at a subscriber.\nFloor: a bare program on a serial port of its own, with a timer for arrival.confirm, the same commit and the same publish.',
  async run(): Promise<Result[]> {
    const broker = await startMosquitto();
    const pty = await openPty();
    const subscriber = await startSubscriber({ url: broker.url });
    const desk = await startCountingDesk({
      broker: broker.url,
      settings: `arrival: { confirm: ${CONFIRM}ms }\ndeparture: { confirm: 20ms }\npress: { grace: 0s }`,
      input: `{ driver: line-protocol, port: ${pty.port} }`,
    });
    /** Arrival of the next message on a topic, as `performance.now()`. */
    const next = async (topic: string) => {
      const seen = subscriber.messages.length;
      const fresh = (message: { topic: string }) =>
        message.topic === topic && subscriber.messages.slice(seen).some((one) => one === message);
      return (await subscriber.waitFor(fresh, PATIENCE)).at;
    };
    const service = async () => {
      const told = next('ca/v1/bench/events/contact.started');
      const confirmed = performance.now() + CONFIRM;
      await pty.write('P1\n');
      const took = (await told) - confirmed;
      const closed = next('ca/v1/bench/events/contact.closed');
      await pty.write('P0\n');
      await closed;
      return took;
    };
    const [values, floors]: [number[], number[]] = [[], []];
    try {
      await pty.write('P0\n');
      for (let n = 0; n < 10; n++) await service();
      const floor = await startFloorDesk({ ...desk, broker: broker.url, confirm: CONFIRM });
      const bare = async () => {
        const told = next('ca/v1/floor/events/contact.started');
        const confirmed = performance.now() + CONFIRM;
        await floor.pty.write('P1\n');
        return (await told) - confirmed;
      };
      for (let n = 0; n < SAMPLES; n++) {
        values.push(await service());
        await sleep(PAUSE * (1 + Math.random()));
        floors.push(await bare());
        await sleep(PAUSE * (1 + Math.random()));
      }
      await floor.stop();
    } finally {
      await desk.stop();
      await pty.stop();
      await subscriber.stop().catch(() => {});
      await broker.stop();
    }
    const value = quantile(values, 0.5);
    return [{ name: 'started.p50', value, unit: 'ms', floor: quantile(floors, 0.5), better: 'lower' }];
  },
};
