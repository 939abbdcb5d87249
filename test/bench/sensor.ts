import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { framing } from '../../drivers/ld2410/report.ts';
import { FrameParser } from '../../drivers/serial/frame-parser.ts';
import { openPty } from '../stand-ins/pty.ts';
import { PlayedRadar } from '../stand-ins/radar.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

/** As a real one reports, ms. */
const REPORT = 100;
/** Both have compiled their code and the sensor is set up, ms. */
const SETTLED = 4_000;
const WINDOW = 6_000;
const WINDOWS = 3;
/** Parsed in chunks as a serial port gives them at most. */
const CHUNK = 64 << 10;
const ROUNDS = 40;
const BASIC = Buffer.from('f4f3f2f10d0002aa02510000 00003b00005500f8f7f6f5'.replace(' ', ''), 'hex');

/** What reading a radar costs. */
export const sensor: Benchmark = {
  names: ['sensor.frames', 'sensor.cpu'],
  about: `An LD2410. sensor.frames: reports parsed and checked, a second; floor: finding their headers with Buffer.indexOf.\nsensor.cpu: processor time of the whole driver in a process of its own, at 10 reports a second on a pty; median of ${WINDOWS} windows of ${WINDOW / 1000} s. Floor: serialport and Buffer.indexOf, at the same time on a pty of their own.`,
  async run(): Promise<Result[]> {
    return [parsing(), await driving()];
  },
};

function parsing(): Result {
  const stream = Buffer.concat(Array.from({ length: Math.ceil(CHUNK / BASIC.length) }, () => BASIC));
  const head = BASIC.subarray(0, 4);
  const parser = new FrameParser(framing);
  const rates = (work: () => number) => {
    const sample = Array.from({ length: ROUNDS }, () => {
      const from = performance.now();
      let frames = 0;
      for (let n = 0; n < 5; n++) frames += work();
      return (frames / (performance.now() - from)) * 1_000;
    });
    return quantile(sample, 0.5);
  };
  const value = rates(() => parser.push(stream).length);
  const floor = rates(() => {
    let found = 0;
    for (let at = stream.indexOf(head); at >= 0; at = stream.indexOf(head, at + 1)) found++;
    return found;
  });
  return { name: 'sensor.frames', value, unit: 'frames/s', floor, better: 'higher' };
}

async function driving(): Promise<Result> {
  const readers = await Promise.all([startReader('driver'), startReader('bare')]);
  try {
    await sleep(SETTLED);
    const shares: [number[], number[]] = [[], []];
    for (let n = 0; n < WINDOWS; n++) {
      const from = performance.now();
      const before = await Promise.all(readers.map(({ ask }) => ask()));
      await sleep(WINDOW);
      const after = await Promise.all(readers.map(({ ask }) => ask()));
      const ms = performance.now() - from;
      readers.forEach(({ which }, i) => {
        const frames = (after[i]?.frames ?? 0) - (before[i]?.frames ?? 0);
        // Whoever read nothing was cheap for no reason.
        if (frames < (WINDOW / REPORT) * 0.8)
          throw new Error(`${which}: ${frames} reports in ${WINDOW / 1000} s`);
        shares[i]?.push((((after[i]?.cpu ?? 0) - (before[i]?.cpu ?? 0)) / 1_000 / ms) * 100);
      });
    }
    const [value = Number.NaN, floor = Number.NaN] = shares.map((sample) => quantile(sample, 0.5));
    return { name: 'sensor.cpu', value, unit: '% of a core', floor, better: 'lower' };
  } finally {
    await Promise.all(readers.map(({ stop }) => stop()));
  }
}

async function startReader(which: 'driver' | 'bare') {
  const pty = await openPty();
  const radar = new PlayedRadar(pty, 'ld2410', REPORT);
  radar.state = 2;
  const script = join(import.meta.dirname, 'sensor-process.ts');
  const child = spawn(process.execPath, [script, pty.port, which], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout);
  return {
    which,
    async ask(): Promise<{ cpu: number; frames: number }> {
      child.stdin.write('\n');
      const [line] = await once(lines, 'line');
      return JSON.parse(line);
    },
    async stop() {
      child.stdin.end();
      await exited;
      radar.stop();
      await pty.stop();
    },
  };
}
