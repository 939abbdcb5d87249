import { parseArgs } from 'node:util';
import { clip } from './clip.ts';
import { cpuMotion } from './cpu-motion.ts';
import { cpuRecording } from './cpu-recording.ts';
import { drain } from './drain.ts';
import { gpioLatency } from './gpio-latency.ts';
import { hub } from './hub.ts';
import { memoryGrowth } from './memory-growth.ts';
import { press } from './press.ts';
import type { Benchmark, Result } from './result.ts';
import { review } from './review.ts';
import { faceCpu, scoring, soundCpu } from './scores.ts';
import { sensor } from './sensor.ts';
import { started } from './started.ts';
import { upload } from './upload.ts';
import { vaultWrite } from './vault-write.ts';

/**
 * What the service costs, against the floor: the same work done without it, in the same run on the same machine.
 *
 *   npm run bench                        all, as a table
 *   npm run bench -- --json [NAME…]      one JSON object a line: name, value, unit, floor, ratio, better
 */
const BENCHMARKS: readonly Benchmark[] = [
  press,
  gpioLatency,
  started,
  cpuRecording,
  cpuMotion,
  memoryGrowth,
  clip,
  vaultWrite,
  sensor,
  faceCpu,
  soundCpu,
  scoring,
  drain,
  hub,
  upload,
  review,
];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
const known = BENCHMARKS.flatMap(({ names }) => names);
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(64);
}
const wanted = positionals.length > 0 ? positionals : known;

for (const { names, about, run } of BENCHMARKS) {
  if (!names.some((name) => wanted.includes(name))) continue;
  if (!values.json) console.log(`\n${about}`);
  for (const result of await run()) if (wanted.includes(result.name)) print(result);
}

function print({ name, value, unit, floor, better }: Result): void {
  const ratio = value / floor;
  if (values.json) {
    console.log(
      JSON.stringify({ name, value: short(value), unit, floor: short(floor), ratio: short(ratio), better }),
    );
    return;
  }
  const columns = [`${short(value)} ${unit}`, `floor ${short(floor)} ${unit}`, `ratio ${short(ratio)}`];
  console.log(`  ${name.padEnd(14)}${columns.map((column) => column.padEnd(26)).join('')}`);
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
