import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { indexOf } from '../../device/recording/ts-index.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import { type RangeServer, serveRanges } from '../stand-ins/range-server.ts';
import { CAMERA, clipOf, MICROPHONE, segmentsOf, timesIn } from './segments.ts';

/** Clips of the muxer and their head in a browser. */
let folder: string;
let server: RangeServer;
let browser: Browser;
let page: Page;
let both: Buffer[];
/** Five minutes of sound after them, and then larger pictures. */
let alone: Buffer[];
let large: Buffer[];

beforeAll(async () => {
  folder = await mkdtemp('/dev/shm/ca-muxer-');
  server = await serveRanges(folder);
  browser = await launchChromium();
  page = await browser.newPage();
  await page.addInitScript(PLAYER);
  await page.goto(server.url);
  both = await segmentsOf(folder, { video: CAMERA, audio: MICROPHONE, at: 100, seconds: 12 });
  alone = await segmentsOf(folder, { audio: MICROPHONE, at: 112.1, seconds: 300 });
  const encode = ['libx264', '-preset', 'ultrafast', '-g', '15', '-vf', 'scale=800:600'];
  large = await segmentsOf(folder, { video: CAMERA, audio: MICROPHONE, at: 412.2, seconds: 4, encode });
});
afterAll(async () => {
  await browser?.close();
  server?.stop();
  await rm(folder, { recursive: true });
});

const FRAME = 1 / 15;
/** Bytes. */
const SOON = 500_000;

/** A script for the browser: the project has no types of one. */
const PLAYER = `
  let media;
  let shown;
  const told = (name) => new Promise((resolve, reject) => {
    media.addEventListener(name, resolve, { once: true });
    media.addEventListener('error', () => reject(new Error(media.error.message)), { once: true });
  });
  // What is shown is told a moment after it is there.
  const picture = async () => {
    for (let waited = 0; shown.length === 0 && media.videoWidth && waited < 2000; waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  globalThis.player = {
    async open(kind, preload, src) {
      media?.remove();
      media = document.createElement(kind);
      Object.assign(media, { muted: true, preload });
      document.body.append(media);
      shown = [];
      const own = media;
      const look = (_now, { mediaTime, width }) => {
        if (own === media) shown.push({ at: mediaTime, width });
        own.requestVideoFrameCallback(look);
      };
      media.requestVideoFrameCallback?.(look);
      const known = told(preload === 'auto' ? 'canplay' : 'loadedmetadata');
      // Of an address that it knows Chromium would go on with the answer it has.
      media.src = src + '?' + performance.now();
      await known;
      if (preload === 'auto') await picture();
      return media.duration;
    },
    async seek(to) {
      const there = told('seeked');
      shown = [];
      media.currentTime = to;
      await there;
      await picture();
      return shown.at(-1);
    },
    async play() {
      const ended = told('ended');
      await media.play();
      await ended;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { last: shown.at(-1), at: media.currentTime };
    },
  };`;

interface Picture {
  at: number;
  width: number;
}
interface Played {
  last?: Picture;
  at: number;
}

function player<Result>(name: 'open' | 'seek' | 'play', ...args: (string | number)[]): Promise<Result> {
  return page.evaluate<Result>(`player.${name}(...${JSON.stringify(args)})`);
}

const clip = (name: string) => join(folder, `${name}.mp4`);
const open = (name: string, kind = 'video') => player<number>('open', kind, 'auto', `/${name}.mp4`);
const seek = (to: number) => player<Picture>('seek', to);

async function expectShown(at: number): Promise<void> {
  const shown = await seek(at);
  expect(shown.at, `the picture at ${at}`).toBeGreaterThan(at - FRAME - 0.001);
  expect(shown.at, `the picture at ${at}`).toBeLessThan(at + 0.001);
}

/** The duration, when the player is given no more than the beginning. */
async function knownSoon(name: string): Promise<number> {
  expect((await stat(clip(name))).size).toBeGreaterThan(4 * SOON);
  server.most = SOON;
  const duration = await player<number>('open', 'video', 'metadata', `/${name}.mp4`);
  server.most = Number.POSITIVE_INFINITY;
  return duration;
}

it('plays pictures and sound to the last picture, and finds any', async () => {
  const from = indexOf(both[1] as Buffer).video?.keys[1] ?? 0;
  await clipOf(both, from, from + 4.01, clip('both'));
  const last = (await timesIn(clip('both'))).video.at(-1) ?? 0;
  expect(Math.abs((await open('both')) - last - FRAME)).toBeLessThan(FRAME);
  for (const at of [2.51, 0.33, 3.95]) await expectShown(at);
  await seek(0);
  const { last: shown, at } = await player<Played>('play');
  expect(shown?.at).toBeCloseTo(last, 3);
  expect(at).toBeGreaterThan(last);
});

it('plays pictures without sound', async () => {
  const segments = await segmentsOf(folder, { video: CAMERA, at: 50, seconds: 4 });
  const from = indexOf(segments[0] as Buffer).video?.keys[1] ?? 0;
  await clipOf(segments, from, 100, clip('seen'));
  expect(await open('seen')).toBeCloseTo(3, 2);
  for (const at of [2.01, 0.5, 2.95]) await expectShown(at);
  const { last: shown } = await player<Played>('play');
  expect(shown?.at).toBeCloseTo(3 - FRAME, 3);
});

it('plays sound without pictures', async () => {
  const segments = await segmentsOf(folder, { audio: MICROPHONE, at: 50, seconds: 6 });
  await clipOf(segments, 51, 54, clip('heard'));
  expect(Math.abs((await open('heard', 'audio')) - 3)).toBeLessThan(0.1);
  for (const at of [2.1, 0.4, 1.2]) await player('seek', at);
  const { at } = await player<Played>('play');
  expect(Math.abs(at - 3)).toBeLessThan(0.1);
});

it('goes on through five minutes without pictures, and with larger ones after', async () => {
  const from = indexOf(both[0] as Buffer).video?.keys[0] ?? 0;
  await clipOf([...both, ...alone, ...large], from, 1000, clip('away'));
  const { video } = await timesIn(clip('away'));
  const last = video.at(-1) ?? 0;
  expect(Math.abs((await knownSoon('away')) - last - FRAME)).toBeLessThan(FRAME);
  await open('away');
  await expectShown(5);
  // What is shown in the gap is the picture before it.
  expect((await seek(200)).at).toBeCloseTo(video.findLast((time) => time < 200) ?? 0, 3);
  await seek(last - 1);
  const { last: shown } = await player<Played>('play');
  expect(shown?.at).toBeCloseTo(last, 3);
  expect((await seek(last - 1)).width).toBe(800);
});

it('finds the pictures of a clip that began as sound', async () => {
  await clipOf([...alone, ...large], 115, 1000, clip('late'));
  const { video } = await timesIn(clip('late'));
  const [first = 0, last = 0] = [video[0], video.at(-1)];
  expect(Math.abs((await knownSoon('late')) - last - FRAME)).toBeLessThan(FRAME);
  await open('late');
  for (const at of [last - 0.02, first + 2.51, first + 0.52]) await expectShown(at);
});

it('knows at once how long a clip is whose fragments are too many for the index, and finds its pictures', async () => {
  const rare = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=1'];
  const encode = ['libx264', '-preset', 'ultrafast', '-g', '1', '-qp', '40', '-pix_fmt', 'yuv420p'];
  const segments = await segmentsOf(folder, { video: rare, at: 10, seconds: 6000, encode });
  const from = indexOf(segments[0] as Buffer).video?.keys[0] ?? 0;
  const fragments = await clipOf(segments, from, 7000, clip('long'));
  expect(fragments.length).toBe(6000);
  expect((await stat(clip('long'))).size).toBeGreaterThan(20 * SOON);
  expect(await knownSoon('long')).toBeCloseTo(6000, 0);
  await open('long');
  for (const at of [5998.5, 17.5, 3001.5, 5431.5]) expect((await seek(at)).at).toBeCloseTo(at - 0.5, 3);
});
