import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { Recorder } from '../../device/recording/recorder.ts';
import { cameraSource } from '../../drivers/camera/cameras.ts';
import {
  BeepingMicrophone,
  GOP,
  type Place,
  placeAt,
  recorderFor,
  sleep,
  timesOf,
} from '../recording/rig.ts';
import { installRpicam } from '../stand-ins/rpicam-vid.ts';

/** The camera of a Pi's ribbon cable through the real recorder; rpicam-vid is a stand-in, for it needs a Pi. */

const FRAME = 1_000 / 15;
let folder: string;
let place: Place;
let recorder: Recorder | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rpicam-'));
  place = placeAt();
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
});
afterEach(async () => {
  await recorder?.stop();
  recorder = null;
  vi.unstubAllEnvs();
  await place.remove();
  await rm(folder, { recursive: true });
});

const camera = () =>
  cameraSource({ driver: 'rpicam', camera: 0, size: '640x480', rate: 15, flip: false, latency: 0 }, null);

async function record(): Promise<Recorder> {
  recorder = recorderFor(place, { camera: camera(), microphone: new BeepingMicrophone(), preRoll: 1_500 });
  await recorder.start(AbortSignal.timeout(60_000));
  return recorder;
}

/** A clip of so long a contact, once there are pictures. */
async function clipOf(recording: Recorder, ms: number) {
  await expect
    .poll(() => Number(recording.health().detail?.segments), { timeout: 20_000, interval: 100 })
    .toBeGreaterThan(1);
  const startedAt = systemClock.now();
  recording.begin('one', startedAt);
  await sleep(ms);
  const endedAt = systemClock.now();
  const times = await timesOf(place, await recording.end('one', endedAt));
  return { times, startedAt, endedAt };
}

test.each([
  { name: 'rpicam-vid', old: false },
  { name: 'libcamera-vid', old: true },
])('$name: its pictures are stamped when they come, and stored as they are', async (program) => {
  await installRpicam(folder, program.name, program);
  const { times, startedAt, endedAt } = await clipOf(await record(), 4_000);
  const { lag, complaints, unreadable, longestStep } = times;
  console.log(
    `${program.name}: sound ${lag?.median.toFixed(0)} ms (${lag?.min.toFixed(0)} to ${lag?.max.toFixed(0)})`,
  );
  expect(complaints).toEqual([]);
  expect(unreadable).toBe(0);
  expect(longestStep).toBeLessThan(4 * FRAME);
  // Sound and pictures lie together: a picture stamped when the next one came would be 67 ms late.
  expect(Math.abs(lag?.median ?? 99)).toBeLessThan(40);
  const start = (times.first ?? 0) - (startedAt.wall - 1_500);
  expect(start).toBeLessThanOrEqual(FRAME);
  expect(start).toBeGreaterThan(-GOP - 2 * FRAME);
  expect(Math.abs((times.last ?? 0) - (endedAt.wall + 1_000))).toBeLessThan(3 * FRAME);
});

test('without its camera the sound goes on, health says what rpicam-vid said, and it is found when it comes', async () => {
  await installRpicam(folder, 'rpicam-vid', { cameras: 0 });
  const recording = await record();
  await expect
    .poll(() => recording.health().reason ?? '', { timeout: 10_000 })
    .toMatch(/rpicam 0: .*no cameras available.*rpicam-hello --list-cameras/);
  await expect.poll(() => recording.health().detail?.live, { timeout: 10_000 }).toBe(true);
  await installRpicam(folder, 'rpicam-vid');
  await expect.poll(() => recording.health().status, { timeout: 25_000 }).toBe('ok');
});

test('without rpicam-vid health says what to install', async () => {
  vi.stubEnv('PATH', `/usr/bin:/bin:${folder}`);
  const recording = await record();
  await expect
    .poll(() => recording.health().reason ?? '', { timeout: 10_000 })
    .toMatch(/rpicam-vid cannot be started\. Install the package rpicam-apps-lite/);
});
