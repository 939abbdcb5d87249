import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { FinishedClip } from '../../device/recording/manifest.ts';
import type { Recorder } from '../../device/recording/recorder.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { contact, putContacts, readyClip } from '../review/contacts.ts';
import { type PageRig, startPage } from '../review/rig.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import type { ClipTimes } from '../stand-ins/clip-times.ts';
import { type RtspCamera, startRtspCamera } from '../stand-ins/rtsp-camera.ts';
import {
  BeepingMicrophone,
  FRAME,
  type Place,
  placeAt,
  recorderFor,
  rtsp,
  sleep,
  started,
  timesOf,
} from './rig.ts';

/** Clips of the recorder, as they come out of the vault through the page's server into a browser. */
let place: Place;
let camera: RtspCamera;
let rig: PageRig;
let browser: Browser;
let page: Page;
const recorders: Recorder[] = [];
const clips = new Map<string, FinishedClip>();

async function record(desk: string, camera: RtspCamera | null, lasts: number): Promise<void> {
  const source = camera && rtsp(camera.url);
  const recorder = recorderFor(place, { desk, camera: source, microphone: new BeepingMicrophone() });
  recorders.push(recorder);
  await started(recorder);
  recorder.begin(desk, systemClock.now());
  await sleep(lasts);
  clips.set(desk, await recorder.end(desk, systemClock.now()));
}

beforeAll(async () => {
  place = placeAt();
  camera = await startRtspCamera();
  await Promise.all([record('seen', camera, 8_000), record('heard', null, 2_000)]);
  rig = await startPage({ clips: place.vault });
  for (const [id, { file, mediaType, duration, bytes }] of clips) {
    const clip = readyClip(id, { file, mediaType, duration, bytes });
    putContacts(rig, contact(id, Date.now() - 60_000, { pressed: [[60, 1]], clip }));
  }
  browser = await launchChromium();
  page = await browser.newPage();
  await page.addInitScript({ path: join(import.meta.dirname, 'player.js') });
  await page.goto(rig.url);
});
afterAll(async () => {
  await browser?.close();
  await rig?.stop();
  for (const recorder of recorders) await recorder.stop();
  await camera.stop();
  await place.remove();
});

const address = (id: string) => `/api/contacts/${id}/clip`;

/** Calls a function of player.js. */
function player<Result>(name: 'open' | 'play' | 'seek', ...args: (string | number)[]): Promise<Result> {
  return page.evaluate<Result>(`player.${name}(...${JSON.stringify(args)})`);
}

async function seen(): Promise<ClipTimes & { first: number; last: number }> {
  const times = await timesOf(place, clips.get('seen') ?? { file: '' });
  const { first, last } = times;
  if (first === null || last === null) throw new Error('no pictures');
  return { ...times, first, last };
}

it('plays in Chromium from the first picture to the last', async () => {
  const times = await seen();
  const opened = await player<{ first: number; duration: number }>('open', 'video', address('seen'));
  expect(opened.first).toBe(times.first);
  const length = times.last - times.first + FRAME;
  expect(Math.abs(opened.duration * 1000 - length)).toBeLessThan(2 * FRAME);
  expect(Math.abs((clips.get('seen')?.duration ?? 0) - length)).toBeLessThan(2 * FRAME);

  const { times: shown, at, last } = await player<{ times: number[]; at: number; last: number }>('play');
  const steps = shown.slice(1).map((time, n) => time - (shown[n] ?? 0));
  console.log(
    `shown ${shown.length} of ${times.frames} pictures, longest step ${(Math.max(...steps) * 1000).toFixed(0)} ms`,
  );
  expect(last).toBe(times.last);
  expect(at).toBeCloseTo(opened.duration, 1);
  expect(Math.min(...steps)).toBeGreaterThan(0);
  // A busy machine leaves some out; none is missing for long.
  expect(shown.length).toBeGreaterThan(times.frames * 0.7);
  expect(Math.max(...steps) * 1000).toBeLessThan(times.longestStep + 6 * FRAME);
});

it('shows the picture of the moment that is sought', async () => {
  const { taken, shown, length } = await seen();
  await player('open', 'video', address('seen'));
  for (const share of [0.5, 0.9, 0.25, 0.97, 0.02, 0.66]) {
    const at = share * length;
    const there = await player<number>('seek', at / 1000);
    const wanted = shown.findLastIndex((time) => time <= at);
    expect(taken.slice(wanted - 1, wanted + 2), `${at.toFixed(0)} ms`).toContain(there);
  }
});

it('plays sound alone to its end', async () => {
  const clip = clips.get('heard');
  expect(clip?.mediaType).toBe('audio/mp4');
  const { duration } = await player<{ duration: number }>('open', 'audio', address('heard'));
  expect(Math.abs(duration * 1000 - (clip?.duration ?? 0))).toBeLessThan(100);
  const { at } = await player<{ at: number }>('play');
  expect(at).toBeCloseTo(duration, 1);
});

it('gives any range as it is in the whole', async () => {
  const fetched = async (range?: string) => {
    const answer = await fetch(`${rig.url}${address('seen')}`, range ? { headers: { range } } : {});
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const { bytes: whole } = await fetched();
  const end = whole.length - 1;
  expect(whole.length).toBe(clips.get('seen')?.bytes);
  expect(whole.length).toBeGreaterThan(4 * CHUNK);
  for (const [from, to] of [
    [0, 0],
    [100, 199],
    [CHUNK - 1, CHUNK],
    [CHUNK, 2 * CHUNK - 1],
    [CHUNK + 17, 3 * CHUNK + 5],
    [end - 9, end],
    [end - CHUNK - 3, end],
  ] as const) {
    const { status, bytes } = await fetched(`bytes=${from}-${to}`);
    expect(status).toBe(206);
    expect(bytes.equals(whole.subarray(from, to + 1)), `bytes ${from} to ${to}`).toBe(true);
  }
  const { bytes: tail } = await fetched('bytes=-1000');
  expect(tail.equals(whole.subarray(-1000))).toBe(true);
});
