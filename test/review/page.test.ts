import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Clock, ManualClock } from '../../device/clock.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import { busyDay } from './busy-day.ts';
import { contact, presence, putContacts } from './contacts.ts';
import { keepPicture } from './keep-picture.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

/** A quiet working day's noon: the pictures do not depend on when they are taken. */
const NOON = new Date(2026, 10, 20, 12, 20, 13).getTime();

let browser: Browser;
let rig: PageRig;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let requests: URL[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(() => {
  complaints = [];
  requests = [];
});
afterEach(async () => {
  await context.close();
  await rig.stop();
});

async function open(
  options: Parameters<Browser['newContext']>[0] & { clock?: Clock } = {},
  prepare: () => void = () => {},
): Promise<void> {
  const { clock, ...look } = options;
  rig = await startPage(clock ? { clock } : {});
  prepare();
  context = await browser.newContext({ locale: 'en-GB', ...look });
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(new URL(request.url())));
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => console.error('policy:', event.violatedDirective));`,
  );
  await page.goto(`${rig.url}/today`);
  await figure('served').waitFor();
}

/** Nothing in the console, no breach of the policy, and not one request to anywhere else. */
function expectQuiet(): void {
  expect(complaints).toEqual([]);
  expect(new Set(requests.map(({ origin }) => origin))).toEqual(new Set([rig.url]));
}

const figure = (name: string) => page.locator(`[data-figure=${name}] .today-value`);
const row = (id: string) => page.locator(`tr[data-id=${id}]`);

test('contacts come and change without a reload', async () => {
  await open();
  await page.getByText('No contact yet today').waitFor();
  expect(await figure('support').textContent()).toBe('–');
  await page.evaluate(() => Object.assign(globalThis, { loadedOnce: true }));
  const asked: (string | undefined)[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/today')) asked.push(request.headers()['x-by-itself']);
  });

  const start = Date.now() - 20_000;
  const open1 = { state: 'open', endedAt: null, duration: null, endReason: null, served: false } as const;
  putContacts(rig, contact('a', start, open1));
  await row('a').getByText('At the desk').waitFor();
  await row('a')
    .getByText(/0:(2[2-9]|[3-5]\d)/)
    .waitFor();

  putContacts(rig, contact('a', start, { duration: 15_000, pressed: [[12, 5]] }));
  await row('a').getByText('Positive').waitFor();
  expect(await figure('support').textContent()).toBe('100%');
  expect(await page.locator('[data-figure=support] .today-interval').textContent()).toContain('21–100%');

  putContacts(rig, contact('b', start + 18_000, { duration: 12_000, pressed: [[9, 1]] }));
  await row('b').getByText('Negative').waitFor();
  expect(await figure('support').textContent()).toBe('50%');
  expect(await figure('dissatisfaction').textContent()).toBe('50%');
  expect(await figure('served').textContent()).toBe('2');
  const ids = page.locator('tr[data-id]').evaluateAll((rows) => rows.map((r) => r.getAttribute('data-id')));
  expect(await ids).toEqual(['b', 'a']);
  await page.getByRole('heading', { name: 'Contacts 2 contacts' }).waitFor();

  rig.desks = [presence('front', Date.now(), 'c')];
  rig.server.notifyChanged();
  await page.locator('[data-desk=front][data-present=true]').waitFor();
  expect(await page.evaluate(() => 'loadedOnce' in globalThis)).toBe(true);
  // Nobody did anything: the session is not being used. Whoever comes to the page uses it.
  expect(new Set(asked)).toEqual(new Set(['1']));
  await page.reload();
  await figure('served').waitFor();
  expect(asked.at(-1)).toBeUndefined();
  expectQuiet();
});

test('a pause, who is on shift, and what is wrong with the device', async () => {
  const until = NOON + 600_000;
  const clock = new ManualClock({ mono: 0, wall: NOON });
  await open({ clock }, () => {
    const front = { ...presence('front', NOON), paused: new Date(until).toISOString(), receptionist: 'r-2' };
    rig.desks = [front, { ...presence('back', NOON), present: null }];
    rig.health = {
      journal: { status: 'ok' },
      'desk back': { status: 'degraded', reason: 'No sensor: check its cable.' },
    };
  });
  const front = page.locator('[data-desk=front]');
  await front.getByText('Recording is paused until 12:30').waitFor();
  await front.getByText('On shift: r-2').waitFor();
  await page.locator('[data-desk=back]').getByText('No sensor can be heard').waitFor();
  await page.getByText('No sensor: check its cable.').waitFor();
  expect(await page.getByText('journal').count()).toBe(0);
  rig.health = {};
  rig.server.notifyChanged();
  clock.advance(100);
  await page.getByText('Everything works.').waitFor();
  expectQuiet();
});

test('by keyboard from the top of the page to a contact', async () => {
  await open({}, () => putContacts(rig, contact('a', Date.now() - 1_000)));
  const address = () => new URL(page.url()).pathname;
  for (let tabs = 0; tabs < 40 && address() === '/today'; tabs++) {
    await page.keyboard.press('Tab');
    if (await row('a').locator('a:focus').count()) await page.keyboard.press('Enter');
  }
  expect(address()).toBe('/contacts/a');
});

test('who may not see contacts has no links to them', async () => {
  await open({}, () => {
    const permissions = new Set(['today:read'] as const);
    rig.who = somebody('read-only', { permissions });
    putContacts(rig, contact('a', Date.now() - 1_000));
  });
  await row('a').waitFor();
  expect(await row('a').locator('a').count()).toBe(0);
});

test('says that the connection is lost, and catches up when the device is back', {
  timeout: 60_000,
}, async () => {
  await open();
  await rig.server.stop();
  await page.getByText('Connection lost: the device does not answer').waitFor();
  await rig.restart();
  putContacts(rig, contact('meanwhile', Date.now() - 1_000));
  await row('meanwhile').waitFor();
  await expect.poll(() => page.getByText('Connection lost').count()).toBe(0);
});

test.each(['ru', 'pl', 'lt'])('in %s nothing is left in English', async (locale) => {
  await open({ locale, clock: new ManualClock({ mono: 0, wall: NOON }) }, () => {
    rig.desks = [presence('front', NOON, 'open'), presence('admission', NOON), presence('cashier', NOON)];
    putContacts(rig, ...busyDay(NOON));
  });
  await row('complaint').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe(locale);
  const text = (await page.locator('.today').innerText()).toLowerCase();
  for (const english of ['today', 'served', 'desk', 'negative', 'clip', 'press', 'shutdown', 'since'])
    expect(text).not.toContain(english);
  expect(text).not.toMatch(/\{\w+\}/);
  expectQuiet();
});

test.each([
  ['light', 1280, 800],
  ['dark', 1280, 800],
  ['light', 820, 1180],
  ['dark', 820, 1180],
] as const)('a busy day fits: %s, %i × %i', async (colorScheme, width, height) => {
  const look = { colorScheme, viewport: { width, height } };
  await open({ ...look, clock: new ManualClock({ mono: 0, wall: NOON }) }, () => {
    const front = { ...presence('front', NOON - 48_000, 'open'), receptionist: 'r-1' };
    rig.desks = [front, presence('admission', NOON - 9_000), presence('cashier', NOON - 24 * 60_000)];
    rig.health = {
      'desk cashier': { status: 'degraded', reason: 'The microphone is lost: is it plugged in?' },
    };
    putContacts(rig, ...busyDay(NOON));
  });
  for (const [id, words] of [
    ['failed', 'Failed'],
    ['erased', 'Deleted'],
    ['outage', 'Ended by power loss · Clock not trusted'],
    ['by-ear', 'Sound'],
    ['reviewed', 'by reviewer'],
  ] as const)
    await row(id).getByText(words).waitFor();
  await keepPicture(page, `today-${colorScheme}-${width}`, { fullPage: true });
  const wide = await page.locator('html').evaluate((html): unknown => Reflect.get(html, 'scrollWidth'));
  expect(wide).toBe(width);
  expectQuiet();
});
