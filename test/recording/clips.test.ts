import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import type { FinishedClip } from '../../device/recording/manifest.ts';
import type { Recorder } from '../../device/recording/recorder.ts';
import type { VideoFrame } from '../../drivers/types.ts';
import type { ClipTimes } from '../stand-ins/clip-times.ts';
import { type RtspCamera, startRtspCamera } from '../stand-ins/rtsp-camera.ts';
import {
  BeepingMicrophone,
  FRAME,
  ffmpegsWith,
  GOP,
  type Place,
  POST_ROLL,
  PRE_ROLL,
  placeAt,
  plain,
  recorderFor,
  rtsp,
  sleep,
  started,
  timesOf,
} from './rig.ts';

let place: Place;
let camera: RtspCamera;
let recorder: Recorder;
const frames: VideoFrame[] = [];

beforeAll(async () => {
  place = placeAt();
  camera = await startRtspCamera();
  recorder = recorderFor(place, {
    camera: rtsp(camera.url),
    // 1000 ppm fast: in the few seconds here an error of milliseconds, but nothing may jump.
    microphone: new BeepingMicrophone(16_016),
    frameRate: 2,
  });
  recorder.onFrame((frame) => frames.push(frame));
  await started(recorder);
});
afterAll(async () => {
  await recorder.stop();
  await camera.stop();
  await place.remove();
});

/** How far (ms) the clip's first and last frame are from what was asked for, and the sound from the pictures. */
function report(name: string, times: ClipTimes, startedAt: Instant, endedAt: Instant) {
  const start = (times.first ?? Number.NaN) - (startedAt.wall - PRE_ROLL);
  const end = (times.last ?? Number.NaN) - (endedAt.wall + POST_ROLL);
  const { lag } = times;
  console.log(
    `${name}: start ${start.toFixed(0)} ms, end ${end.toFixed(0)} ms, sound ${lag?.median.toFixed(0)} ms (${lag?.min.toFixed(0)} to ${lag?.max.toFixed(0)})`,
  );
  return { start, end };
}

it('cuts contacts a second apart, each whole and with nothing else, sound and pictures together', async () => {
  const contacts: { id: string; startedAt: Instant; endedAt: Instant; clip: Promise<FinishedClip> }[] = [];
  for (const id of ['a', 'b', 'c']) {
    const startedAt = systemClock.now();
    await sleep(400);
    recorder.begin(id, startedAt);
    await sleep(1_600 + contacts.length * 900);
    const endedAt = systemClock.now();
    contacts.push({ id, startedAt, endedAt, clip: recorder.end(id, endedAt) });
    await sleep(1_000);
  }
  for (const { id, startedAt, endedAt, clip } of contacts) {
    const { file, mediaType, duration, preRoll } = await clip;
    const times = await timesOf(place, { file });
    const { start, end } = report(id, times, startedAt, endedAt);
    expect(mediaType).toBe('video/mp4');
    expect(start).toBeLessThanOrEqual(FRAME / 2);
    expect(start).toBeGreaterThan(-GOP - FRAME);
    expect(Math.abs(end)).toBeLessThan(2 * FRAME);
    expect(Math.abs(times.lag?.median ?? 99)).toBeLessThan(40);
    expect(times.unreadable).toBe(0);
    expect(times.longestStep).toBeLessThan(3 * FRAME);
    // What it says of itself is true.
    expect(Math.abs(preRoll - (startedAt.wall - (times.first ?? 0)))).toBeLessThan(FRAME);
    expect(Math.abs(duration - ((times.last ?? 0) - (times.first ?? 0)))).toBeLessThan(2 * FRAME);
    expect(times.sound).toBeGreaterThan(duration - 200);
  }
});

it('begins to play before it is loaded: its index lies in front', async () => {
  const startedAt = systemClock.now();
  recorder.begin('fast', startedAt);
  await sleep(500);
  const { file } = await recorder.end('fast', systemClock.now());
  const path = await plain(place, file);
  const trace = await promisify(execFile)('ffprobe', ['-v', 'trace', path], { maxBuffer: 1e8 });
  expect(trace.stderr.indexOf("type:'moov'")).toBeGreaterThan(0);
  expect(trace.stderr.indexOf("type:'moov'")).toBeLessThan(trace.stderr.indexOf("type:'mdat'"));
});

it('has the clip within a second of its last moment', async () => {
  recorder.begin('soon', systemClock.now());
  await sleep(1_000);
  const endedAt = systemClock.now();
  await recorder.end('soon', endedAt);
  const waited = systemClock.now().mono - endedAt.mono - POST_ROLL;
  console.log(`clip ready ${waited.toFixed(0)} ms after the post-roll`);
  expect(waited).toBeLessThan(2_000);
});

it('takes what there is when the service must end now', async () => {
  const startedAt = systemClock.now();
  recorder.begin('now', startedAt);
  await sleep(1_500);
  const endedAt = systemClock.now();
  const { file } = await recorder.end('now', endedAt, { now: true });
  expect(systemClock.now().mono - endedAt.mono).toBeLessThan(2_000);
  const { last } = await timesOf(place, { file });
  expect(endedAt.wall - (last ?? 0)).toBeLessThan(800);
});

it('gives the models pictures at the rate they asked for', async () => {
  const before = frames.length;
  await sleep(5_000);
  expect(Math.abs(frames.length - before - 10)).toBeLessThanOrEqual(1);
  const { width, height, rgb, at } = frames.at(-1) as VideoFrame;
  expect(rgb.length).toBe(width * height * 3);
  expect(systemClock.now().mono - at.mono).toBeLessThan(1_500);
  expect(rgb.some((value) => value > 60)).toBe(true);
});

it('keeps its ring small, tells what it threw away, and leaves nothing', async () => {
  // 3 s of pre-roll, half a second to confirm, 6 s to spare, at 2 s a segment.
  expect(Number(recorder.health().detail?.segments)).toBeLessThanOrEqual(8);
  expect(Number(recorder.health().detail?.ringDiscardedBytes)).toBeGreaterThan(0);
  expect(recorder.health().status).toBe('ok');
  expect((await stat(`${place.ring}/front`)).mode & 0o777).toBe(0o700);
  await recorder.stop();
  expect(await readdir(`${place.ring}/front`)).toEqual([]);
  expect(await ffmpegsWith(place.ring)).toEqual([]);
});
