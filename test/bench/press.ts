import { setTimeout as sleep } from 'node:timers/promises';
import { startMosquitto } from '../stand-ins/mosquitto.ts';
import { openPty, type Pty } from '../stand-ins/pty.ts';
import { startCountingDesk } from './counting-desk.ts';
import { startFloorDesk } from './floor-desk.ts';
import { startMqttTap } from './mqtt-tap.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

const SAMPLES = 400;
/** Between two samples, ms, and as much again at random: longer than the marks of the one before take to be committed. */
const PAUSE = 30;

/** The way of a press through the whole service. */
export const press: Benchmark = {
  names: ['press.p50', 'press.p99'],
  about:
    'A press: its bytes written to the serial port → committed and acknowledged by mosquitto (PUBACK seen on the wire).\nFloor: a bare program on a serial port of its own, with the same commit and the same publish.',
  async run(): Promise<Result[]> {
    const broker = await startMosquitto();
    const tap = await startMqttTap(broker.port);
    const pty = await openPty();
    const desk = await startCountingDesk({
      broker: tap.url,
      settings: 'arrival: { confirm: 50ms }\npress: { repeat: 0s }',
      input: `{ driver: line-protocol, port: ${pty.port} }`,
    });
    const sample = async (device: string, port: Pty) => {
      const acknowledged = tap.acknowledged(`ca/v1/${device}/events/press`);
      const begin = performance.now();
      await port.write('Bhappy\n');
      const took = (await acknowledged) - begin;
      await sleep(PAUSE * (1 + Math.random()));
      return took;
    };
    const [values, floors]: [number[], number[]] = [[], []];
    try {
      const arrived = tap.acknowledged('ca/v1/bench/events/contact.started');
      await pty.write('P1\n');
      await arrived;
      // The desk's state remembers the last presses: from here on it is as long as it gets.
      for (let n = 0; n < 10; n++) await sample('bench', pty);
      const floor = await startFloorDesk({ ...desk, broker: tap.url, confirm: 0 });
      for (let n = 0; n < SAMPLES; n++) {
        values.push(await sample('bench', pty));
        floors.push(await sample('floor', floor.pty));
      }
      await floor.stop();
    } finally {
      await desk.stop();
      await Promise.all([pty.stop(), tap.stop()]);
      await broker.stop();
    }
    return [0.5, 0.99].map((share) => ({
      name: `press.p${share * 100}`,
      value: quantile(values, share),
      unit: 'ms',
      floor: quantile(floors, share),
      better: 'lower',
    }));
  },
};
