import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Muxer, startMuxer } from '../../device/recording/clip-muxer.ts';
import type { Part } from '../../device/recording/fragments.ts';
import { picture } from '../stand-ins/transport-stream.ts';
import { ffmpegsWith, sleep } from './rig.ts';
import { CAMERA, MICROPHONE, segmentsOf } from './segments.ts';

let folder: string;
/** 8 s, a megabyte a second: more than pipes hold. */
let segments: Buffer[];
let muxer: Muxer | null = null;
let from = 100;

beforeAll(async () => {
  folder = await mkdtemp('/dev/shm/ca-muxer-');
  const encode = ['libx264', '-preset', 'ultrafast', '-qp', '4', '-g', '15', '-vf', 'noise=alls=40:allf=t'];
  segments = await segmentsOf(folder, { video: CAMERA, audio: MICROPHONE, at: 100, seconds: 8, encode });
});
afterEach(async () => {
  await muxer?.kill();
  muxer = null;
});
afterAll(() => rm(folder, { recursive: true }));

/** A muxer whose ffmpeg can be told from all others. */
function start(onPart: (part: Part) => Promise<void> = async () => {}): Muxer {
  from = 90 + Math.random();
  muxer = startMuxer({ from }, onPart);
  return muxer;
}
const ffmpegs = () => ffmpegsWith((-from - 1.4).toFixed(6));

async function untilGone(within: number): Promise<void> {
  for (let waited = 0; (await ffmpegs()).length > 0; waited += 20) {
    expect(waited).toBeLessThan(within);
    await sleep(20);
  }
}

async function writeAll(muxer: Muxer): Promise<void> {
  for (const segment of segments) await muxer.write(segment);
  await muxer.end();
}

const clipFailed = (message: RegExp) => ({ code: 'CA_CLIP_FAILED', message: expect.stringMatching(message) });

it('says what ffmpeg said when it can make nothing of it', async () => {
  const muxer = start();
  const nothing = Array.from({ length: 50 }, (_, n) => picture({ at: 100 + n / 10, key: true, packets: 3 }));
  await muxer.write(Buffer.concat(nothing));
  await expect(muxer.end()).rejects.toMatchObject(
    clipFailed(/exited with code 1: .*(size|dimensions|codec|stream)/i),
  );
  // And again to whoever asks later.
  await expect(muxer.write(Buffer.concat(nothing))).rejects.toMatchObject(clipFailed(/exited with code 1/));
});

it('tells whoever writes when ffmpeg dies', async () => {
  const muxer = start();
  await muxer.write(segments[0] as Buffer);
  const [pid = 0] = await ffmpegs();
  process.kill(pid, 'SIGKILL');
  const on = async () => {
    for (let n = 0; n < 100; n++) await muxer.write(segments[1] as Buffer);
  };
  await expect(on()).rejects.toMatchObject(clipFailed(/SIGKILL/));
  await expect(muxer.end()).rejects.toMatchObject(clipFailed(/SIGKILL/));
});

it('fails with what the taker of the parts failed with, at its first and at its last part', async () => {
  const full = new Error('the disk is full');
  const all: Part[] = [];
  await writeAll(start(async (part) => void all.push(part)));
  for (const last of [1, all.length]) {
    let parts = 0;
    const failing = start(async () => {
      parts += 1;
      if (parts === last) throw full;
    });
    await expect(writeAll(failing)).rejects.toBe(full);
    await untilGone(2_000);
    expect(parts).toBe(last);
  }
});

it.each<[string, () => Promise<void>]>([
  ['at once', async () => {}],
  ['before ffmpeg has started', () => Promise.resolve().then(() => Promise.resolve())],
  ['a moment later', () => sleep(1)],
  ['while ffmpeg starts', () => sleep(30)],
  ['in the middle', () => sleep(150)],
])('leaves no process when it is killed %s', async (_when, moment) => {
  const muxer = start(() => sleep(5));
  const writing = writeAll(muxer).catch((error: unknown) => error);
  await moment();
  await muxer.kill();
  expect(await ffmpegs()).toEqual([]);
  expect(await writing).toMatchObject({ code: 'CA_CLIP_FAILED' });
  await muxer.kill();
});

it('gives no part any more once it is killed', async () => {
  // A hundred fragments, more than one of them in each piece that comes out of the pipe.
  const heard = await segmentsOf(folder, { audio: MICROPHONE, at: 100, seconds: 100 });
  let [parts, killed, late] = [0, false, 0];
  const muxer = start(async () => {
    parts += 1;
    if (killed) late += 1;
    await sleep(1);
  });
  const writing = (async () => {
    for (const segment of heard) await muxer.write(segment);
    await muxer.end();
  })().catch((error: unknown) => error);
  while (parts < 3) await sleep(1);
  await muxer.kill();
  killed = true;
  await sleep(200);
  expect(late).toBe(0);
  expect(parts).toBeLessThan(90);
  expect(await writing).toMatchObject({ code: 'CA_CLIP_FAILED' });
});

it('takes no more than it can hold while nobody takes its parts, and goes on after', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let taken = 0;
  const muxer = start(async (part) => {
    await held;
    if (part.kind === 'fragment') taken += part.size;
  });
  const repeated = Array.from({ length: 3 }, () => segments).flat();
  let written = 0;
  const writing = (async () => {
    for (const segment of repeated) {
      await muxer.write(segment);
      written += segment.length;
    }
    await muxer.end();
  })();
  await sleep(2_000);
  const total = repeated.reduce((sum, { length }) => sum + length, 0);
  const most = Math.max(...repeated.map(({ length }) => length));
  expect(total).toBeGreaterThan(20_000_000);
  // ffmpeg's own look at the beginning (5 MB), a fragment, what pipes hold, and a segment on its way.
  expect(written).toBeLessThan(12_000_000 + most);
  const before = written;
  await sleep(300);
  expect(written).toBe(before);
  release();
  await writing;
  expect(taken).toBeGreaterThan(total * 0.9);
});

it('does not outlive the service', async () => {
  from = 90 + Math.random();
  const segment = join(folder, 'segment.ts');
  await writeFile(segment, segments[0] as Buffer);
  const script = join(import.meta.dirname, 'muxer-process.ts');
  const service = spawn(process.execPath, [script, segment, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(createInterface(service.stdout), 'line');
    const [pid = 0] = await ffmpegs();
    // Ctrl-C goes to the process group of the service.
    const fields = (await readFile(`/proc/${pid}/stat`, 'latin1')).split(' ');
    expect(Number(fields[4])).toBe(pid);
  } finally {
    service.kill('SIGKILL');
  }
  await untilGone(3_000);
});

it('lets go of what it has been given: a contact may last for hours', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const muxer = start();
  const given: WeakRef<Buffer>[] = [];
  for (const segment of segments) {
    const copy = Buffer.from(segment);
    given.push(new WeakRef(copy));
    await muxer.write(copy);
  }
  // A WeakRef holds on until the turn of the event loop in which it was made is over.
  await sleep(200);
  collect();
  await sleep(50);
  collect();
  expect(given.length).toBeGreaterThanOrEqual(4);
  expect(given.filter((ref) => ref.deref()).length).toBeLessThanOrEqual(1);
  await muxer.end();
});
