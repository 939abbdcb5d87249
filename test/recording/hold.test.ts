import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import { CaError } from '../../device/errors.ts';
import { createLog } from '../../device/log.ts';
import type { Recorder, RecorderOptions } from '../../device/recording/recorder.ts';
import type { Lamp } from '../../drivers/types.ts';
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

vi.setConfig({ testTimeout: 60_000 });

/** ffmpeg is killed when it has not ended after 2 s: it is not to come to that. */
const DARK_WITHIN = 1_500;

/** A run's sound begins with an empty frame (ms). */
const AAC_FRAME = 64;

let camera: RtspCamera;
let place: Place;
let microphone: BeepingMicrophone;
let recorder: Recorder;

beforeAll(async () => {
  camera = await startRtspCamera({ size: '320x240' });
});
afterAll(() => camera.stop());

beforeEach(() => {
  place = placeAt();
  microphone = new BeepingMicrophone();
});
afterEach(async () => {
  await recorder.stop();
  await place.remove();
});

function newRecorder(options: Partial<RecorderOptions> = {}): Recorder {
  recorder = recorderFor(place, { camera: rtsp(camera.url), microphone, ...options });
  return recorder;
}

const now = () => systemClock.now();
const detail = () => recorder.health().detail ?? {};
const live = (within = 20_000) => eventually('pictures or sound', within, () => recorder.live);

/** Nothing is captured any more: returns when that was known. */
async function dark(why: 'veto' | 'pause'): Promise<Instant> {
  const asked = now();
  await recorder.hold(why);
  const held = now();
  console.log(`dark ${(held.mono - asked.mono).toFixed(0)} ms after a ${why}`);
  expect(held.mono - asked.mono).toBeLessThan(DARK_WITHIN);
  return held;
}

/** Files below a folder of which the name holds `text`. */
async function files(folder: string, text = ''): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && entry.name.includes(text)).map(({ name }) => name);
}
const inRing = () => files(place.ring);

/** What is left of a contact, wherever. */
async function left(contactId: string): Promise<string[]> {
  const spooled = (await place.spool.contacts()).filter((id) => id === contactId);
  return [...spooled, ...(await files(join(place.folder, 'clips'), contactId))];
}

it('lets go of camera and microphone, leaves nothing in RAM, and goes on when it may', async () => {
  await started(newRecorder());
  expect(recorder.live).toBe(true);
  await dark('pause');
  expect(microphone.health().status).toBe('degraded');
  expect(await ffmpegsWith(place.ring)).toEqual([]);
  expect(recorder.live).toBe(false);
  expect(detail()).toMatchObject({ segments: 0, ringBytes: 0, held: 'pause' });
  expect(await inRing()).toEqual([]);
  await sleep(3_000);
  expect(await ffmpegsWith(place.ring)).toEqual([]);
  expect(await inRing()).toEqual([]);
  // What is wanted is not wrong.
  expect(recorder.health()).toMatchObject({ status: 'ok' });
  // Another reason stands for itself.
  await dark('veto');
  recorder.release('pause');
  await sleep(1_000);
  expect(await ffmpegsWith(place.ring)).toEqual([]);
  recorder.release('veto');
  await live();
  expect(microphone.health().status).toBe('ok');
  await eventually('segments', 10_000, () => Number(detail().segments) > 0);
  expect(detail()).toMatchObject({ held: '' });
});

it('makes one clip of a contact in whose midst the capture was held, and tells the gap', async () => {
  await started(newRecorder());
  const startedAt = now();
  recorder.begin('c', startedAt);
  await sleep(3_000);
  const held = await dark('pause');
  await sleep(4_000);
  const released = now();
  recorder.release('pause');
  await live();
  await sleep(4_000);
  const endedAt = now();
  const clip = await recorder.end('c', endedAt);
  const times = await timesOf(place, clip);

  const within = times.taken.filter((taken) => taken > held.wall && taken < released.wall);
  expect(within).toEqual([]);
  expect(times.complaints).toEqual([]);
  expect(times.first).toBeLessThanOrEqual(startedAt.wall - 3_000 + FRAME);
  expect(Math.abs((times.last ?? 0) - endedAt.wall - 1_000)).toBeLessThan(2 * FRAME);
  // After the gap sound and pictures are where they belong.
  expect(Math.abs(times.lag?.median ?? 99)).toBeLessThan(40);
  const { gaps, preRoll, endError, tracks } = clip.manifest;
  expect(tracks).toEqual(['video', 'audio']);
  expect(Math.abs(preRoll - clip.preRoll)).toBeLessThan(1);
  expect(Math.abs(endError)).toBeLessThan(FRAME);
  expect(gaps.map(({ track }) => track).sort()).toEqual(['audio', 'video']);
  const begins = startedAt.mono - preRoll;
  for (const { from, to } of gaps) {
    expect(begins + from).toBeLessThanOrEqual(held.mono);
    expect(begins + from).toBeGreaterThan(held.mono - DARK_WITHIN);
    expect(begins + to).toBeGreaterThanOrEqual(released.mono - AAC_FRAME - 1);
    expect(begins + to).toBeLessThan(released.mono + 3_000);
  }
  const silent = times.beeps.filter(({ at }) => begins + at > held.mono && begins + at < released.mono);
  expect(silent).toEqual([]);

  // Settled, and not kept.
  expect(await left('c')).toEqual(['c', 'c.mp4']);
  await recorder.discard('c');
  expect(await left('c')).toEqual([]);
});

it('leaves nothing of a patient who does not want it, and nothing of it comes into the next clip', async () => {
  await started(newRecorder());
  recorder.begin('unwanted', now());
  await sleep(5_000);
  expect(await place.spool.contacts()).toEqual(['unwanted']);
  const held = await dark('veto');
  await recorder.discard('unwanted');
  expect(await left('unwanted')).toEqual([]);
  expect(await inRing()).toEqual([]);
  // The patient goes on talking.
  await sleep(2_000);
  const released = now();
  recorder.release('veto');
  await sleep(500);
  const startedAt = now();
  recorder.begin('next', startedAt);
  await live();
  await sleep(4_000);
  const clip = await recorder.end('next', now());
  const times = await timesOf(place, clip);
  expect(times.first).toBeGreaterThan(released.wall);
  expect(clip.preRoll).toBeLessThanOrEqual(startedAt.mono - held.mono);
  const begins = startedAt.wall - clip.manifest.preRoll;
  for (const { at } of times.beeps) expect(begins + at).toBeGreaterThan(released.wall - 100);
  expect(await left('unwanted')).toEqual([]);
});

it('leaves nothing of a patient who has just left, whose clip is on its way', async () => {
  await started(newRecorder());
  recorder.begin('unwanted', now());
  await sleep(5_000);
  const clip = recorder.end('unwanted', now());
  clip.catch(() => {});
  await sleep(300);
  const asked = now();
  const rest = recorder.hold('veto').then(() => recorder.release('veto'));
  await recorder.discard('unwanted');
  expect(now().mono - asked.mono).toBeLessThan(1_000);
  await rest;
  // Of the run before.
  expect(await files(place.ring, '000001-')).toEqual([]);
  await expect(clip).rejects.toMatchObject({ code: 'CA_CLIP_NOT_COVERED' });
  expect(await left('unwanted')).toEqual([]);
  // That there is no clip is as it was wanted.
  await live();
  await eventually('ok', 5_000, () => recorder.health().status === 'ok');
});

it('leaves nothing of a patient who did not want it and left at that moment, before the capture was at rest', async () => {
  await started(newRecorder());
  // Still being cut, so that the ring keeps what it needs.
  recorder.begin('before', now());
  await sleep(3_000);
  const before = recorder.end('before', now());
  recorder.begin('unwanted', now());
  await sleep(500);
  const asked = now();
  const rest = recorder.hold('veto');
  recorder.release('veto');
  await recorder.discard('unwanted');
  await rest;
  const held = now();
  expect(held.mono - asked.mono).toBeLessThan(DARK_WITHIN + 2_000);
  expect(await left('unwanted')).toEqual([]);
  const startedAt = now();
  recorder.begin('next', startedAt);
  await live();
  await sleep(4_000);
  const next = await timesOf(place, await recorder.end('next', now()));
  expect(next.first).toBeGreaterThan(asked.wall);
  const times = await timesOf(place, await before);
  expect(times.last).toBeLessThan(held.wall);
  expect(recorder.live).toBe(true);
});

it('captures nothing before its lamp has been lit, nor after it has gone out', async () => {
  const lamp: Lamp & { plugged: boolean; lit: boolean } = {
    ...{ name: 'gpio 21', plugged: false, lit: false },
    async set(lit) {
      if (!this.plugged) throw new CaError('CA_LAMP_FAILED', 'gpio 21 cannot be set');
      this.lit = lit;
    },
    async read() {
      return this.plugged && this.lit;
    },
    async close() {},
  };
  await newRecorder({ lamp, log: createLog('fatal') }).start(AbortSignal.timeout(60_000));
  await sleep(2_000);
  expect(await ffmpegsWith(place.ring)).toEqual([]);
  expect(recorder.health()).toMatchObject({ status: 'degraded', detail: { lamp: 'failed', held: 'lamp' } });
  lamp.plugged = true;
  await live();
  await eventually('light', 600, () => lamp.lit);
  lamp.plugged = false;
  await eventually('dark', 6_000 + DARK_WITHIN, () => !recorder.live);
  expect(await ffmpegsWith(place.ring)).toEqual([]);
  expect(microphone.health().status).toBe('degraded');
  lamp.plugged = true;
  await live();
  await eventually('light', 600, () => lamp.lit);
  await recorder.stop();
  expect(lamp.lit).toBe(false);
  expect(microphone.health().status).toBe('degraded');
});
