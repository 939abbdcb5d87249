import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { Recorder } from '../../device/recording/recorder.ts';
import { openMicrophone } from '../../drivers/open.ts';
import { type Place, placeAt, plain, recorderFor, sleep } from '../recording/rig.ts';
import { type Pulse, startPulse } from '../stand-ins/pulse.ts';

/** Two microphones on one card: the real arecord on a live ALSA device, through the recorder, into a clip. */

const run = promisify(execFile);
const RATE = 16_000;
const [LEFT, RIGHT] = [440, 1_150];
let card: Pulse;
let place: Place;
let recorder: Recorder | null = null;

beforeAll(async () => {
  card = await startPulse({ channels: 2 });
  for (const [name, value] of Object.entries(card.env)) vi.stubEnv(name, value);
  place = placeAt();
});
afterEach(async () => {
  await recorder?.stop();
  recorder = null;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await card.stop();
  await place.remove();
});

/** One tone in the left channel, another in the right. */
function tones(seconds: number): Buffer {
  const pcm = Buffer.alloc(seconds * RATE * 4);
  for (let i = 0; i < seconds * RATE; i++) {
    for (const [side, hertz] of [LEFT, RIGHT].entries())
      pcm.writeInt16LE(Math.round(9_000 * Math.sin((2 * Math.PI * hertz * i) / RATE)), i * 4 + side * 2);
  }
  return pcm;
}

/** Both channels of a clip, as numbers. */
async function sidesOf(file: string): Promise<[Int16Array, Int16Array]> {
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-i', file, '-f', 's16le', '-ar', `${RATE}`, 'pipe:1'],
    {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const both = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length / 2);
  const side = (first: 0 | 1) => both.filter((_, at) => at % 2 === first);
  return [side(0), side(1)];
}

/** How loud a pitch is, as the amplitude of its sine over the whole of the samples (Goertzel). */
function loudness(samples: Int16Array, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
  let [s1, s2] = [0, 0];
  for (const sample of samples) [s1, s2] = [sample + coefficient * s1 - s2, s1];
  return (2 * Math.sqrt(s1 * s1 + s2 * s2 - coefficient * s1 * s2)) / samples.length;
}

test('what is said left and right is heard in the clip on its own side', async () => {
  const config = { driver: 'alsa', device: card.device, patient: 'right', latency: 0 } as const;
  const microphone = openMicrophone(config, systemClock);
  recorder = recorderFor(place, { camera: null, microphone, preRoll: 500, postRoll: 500 });
  await recorder.start(AbortSignal.timeout(30_000));
  await expect.poll(() => recorder?.live, { timeout: 10_000 }).toBe(true);
  await sleep(1_000);
  const startedAt = systemClock.now();
  recorder.begin('two', startedAt);
  await card.play(tones(3));
  const endedAt = systemClock.now();
  const clip = await recorder.end('two', endedAt);
  const file = await plain(place, clip.file);

  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'stream=codec_name,channels',
    '-of',
    'csv=p=0',
    file,
  ]);
  expect(stdout.trim()).toBe('aac,2');
  const [left, right] = await sidesOf(file);
  expect(Math.abs(left.length / RATE - (endedAt.mono - startedAt.mono + 1_000) / 1_000)).toBeLessThan(0.4);
  const own = [loudness(left, LEFT), loudness(right, RIGHT)];
  const other = [loudness(left, RIGHT), loudness(right, LEFT)];
  console.log(`own ${own.map(Math.round)}, of the other side ${other.map((level) => level.toFixed(1))}`);
  // 9000 for as much of the clip as there was sound: 3 s of about 4.3 on a machine with time.
  expect(Math.min(...own)).toBeGreaterThan(2_000);
  expect(Math.max(...other)).toBeLessThan(60);
});
