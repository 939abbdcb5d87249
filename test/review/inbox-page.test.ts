import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../stand-ins/chromium.ts';
import { idsOf, type Looking, look, makeClip, putReviewable } from './review-rig.ts';
import { type PageRig, somebody } from './rig.ts';

const MINUTE = 60_000;
const HINT = { kind: 'suspected-negative' as const, priority: 0.5, reasons: ['face'] };

/** A machine with much to do answers later. */
const soon = <T>(what: () => T) => expect.poll(what, { timeout: 10_000 });

let browser: Browser;
let clip: Buffer;
let looking: Looking;

beforeAll(async () => {
  browser = await launchChromium();
  clip = await makeClip();
});
afterAll(() => browser.close());
afterEach(() => looking.stop());

const [calm = ''] = idsOf('calm', 1, true);

/** Three negative ones, a suspected one and one of the sample. */
async function fill(rig: PageRig): Promise<void> {
  const now = Date.now();
  for (let n = 1; n <= 3; n++) {
    const about = {
      pressed: [[15, 1]] as [number, number][],
      desk: n === 3 ? 'back' : 'front',
      scored: n === 1,
    };
    await putReviewable(rig, clip, `neg-${n}`, now - n * 10 * MINUTE, about);
  }
  const [suspected = ''] = idsOf('hint', 1, false);
  await putReviewable(rig, clip, suspected, now - 5 * MINUTE, { scored: true, hint: HINT });
  await putReviewable(rig, clip, calm, now - MINUTE, { pressed: [[14, 5]], scored: true });
}

const rows = () =>
  looking.page.locator('.inbox-row').evaluateAll((all) => all.map((row) => row.getAttribute('data-id')));
const focused = () => looking.page.evaluate<string | null>('document.activeElement.dataset.id ?? null');
const path = () => new URL(looking.page.url()).pathname;
const stored = (id: string) => looking.page.locator(`.inbox-row[data-id="${id}"]`);

test('negative ones first, then suspected ones, then a sample that gives nothing away', async () => {
  looking = await look(browser, '/inbox', fill);
  const { page, complaints } = looking;
  await stored('neg-1').waitFor();
  expect(await rows()).toEqual(['neg-1', 'neg-2', 'neg-3', idsOf('hint', 1, false)[0], calm]);
  await soon(() => page.title()).toBe('5 left · Inbox · Contact Analyzer');
  expect(await stored('neg-1').innerText()).toContain('Negative');
  await stored('neg-1').getByText('press 1, negative, 0:15 after the arrival').waitFor({ state: 'attached' });
  expect(await stored('neg-1').locator('svg title').textContent()).toBe(
    'Estimates of the models: face negative 26% of the stay, speech 100%, raised voice 11%',
  );
  // Without models there is at least where in the stay the button was pressed.
  expect(await stored('neg-2').locator('svg.inbox-strip .inbox-mark-negative').count()).toBe(1);
  expect(await stored(calm).locator('svg').count()).toBe(0);
  const blind = await stored(calm).innerText();
  expect(blind).toContain('shown after your review');
  expect(blind.toLowerCase()).not.toMatch(/positive|press|strip|smile/);
  await expectFits(1280);
  expect(complaints).toEqual([]);
});

test('by keyboard: there, into a contact, and back to the same row', async () => {
  looking = await look(browser, '/inbox', fill);
  const { page } = looking;
  await stored('neg-1').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('k');
  expect(await focused()).toBe('neg-2');
  await page.keyboard.press('o');
  await page.locator('.contact-review').waitFor();
  expect(path()).toBe('/contacts/neg-2');
  await page.keyboard.press('Escape');
  await soon(focused).toBe('neg-2');
  expect(path()).toBe('/inbox');
  // On a Russian keyboard д lies where l does, and о where j does.
  await page.evaluate(`document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'о', code: 'KeyJ', bubbles: true, cancelable: true }))`);
  expect(await focused()).toBe('neg-3');
});

test('a new contact comes by itself, and the chosen row stays where it is', async () => {
  looking = await look(browser, '/inbox', fill, { viewport: { width: 1280, height: 700 } });
  const { page, rig } = looking;
  await stored('neg-2').focus();
  const top = async () => Math.round((await stored('neg-2').boundingBox())?.y ?? -1);
  const before = await top();
  await putReviewable(rig, clip, 'new', Date.now() - 30_000, { pressed: [[15, 1]] });
  await stored('new').waitFor();
  expect((await rows())[0]).toBe('new');
  expect(await top()).toBe(before);
  expect(await focused()).toBe('neg-2');
  await soon(() => page.title()).toMatch(/^6 left/);
});

test('the filter is kept, and says how much is left of what', async () => {
  looking = await look(browser, '/inbox', fill);
  const { page, rig } = looking;
  await page.getByRole('button', { name: 'Negative 3' }).click();
  await soon(rows).toEqual(['neg-1', 'neg-2', 'neg-3']);
  await page.getByLabel('Desk').selectOption('back');
  await soon(rows).toEqual(['neg-3']);
  await page.reload();
  await soon(rows).toEqual(['neg-3']);
  await soon(() => page.title()).toMatch(/^1 left/);
  await page.getByLabel('Desk').selectOption('');

  // Somebody else has done one: for anybody it is done, for me it is not.
  const me = rig.who;
  if (me) rig.who = { ...me, accountId: 'a-other', name: 'other' };
  await rig.ask('PUT', '/api/contacts/neg-1/review', { tag: null, causes: [], comment: '', revision: 0 });
  rig.who = me;
  await soon(rows).toEqual(['neg-2', 'neg-3']);
  await page.getByLabel('Not yet reviewed').selectOption('me');
  await soon(rows).toEqual(['neg-1', 'neg-2', 'neg-3']);
  await stored('neg-1').getByText('reviewed by other').waitFor();
});

test('a receptionist’s answer comes back to who has reviewed it, until it is looked at', async () => {
  looking = await look(browser, '/inbox', async (rig) => {
    await putReviewable(rig, clip, 'neg-1', Date.now() - MINUTE, { pressed: [[15, 1]], receptionist: 'r-1' });
    await rig.ask('PUT', '/api/contacts/neg-1/review', { tag: null, causes: [], comment: '', revision: 0 });
    const me = rig.who;
    rig.who = somebody('receptionist');
    await rig.ask('POST', '/api/own/neg-1/answer', { text: 'The second desk was closed.' });
    rig.who = me;
  });
  const { page } = looking;
  await page.getByText('Nothing left to review here.').waitFor();
  await page.getByRole('button', { name: 'Answered 1' }).click();
  await page.getByRole('heading', { level: 2, name: 'Answered' }).waitFor();
  await stored('neg-1').click();
  await page.getByText('The second desk was closed.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Answered 0' }).waitFor();
  expect(await rows()).toEqual([]);
});

test('an undo that fails is told', async () => {
  looking = await look(browser, '/inbox', fill);
  const { page } = looking;
  await stored('neg-1').click();
  await page.getByRole('button', { name: 'Done, next' }).click();
  await soon(path).toBe('/contacts/neg-2');
  await page.route('**/review/done', (route) => route.abort());
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('It was not taken back:').waitFor();
});

test('a part of the page that an update has taken away is told, and loading again helps', async () => {
  looking = await look(browser, '/inbox', fill);
  const { page } = looking;
  await stored('neg-1').waitFor();
  await page.route('**/assets/*.js', (route) => route.abort());
  await page.getByRole('link', { name: 'Search' }).click();
  await page.getByText('This could not be loaded:').waitFor();
  await page.unroute('**/assets/*.js');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor();
  expect(await page.getByText('This could not be loaded:').count()).toBe(0);
});

test('the keys are shown by ? and those of one letter can be switched off', async () => {
  looking = await look(browser, '/inbox', fill);
  const { page } = looking;
  await stored('neg-1').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('j');
  expect(await focused()).toBeNull();
  await page.getByLabel('Keys of one letter or sign').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  expect(await focused()).toBeNull();
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe('neg-1');
});

test('an empty inbox says so', async () => {
  looking = await look(browser, '/inbox', async () => {});
  await looking.page.getByText('Nothing left to review here.').waitFor();
  await soon(() => looking.page.title()).toMatch(/^0 left/);
});

test.each([
  ['ru', 'light', 1280],
  ['pl', 'dark', 820],
  ['lt', 'light', 820],
] as const)(
  'in %s, %s, %i wide: it fits, and nothing is left in English',
  async (locale, colorScheme, width) => {
    const viewport = { width, height: 900 };
    looking = await look(browser, '/inbox', fill, { locale, colorScheme, viewport });
    await stored('neg-1').waitFor();
    const text = (await looking.page.locator('main').innerText()).toLowerCase();
    for (const english of ['left', 'negative', 'press', 'sample', 'desks', 'review'])
      expect(text).not.toContain(english);
    expect(text).not.toMatch(/\{\w+\}/);
    expect(looking.complaints).toEqual([]);
    await expectFits(width);
  },
);

/** Nothing is wider than the page, nor too small for a finger (24 px; WCAG 2.5.8). */
async function expectFits(width: number): Promise<void> {
  const wide = await looking.page
    .locator('html')
    .evaluate((html): unknown => Reflect.get(html, 'scrollWidth'));
  expect(wide).toBe(width);
  const small = await looking.page
    .locator('main :is(a, button, select)')
    .evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height < 24).length);
  expect(small).toBe(0);
}
