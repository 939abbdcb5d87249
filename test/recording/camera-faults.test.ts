import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { Recorder } from '../../device/recording/recorder.ts';
import { missingBeeps } from '../stand-ins/clip-times.ts';
import { forgetfulCamera } from '../stand-ins/forgetful-camera.ts';
import { type RtspCamera, startRtspCamera } from '../stand-ins/rtsp-camera.ts';
import {
  BeepingMicrophone,
  eventually,
  FRAME,
  type Place,
  PRE_ROLL,
  placeAt,
  recorderFor,
  rtsp,
  sleep,
  started,
  timesOf,
} from './rig.ts';

/** They wait for much (ms). */
const timeout = 60_000;

let place: Place;
let camera: RtspCamera;
let recorder: Recorder;

beforeEach(async () => {
  place = placeAt();
  camera = await startRtspCamera();
  recorder = recorderFor(place, { camera: rtsp(camera.url), microphone: new BeepingMicrophone() });
});
afterEach(async () => {
  await recorder.stop();
  await camera.stop();
  await place.remove();
});

const status = () => recorder.health().status;

it('a camera that is slow to open: sound from the beginning, pictures from when they come', {
  timeout,
}, async () => {
  // It takes the connection, and says nothing.
  process.kill(camera.pid, 'SIGSTOP');
  const recording = started(recorder);
  const noticed = await eventually('says so', 5_000, () => /rtsp/.test(recorder.health().reason ?? ''));
  expect(status()).toBe('degraded');
  await recording;
  recorder.begin('slow', systemClock.now());
  await sleep(1_000);
  process.kill(camera.pid, 'SIGCONT');
  const back = await eventually('ok', 15_000, () => status() === 'ok');
  await sleep(2_000);
  const clip = await recorder.end('slow', systemClock.now());
  const times = await timesOf(place, clip);
  const [gap, ...more] = clip.manifest.gaps;
  console.log(
    `slow camera: noticed after ${noticed.toFixed(0)} ms, pictures ${back.toFixed(0)} ms after it answered, ${gap?.to} ms into the clip; beeps missing ${missingBeeps(times.beeps)}`,
  );
  expect(clip).toMatchObject({ mediaType: 'video/mp4', manifest: { tracks: ['video', 'audio'] } });
  // The whole pre-roll is there, as sound.
  expect(clip.preRoll).toBeGreaterThanOrEqual(PRE_ROLL);
  expect(missingBeeps(times.beeps)).toBe(0);
  expect(times.beeps[0]?.at).toBeLessThan(1_100);
  expect(gap).toMatchObject({ track: 'video', from: 0 });
  expect(more).toEqual([]);
  expect(Math.abs((times.first ?? 0) - (times.zero ?? 0) - (gap?.to ?? 0))).toBeLessThan(2 * FRAME);
  expect(Math.abs(times.lag?.median ?? 99)).toBeLessThan(40);
  expect(times).toMatchObject({ complaints: [], unreadable: 0, hidden: 0 });
});

it('a camera that comes back with another size in the middle of a contact', { timeout }, async () => {
  await started(recorder);
  recorder.begin('changing', systemClock.now());
  await sleep(2_000);
  const { port } = camera;
  await camera.stop();
  const noticed = await eventually('degraded', 5_000, () => status() === 'degraded');
  camera = await startRtspCamera({ size: '320x240', port });
  const back = await eventually('ok', 15_000, () => status() === 'ok');
  await sleep(2_000);
  const endedAt = systemClock.now();
  const clip = await recorder.end('changing', endedAt);
  const times = await timesOf(place, clip);
  const [gap, ...more] = clip.manifest.gaps;
  console.log(
    `another size: noticed after ${noticed.toFixed(0)} ms, back after ${back.toFixed(0)} ms, pictures missing for ${times.longestStep} ms, beeps missing ${missingBeeps(times.beeps)}`,
  );
  expect(gap?.track).toBe('video');
  expect(Math.abs((gap?.to ?? 0) - (gap?.from ?? 0) - times.longestStep)).toBeLessThan(2 * FRAME);
  expect(more).toEqual([]);
  expect(missingBeeps(times.beeps)).toBe(0);
  expect(Math.abs((times.last ?? 0) - endedAt.wall - 1_000)).toBeLessThan(2 * FRAME);
  expect(Math.abs(times.lag?.median ?? 99)).toBeLessThan(40);
  expect(times).toMatchObject({ complaints: [], unreadable: 0, hidden: 0 });
});

it('a camera that says PLAY and sends no pictures: the sound does not wait for it, and it is asked again', {
  timeout,
}, async () => {
  const forgetful = await forgetfulCamera(camera);
  recorder = recorderFor(place, { camera: rtsp(forgetful.url), microphone: new BeepingMicrophone() });
  try {
    const began = systemClock.now().mono;
    await recorder.start(AbortSignal.timeout(10_000));
    recorder.begin('forgotten', systemClock.now());
    await eventually('a fault', 10_000, () => /no pictures from rtsp/.test(recorder.health().reason ?? ''));
    const noticed = systemClock.now().mono - began;
    await eventually('ok', 15_000, () => status() === 'ok');
    const back = systemClock.now().mono - began;
    await sleep(1_000);
    const clip = await recorder.end('forgotten', systemClock.now());
    const times = await timesOf(place, clip);
    console.log(
      `forgotten by its camera: noticed after ${noticed.toFixed(0)} ms, back after ${back.toFixed(0)} ms`,
    );
    // ffmpeg itself waits 11 s.
    expect(noticed).toBeLessThan(9_500);
    expect(clip.manifest.tracks).toEqual(['video', 'audio']);
    expect(clip.manifest.gaps).toMatchObject([{ track: 'video', from: 0 }]);
    expect(missingBeeps(times.beeps)).toBe(0);
    expect(times).toMatchObject({ complaints: [], unreadable: 0 });
  } finally {
    await forgetful.stop();
  }
});
