import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { Recorder } from '../../device/recording/recorder.ts';
import { median, missingBeeps } from '../stand-ins/clip-times.ts';
import { type RtspCamera, startRtspCamera } from '../stand-ins/rtsp-camera.ts';
import {
  BeepingMicrophone,
  eventually,
  FRAME,
  ffmpegsWith,
  type Place,
  placeAt,
  recorderFor,
  rtsp,
  sleep,
  started,
  timesOf,
} from './rig.ts';

// They wait for much.
vi.setConfig({ testTimeout: 60_000 });

let place: Place;
let camera: RtspCamera | null = null;
let recorder: Recorder | null = null;

beforeEach(() => {
  place = placeAt();
});
afterEach(async () => {
  await recorder?.stop();
  await camera?.stop();
  recorder = null;
  camera = null;
  await place.remove();
});

async function withCamera(microphone: BeepingMicrophone | null): Promise<Recorder> {
  camera = await startRtspCamera();
  recorder = recorderFor(place, { camera: rtsp(camera.url), microphone });
  return started(recorder);
}

it('goes on after ffmpeg was killed in a contact: the clip has the time before and after, and all of the sound', async () => {
  const recorder = await withCamera(new BeepingMicrophone());
  const startedAt = systemClock.now();
  recorder.begin('killed', startedAt);
  await sleep(2_300);
  const [pid] = await ffmpegsWith(place.ring);
  process.kill(pid ?? 0, 'SIGKILL');
  await eventually('degraded', 2_000, () => recorder.health().status === 'degraded');
  await sleep(5_000);
  expect(recorder.health()).toMatchObject({ status: 'ok', detail: { captureRuns: 2 } });
  const endedAt = systemClock.now();
  const clip = await recorder.end('killed', endedAt);
  const times = await timesOf(place, clip);
  console.log(
    `ffmpeg killed: pictures missing for ${times.longestStep} ms, beeps missing ${missingBeeps(times.beeps)}`,
  );
  expect(times.first).toBeLessThanOrEqual(startedAt.wall);
  expect(Math.abs((times.last ?? 0) - endedAt.wall - 1_000)).toBeLessThan(2 * FRAME);
  expect(times.longestStep).toBeLessThan(3_500);
  expect(missingBeeps(times.beeps)).toBe(0);
  expect(Math.abs(times.lag?.median ?? 99)).toBeLessThan(40);
  // A single beep may be late on a busy machine: the stand-ins run on it, too.
  expect(Math.max(...[times.lag?.max, times.lag?.min].map((ms) => Math.abs(ms ?? 999)))).toBeLessThan(150);
});

it('keeps the sound while the camera hangs, and the pictures come back with it', async () => {
  const recorder = await withCamera(new BeepingMicrophone());
  recorder.begin('frozen', systemClock.now());
  await sleep(1_000);
  process.kill(camera?.pid ?? 0, 'SIGSTOP');
  const noticed = await eventually('degraded', 5_000, () => recorder.health().status === 'degraded');
  expect(recorder.health().reason).toMatch(/no pictures from rtsp/);
  await sleep(2_000);
  process.kill(camera?.pid ?? 0, 'SIGCONT');
  const back = await eventually('ok', 25_000, () => recorder.health().status === 'ok');
  await sleep(1_000);
  const clip = await recorder.end('frozen', systemClock.now());
  const times = await timesOf(place, clip);
  console.log(
    `camera frozen: noticed after ${noticed.toFixed(0)} ms, back ${back.toFixed(0)} ms after it moved, pictures missing for ${times.longestStep} ms, beeps missing ${missingBeeps(times.beeps)}`,
  );
  expect(times.longestStep).toBeGreaterThan(5_000);
  expect(missingBeeps(times.beeps)).toBe(0);
  const [gap, ...more] = clip.manifest.gaps;
  expect(gap?.track).toBe('video');
  expect(Math.abs((gap?.to ?? 0) - (gap?.from ?? 0) - times.longestStep)).toBeLessThan(2 * FRAME);
  expect(more).toEqual([]);
});

it('records sound alone while there is no camera', async () => {
  recorder = recorderFor(place, {
    camera: rtsp('rtsp://127.0.0.1:9/none'),
    microphone: new BeepingMicrophone(),
  });
  await started(recorder);
  recorder.begin('blind', systemClock.now());
  await sleep(2_000);
  const clip = await recorder.end('blind', systemClock.now());
  expect(clip.mediaType).toBe('audio/mp4');
  expect(recorder.health().status).toBe('degraded');
  const times = await timesOf(place, clip);
  expect(times.beeps.length).toBeGreaterThanOrEqual(5);
  expect(missingBeeps(times.beeps)).toBe(0);
});

it('gives an ffmpeg that takes its time to begin with sound alone that time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ca-slow-'));
  const path = process.env.PATH;
  const busy = '#!/bin/sh\nsleep 5\nexec /usr/bin/ffmpeg "$@"\n';
  await writeFile(join(folder, 'ffmpeg'), busy, { mode: 0o755 });
  process.env.PATH = `${folder}:${path}`;
  try {
    recorder = recorderFor(place, { camera: null, microphone: new BeepingMicrophone() });
    await started(recorder);
    expect(recorder.health()).toMatchObject({ status: 'ok', detail: { captureRuns: 1 } });
  } finally {
    process.env.PATH = path;
    await rm(folder, { recursive: true });
  }
});

it('keeps the pictures while the microphone is unplugged, silent until it is back', async () => {
  const microphone = new BeepingMicrophone();
  const recorder = await withCamera(microphone);
  recorder.begin('deaf', systemClock.now());
  await sleep(1_500);
  microphone.unplug();
  await sleep(4_000);
  expect(recorder.health()).toMatchObject({ status: 'degraded', reason: 'the microphone is unplugged' });
  microphone.plug();
  await sleep(3_000);
  const clip = await recorder.end('deaf', systemClock.now());
  const times = await timesOf(place, clip);
  expect(times.longestStep).toBeLessThan(3 * FRAME);
  expect(missingBeeps(times.beeps)).toBeGreaterThanOrEqual(3);
  const [gap, ...more] = clip.manifest.gaps;
  expect(gap?.track).toBe('audio');
  expect(Math.abs((gap?.to ?? 0) - (gap?.from ?? 0) - 4_000)).toBeLessThan(500);
  expect(more).toEqual([]);
  expect(Math.abs(times.lag?.median ?? 99)).toBeLessThan(40);
  // A single beep may be late on a busy machine: the stand-ins run on it, too.
  expect(Math.max(...[times.lag?.max, times.lag?.min].map((ms) => Math.abs(ms ?? 999)))).toBeLessThan(150);
});

it('records pictures alone, and sound alone', async () => {
  const pictures = await withCamera(null);
  pictures.begin('mute', systemClock.now());
  await sleep(1_500);
  const mute = await timesOf(place, await pictures.end('mute', systemClock.now()));
  expect(mute.beeps).toEqual([]);
  expect(mute.longestStep).toBeLessThan(3 * FRAME);
  expect(pictures.health().reason).toBe('no microphone in the config');
  await pictures.stop();

  recorder = recorderFor(place, { camera: null, microphone: new BeepingMicrophone() });
  await started(recorder);
  const startedAt = systemClock.now();
  recorder.begin('sound', startedAt);
  await sleep(2_000);
  const endedAt = systemClock.now();
  const clip = await recorder.end('sound', endedAt);
  expect(clip.mediaType).toBe('audio/mp4');
  const heard = await timesOf(place, clip);
  expect(heard.frames).toBe(0);
  expect(Math.abs(clip.preRoll - 3_000)).toBeLessThan(70);
  expect(Math.abs(heard.sound - (endedAt.mono - startedAt.mono + 4_000))).toBeLessThan(150);
  const zero = startedAt.wall - clip.preRoll;
  const offs = heard.beeps
    .map(({ at, names }) => ((zero + at) / 1000 - names) % 1)
    .map((off) => off - Math.round(off));
  expect(Math.abs(median(offs))).toBeLessThan(0.04);
});

it('encodes a camera that is not H.264, restarts its feed, and says why it is away', async () => {
  const moving = ['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10', '-c:v', 'mjpeg', '-f', 'mpjpeg', 'pipe:1'];
  recorder = recorderFor(place, {
    camera: {
      name: 'pattern',
      args: [
        ...['-use_wallclock_as_timestamps', '1', '-thread_queue_size', '512'],
        '-f',
        'mpjpeg',
        '-i',
        'pipe:4',
      ],
      feed: [
        'ffmpeg',
        '-v',
        'error',
        '-nostdin',
        '-re',
        ...moving,
        '-metadata',
        `comment=${place.ring}/feed`,
      ],
      h264: false,
      latency: 0,
    },
    microphone: null,
  });
  await started(recorder);
  recorder.begin('pattern', systemClock.now());
  await sleep(1_000);
  const [feed] = await ffmpegsWith(`${place.ring}/feed`);
  process.kill(feed ?? 0, 'SIGKILL');
  const says = () => recorder?.health().reason ?? '';
  await eventually('says why', 1_500, () => /pattern: ffmpeg ended with SIGKILL/.test(says()));
  await eventually('is back', 8_000, () => says() === 'no microphone in the config');
  const clip = await recorder.end('pattern', systemClock.now());
  expect(clip.mediaType).toBe('video/mp4');
  expect(clip.duration).toBeGreaterThan(5_000);
});

it('makes no clip where nothing was captured, and starts all the same', async () => {
  recorder = recorderFor(place, { camera: rtsp('rtsp://127.0.0.1:9/none'), microphone: null });
  await recorder.start(AbortSignal.timeout(60_000));
  const startedAt = systemClock.now();
  recorder.begin('nothing', startedAt);
  await sleep(500);
  const end = recorder.end('nothing', systemClock.now(), { now: true });
  await expect(end).rejects.toMatchObject({ code: 'CA_CLIP_NOT_COVERED' });
  await eventually('degraded', 3_000, () => /rtsp/.test(recorder?.health().reason ?? ''));
});

it('refuses a ring on a disk, and touches nothing there', async () => {
  const disk = await mkdtemp(join(tmpdir(), 'disk-'));
  const kept = join(disk, 'front', 'timeline-1');
  await mkdir(kept, { recursive: true });
  for (const ring of [disk, join(disk, 'new')]) {
    const onDisk = recorderFor({ ...place, ring }, { camera: null, microphone: new BeepingMicrophone() });
    const start = onDisk.start(AbortSignal.timeout(60_000));
    await expect(start).rejects.toMatchObject({ code: 'CA_RING_NOT_IN_RAM' });
    await onDisk.stop();
  }
  expect(existsSync(kept)).toBe(true);
  expect(existsSync(join(disk, 'new'))).toBe(false);
  await rm(disk, { recursive: true });
});

it('leaves no ffmpeg behind when the service is killed, and the next service makes the clip', async () => {
  camera = await startRtspCamera();
  const script = join(import.meta.dirname, 'recorder-process.ts');
  const service: ChildProcess = spawn(
    process.execPath,
    [script, place.ring, place.folder, place.secret, camera.url],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = await once(createInterface(service.stdout as NodeJS.ReadableStream), 'line');
  const startedAt = JSON.parse(line);
  await sleep(3_000);
  const killedAt = systemClock.now();
  service.kill('SIGKILL');
  await once(service, 'exit');
  let orphans = await ffmpegsWith(place.ring);
  for (const began = systemClock.now().mono; orphans.length > 0; orphans = await ffmpegsWith(place.ring)) {
    expect(systemClock.now().mono - began).toBeLessThan(3_000);
    await sleep(50);
  }

  recorder = recorderFor(place, { camera: rtsp(camera.url), microphone: new BeepingMicrophone() });
  const clip = await recorder.recover('c-1', startedAt, killedAt.mono);
  const times = await timesOf(place, clip);
  const lost = killedAt.wall - (times.last ?? 0);
  console.log(`service killed: the clip ends ${lost} ms before`);
  expect(times.first).toBeLessThanOrEqual(startedAt.wall - 3_000 + FRAME);
  expect(lost).toBeLessThan(1_000);
  expect(times.beeps.length).toBeGreaterThanOrEqual(5);

  await expect(recorder.recover('c-0', { mono: 0, wall: 0 }, 1)).rejects.toMatchObject({
    code: 'CA_CLIP_NOT_COVERED',
  });
});
