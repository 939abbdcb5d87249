import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../stand-ins/chromium.ts';
import { type Looking, look, makeClip, PRE_ROLL, putReviewable } from './review-rig.ts';
import { type PageRig, somebody } from './rig.ts';

const MINUTE = 60_000;
let browser: Browser;
let clip: Buffer;
let looking: Looking;

beforeAll(async () => {
  browser = await launchChromium();
  clip = await makeClip();
});
afterAll(() => browser.close());
afterEach(() => looking.stop());

/** One of r-1 that was negative and is reviewed, one that was not, one of somebody else. */
async function fill(rig: PageRig): Promise<void> {
  const now = Date.now();
  const press = (rating: number) => ({ pressed: [[15, rating]] as [number, number][] });
  const mine = { receptionist: 'r-1' };
  await putReviewable(rig, clip, 'negative', now - 30 * MINUTE, { ...mine, ...press(1), scored: true });
  await putReviewable(rig, clip, 'calm', now - 20 * MINUTE, { ...mine, ...press(5) });
  await putReviewable(rig, clip, 'others', now - 10 * MINUTE, { receptionist: 'r-2', ...press(1) });
  const said = { tag: null, causes: ['queue', 'rude'], comment: 'Two were waiting.\n<b>Look.</b>' };
  rig.store.reviews.put('negative', said, 0, { accountId: 'boss', account: 'boss', wall: now });
  rig.who = somebody('receptionist');
}

const times = () => looking.page.locator('.own-time').count();

test('a receptionist looks at an own contact, and answers its review', { timeout: 60_000 }, async () => {
  looking = await look(browser, '/own', fill);
  const { page, complaints, rig } = looking;
  await page.getByRole('heading', { name: 'My contacts' }).waitFor();
  await page.locator('.own-time').first().waitFor();
  expect(await times()).toBe(2);
  expect(await page.locator('tbody tr').allInnerTexts()).toEqual([
    expect.stringMatching(/front\s+0:19\s+\+ Positive\s+not reviewed$/),
    expect.stringMatching(/front\s+0:19\s+− Negative\s+reviewed\s*with clip$/),
  ]);
  await page.locator('.own-time a').last().click();
  await page.getByRole('heading', { level: 2, name: 'Review' }).waitFor();
  expect(await page.locator('.own-review li').allInnerTexts()).toEqual([
    'Queue at the desk',
    'Impolite tone',
  ]);
  // Told as it was written: no tag of it lives.
  expect(await page.locator('.own-text').innerText()).toBe('Two were waiting.\n<b>Look.</b>');
  // Asked from outside: the page's own policy lets nothing be evaluated again and again within it.
  await expect
    .poll(() =>
      page.evaluate<boolean>(
        `document.querySelector('video').currentTime >= ${PRE_ROLL / 1_000 - 0.1} && document.querySelector('video').readyState >= 2`,
      ),
    )
    .toBe(true);
  await page.getByText('0:15 after the arrival: 1 (negative)').waitFor();
  expect((await page.locator('main').innerText()).toLowerCase()).not.toMatch(/estimate|face|score|boss/);
  await page.getByLabel('Your answer').fill('The second desk was closed.');
  await page.getByRole('button', { name: 'Send the answer' }).click();
  await page.getByText('Your answer is saved.').waitFor();
  expect(rig.store.reviews.of('negative')?.answer).toMatchObject({
    text: 'The second desk was closed.',
    by: 'r-1',
  });
  await page.getByText('You can change it until').waitFor();
  expect(await page.getByRole('button', { name: 'Change the answer' }).isDisabled()).toBe(true);
  expect(complaints).toEqual([]);
});

test('what is not theirs, or has no clip for them, is said in words; a new review appears by itself in the list', async () => {
  looking = await look(browser, '/own/others', fill);
  const { page, rig } = looking;
  await page.getByText('There is no contact of yours at this address.').waitFor();
  await page.goto(`${rig.url}/own/calm`);
  await page.getByText('There is no recording that you may see').waitFor();
  await page.getByText('Nobody has reviewed this contact yet').waitFor();
  expect(await page.locator('video').count()).toBe(0);
  await page.getByRole('link', { name: 'All my contacts' }).click();
  await page.getByText('not reviewed').waitFor();
  const by = { accountId: 'boss', account: 'boss', wall: Date.now() };
  rig.store.reviews.put('calm', { tag: 'positive', causes: [], comment: '' }, 0, by);
  await page.getByText('not reviewed').waitFor({ state: 'detached' });
});

test.each([
  ['ru', 'Мои контакты', 'отрицательный'],
  ['pl', 'Moje kontakty', 'negatywny'],
  ['lt', 'Mano kontaktai', 'neigiamas'],
])('in %s', async (locale, title, tag) => {
  looking = await look(browser, '/own', fill, { locale });
  await looking.page.getByRole('heading', { name: title }).waitFor();
  await looking.page.getByText(tag).first().waitFor();
});
