import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { headOf } from '../../device/recording/clip-head.ts';
import { startMuxer } from '../../device/recording/clip-muxer.ts';
import { ContactRecording } from '../../device/recording/contact-recording.ts';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import type { Fragment } from '../../device/recording/fragments.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { Spool } from '../../device/recording/spool.ts';
import { indexOf } from '../../device/recording/ts-index.ts';
import { TsTrimmer } from '../../device/recording/ts-trim.ts';
import { ClipVault } from '../../device/recording/vault.ts';
import { cpuSeconds } from './process-cost.ts';

/**
 * Makes the clip of one contact out of the segments in a folder, which begin at second 0 of the timeline.
 *
 *   node five-minutes.ts cut SEGMENTS FOLDER       trimmed and muxed, into nothing
 *   node five-minutes.ts whole SEGMENTS FOLDER     as the recorder does it: spool, encryption, hash, vault
 *
 * Says what it took, as JSON, ms: `cpu`, its own and that of what it started; `ready`, from the contact's end to the clip.
 */
const [way = '', segments = '', folder = ''] = process.argv.slice(2);
/** How late an end may be known, as by default: `sensor.lost`. Only what is older has been worked off when it comes. */
const LAG = 30_000;

const names = readdirSync(segments).sort();
const all = names.map((name) => {
  const file = join(segments, name);
  const { video, audio } = indexOf(readFileSync(file));
  if (!video || !audio) throw new Error(`${file} has no pictures or no sound`);
  const [start, end] = [video.first * 1000, Math.max(video.last, audio.last) * 1000];
  return { file, start, end, bytes: statSync(file).size };
});
const from = 0.5;
const until = (all.at(-1)?.end ?? 0) - 500;

async function cut(some = all): Promise<number> {
  const trimmer = new TsTrimmer({ from, to: until / 1000 });
  const fragments: Fragment[] = [];
  let init: Buffer = Buffer.alloc(0);
  const muxer = startMuxer({ from }, async (part) => {
    if (part.kind === 'init') init = part.bytes;
    else fragments.push({ size: part.size, tracks: part.tracks });
  });
  for (const { file } of some) {
    const bytes = readFileSync(file);
    indexOf(bytes);
    await muxer.write(trimmer.push(bytes));
  }
  await muxer.end();
  headOf(init, fragments, CHUNK);
  return 0;
}

async function whole(): Promise<number> {
  const key = parseDeviceKey(randomBytes(32).toString('hex'));
  const vault = new ClipVault({ folder: join(folder, 'clips'), key: () => key });
  const spool = new Spool(join(folder, 'spool'), () => key);
  const startedAt = { mono: 5_000, wall: Date.UTC(2026, 0, 5) };
  const wanted = { contactId: 'five-minutes', startedAt, from: from * 1000, since: 0 };
  const recording = new ContactRecording(wanted, { zero: 0 }, { spool, vault });
  for (const segment of all) {
    recording.take(segment);
    do {
      recording.goOn(segment.end - LAG);
      // What a contact has seconds for.
      await sleep(1);
    } while (recording.needs < segment.end - LAG - 3_000);
  }
  const ended = performance.now();
  const clip = await recording.finish(until, [], async function* () {});
  const ready = performance.now() - ended;
  await recording.leave();
  await spool.destroy('five-minutes');
  if (clip.bytes < 40e6) throw new Error(`the clip has ${clip.bytes} bytes`);
  return ready;
}

// A service has compiled its code long before.
await cut(all.slice(0, 20));
const before = cpuSeconds([process]);
const ready = await (way === 'cut' ? cut() : whole());
console.log(JSON.stringify({ cpu: (cpuSeconds([process]) - before) * 1000, ready }));
