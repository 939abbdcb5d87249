import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ManualClock, systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { ReviewServer } from '../../device/review/server.ts';
import type { DeskPresence } from '../../device/review/sources.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import { busyDay } from './busy-day.ts';
import { ContactsStandIn, clipsIn, contact, presence, readyClip, score } from './stand-in.ts';

const run = promisify(execFile);
/** Where the pictures go; kept for whoever wants to look. */
const PICTURES = process.env.PAGE_PICTURES ?? join(tmpdir(), 'contact-analyzer-page');
/** A quiet working day's noon: the pictures do not depend on when they are taken. */
const NOON = new Date(2026, 10, 20, 12, 20, 13).getTime();

let folder: string;
let browser: Browser;
let server: ReviewServer;
let contacts: ContactsStandIn;
let desks: DeskPresence[];
let context: BrowserContext;
let page: Page;
let complaints: string[];
let requests: URL[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-clips-'));
  const ffmpeg = (...args: string[]) => run('ffmpeg', ['-v', 'error', '-f', 'lavfi', ...args]);
  const picture = 'gradients=s=640x480:r=15:d=24:speed=0.02:seed=7,format=yuv420p';
  const tone = 'sine=frequency=330:sample_rate=16000';
  await ffmpeg(
    ...['-i', picture, '-f', 'lavfi', '-i', `${tone}:duration=24`, '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-g', '15', '-c:a', 'aac', '-movflags', '+faststart', join(folder, 'clip.mp4')],
  );
  await ffmpeg(
    '-i',
    `${tone}:duration=20`,
    '-c:a',
    'aac',
    '-movflags',
    '+faststart',
    join(folder, 'clip.m4a'),
  );
  // A clip too big to be fetched at once, so that seeking needs a range: few pictures, all noise.
  await ffmpeg(
    ...['-i', 'nullsrc=s=640x480:r=3:d=60,geq=random(1)*255:128:128,format=yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '10', '-g', '3', '-movflags', '+faststart'],
    join(folder, 'long.mp4'),
  );
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

async function serve(clock = systemClock): Promise<void> {
  contacts = new ContactsStandIn();
  desks = [presence('front', clock.now().wall - 240_000)];
  server = new ReviewServer({
    ...{ host: '127.0.0.1', port: 0, device: 'reception-1', contacts, clips: clipsIn(folder), clock },
    desks: () => desks,
    health: () => ({}),
    log: createLog('error'),
  });
  await server.start(new AbortController().signal);
}

async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
  context = await browser.newContext(options);
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(new URL(request.url())));
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => console.error('policy:', event.violatedDirective));`,
  );
  await page.goto(`${server.url}/`);
  await page.locator('#link[data-state=live]').waitFor();
}

beforeEach(() => {
  complaints = [];
  requests = [];
});
afterEach(async () => {
  await context.close();
  await server.stop();
});

/** Nothing in the console, no breach of the policy, and not one request to anywhere else. */
function expectQuiet(): void {
  expect(complaints).toEqual([]);
  expect(new Set(requests.map(({ origin }) => origin))).toEqual(new Set([server.url]));
}

const figure = (name: string) => page.locator(`[data-figure=${name}] .value`);
/** A property of the player's <video> or <audio>. */
const media = (name: 'readyState' | 'currentTime' | 'duration' | 'paused' | 'error') =>
  page.locator('#detail :is(video, audio)').evaluate((node, key): unknown => Reflect.get(node, key), name);
const time = () => media('currentTime');
const row = (id: string) => page.locator(`li[data-id=${id}] button`);

test('contacts come and change without a reload', async () => {
  await serve();
  await open();
  expect(await page.locator('#empty').isVisible()).toBe(true);
  expect(await figure('support').textContent()).toBe('–');
  await page.evaluate(() => Object.assign(globalThis, { loadedOnce: true }));

  const start = Date.now() - 20_000;
  const open1 = { state: 'open', endedAt: null, duration: null, endReason: null, served: false } as const;
  contacts.put(contact('a', start, open1));
  await row('a').waitFor();
  expect(await row('a').textContent()).toContain('At the desk');
  expect(await page.locator('#empty').isVisible()).toBe(false);
  await row('a').getByText('22 s').waitFor();

  contacts.put(contact('a', start, { duration: 15_000, pressed: [[12, 5]] }));
  await row('a').getByText('Positive').waitFor();
  expect(await figure('support').textContent()).toBe('100 %');
  expect(await page.locator('[data-figure=support] .interval').textContent()).toContain('21–100 %');

  contacts.put(contact('b', start + 18_000, { duration: 12_000, pressed: [[9, 1]] }));
  await row('b').getByText('Negative').waitFor();
  expect(await figure('support').textContent()).toBe('50 %');
  expect(await figure('dissatisfaction').textContent()).toBe('50 %');
  expect(await figure('served').textContent()).toBe('2');
  expect(
    await page.locator('#list li').evaluateAll((rows) => rows.map((node) => node.getAttribute('data-id'))),
  ).toEqual(['b', 'a']);
  expect(await page.title()).toMatch(/^2 contacts today/);

  desks = [presence('front', Date.now(), 'c')];
  server.notifyChanged();
  await page.locator('[data-desk=front][data-present=true]').waitFor();
  expect(await page.evaluate(() => 'loadedOnce' in globalThis)).toBe(true);
  expectQuiet();
});

test('a clip opens by keyboard at the arrival, plays, and plays on when its contact changes', async () => {
  await serve();
  const start = Date.now() - 30_000;
  const clip = readyClip('a', { duration: 24_000, preRoll: 3_000 });
  const scores = [score('a', 0.5, 0.3, 0.2)];
  contacts.put(
    contact('b', start - 60_000),
    contact('a', start, { duration: 9_000, pressed: [[7, 1]], clip, scores }),
  );
  await open();
  await row('a').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');

  await expect.poll(time).toBe(3);
  expect(await media('duration')).toBeCloseTo(24, 0);
  expect(await page.locator('video:focus').count()).toBe(1);

  await page.keyboard.press('Space');
  await expect.poll(time).toBeGreaterThan(3.5);

  // The list changes while the clip plays: it plays on.
  contacts.put(
    contact('a', start, {
      duration: 9_000,
      pressed: [
        [7, 1],
        [8, 5],
      ],
      clip,
      scores,
    }),
  );
  await page.locator('.mark[data-tag=positive]').waitFor();
  expect(await media('paused')).toBe(false);
  expect(await time()).toBeGreaterThan(3.5);

  // Where models say that it is worth a look.
  await page.getByRole('button', { name: 'The face looked negative from +0:04 to +0:07: go there' }).click();
  await expect.poll(time).toBeGreaterThanOrEqual(6.5);
  expect(await time()).toBeLessThan(9);

  await page.getByRole('button', { name: 'Press 1, negative, at +0:07' }).click();
  await expect.poll(time).toBeGreaterThanOrEqual(10);
  expect(await media('error')).toBeNull();

  await page.keyboard.press('Escape');
  expect(await page.locator('li[data-id=a] button:focus').count()).toBe(1);
  expectQuiet();
});

test('a long clip is not fetched whole: seeking asks for a range', async () => {
  await serve();
  const start = Date.now() - 60_000;
  const clip = readyClip('a', { file: 'long.mp4', duration: 60_000, preRoll: 3_000 });
  contacts.put(contact('a', start, { duration: 55_000, pressed: [[50, 1]], clip }));
  await open();
  const answers: [status: number, from: number, of: number][] = [];
  page.on('response', (answer) => {
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers()['content-range'] ?? '');
    if (range) answers.push([answer.status(), Number(range[1]), Number(range[2])]);
  });
  await row('a').click();
  await expect.poll(time).toBe(3);
  await page.getByRole('button', { name: 'Press 1, negative, at +0:50' }).click();
  await expect.poll(time).toBe(53);
  await expect.poll(() => media('readyState')).toBeGreaterThanOrEqual(2);
  expect(answers.some(([status, from, of]) => status === 206 && from > of / 2)).toBe(true);
  expectQuiet();
});

test('says that the connection is lost, and catches up when the device is back', async () => {
  await serve();
  await open();
  const port = Number(new URL(server.url ?? '').port);
  await server.stop();
  await page.getByText('Connection lost: the device does not answer').waitFor();

  server = new ReviewServer({
    ...{
      host: '127.0.0.1',
      port,
      device: 'reception-1',
      contacts,
      clips: clipsIn(folder),
      clock: systemClock,
    },
    desks: () => desks,
    health: () => ({}),
    log: createLog('error'),
  });
  await server.start(new AbortController().signal);
  contacts.put(contact('meanwhile', Date.now() - 1_000));
  await row('meanwhile').waitFor();
  expect(await page.locator('#lost').isVisible()).toBe(false);
});

test.each([
  ['light', 1280, 800],
  ['dark', 1280, 800],
  ['light', 820, 1180],
  ['dark', 820, 1180],
] as const)('a busy day fits: %s, %i × %i', async (colorScheme, width, height) => {
  await serve(new ManualClock({ mono: 0, wall: NOON }));
  desks = [
    presence('front', NOON - 48_000, 'open'),
    presence('admission', NOON - 9_000),
    presence('cashier', NOON - 24 * 60_000),
  ];
  contacts.put(...busyDay(NOON));
  await open({ colorScheme, viewport: { width, height } });
  const name = `${colorScheme}-${width}x${height}`;
  await page.screenshot({ path: join(PICTURES, `${name}-list.png`) });
  await row('complaint').click();
  await expect.poll(time).toBe(3);
  await expect.poll(() => media('readyState')).toBe(4);
  await page.getByText('The face, told for 74 % of the time: negative').waitFor();
  // Chromium's turning ring stays a moment longer than its wait.
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  expect(await page.locator('html').evaluate((html): unknown => Reflect.get(html, 'scrollWidth'))).toBe(
    width,
  );
  for (const [id, words] of [
    ['failed', 'The clip could not be made: nothing was captured'],
    ['erased', 'The clip was deleted to make room for others.'],
    ['outage', 'Ended by power loss · Clock not trusted'],
  ] as const) {
    await row(id).dispatchEvent('click');
    await page.locator('#detail').getByText(words).waitFor();
  }
  await row('by-ear').dispatchEvent('click');
  await expect.poll(time).toBe(2);
  expectQuiet();
});
