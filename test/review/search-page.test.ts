import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchChromium } from '../stand-ins/chromium.ts';
import { contact, putContacts } from './contacts.ts';
import { putClip, realClip } from './real-clip.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

/** A week ago at 10:40, by the machine's calendar: the same weekday as today. */
const today = new Date();
const THEN = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 7, 10, 40).getTime();
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const weekday = WEEKDAYS[new Date(THEN).getDay()];

let browser: Browser;
let clip: Buffer;
let rig: PageRig;
let page: Page;
const faults: string[] = [];
beforeAll(async () => {
  browser = await launchChromium();
  clip = await realClip(2);
});
afterAll(() => browser.close());
beforeEach(async () => {
  rig = await startPage({ role: 'admin' });
  putContacts(
    rig,
    contact('told', THEN, { pressed: [[30, 1]], desk: 'desk-2' }),
    contact('other', THEN + 5 * 60_000, { desk: 'desk-1' }),
    contact('later', THEN + 3 * 3_600_000, { desk: 'desk-2' }),
  );
  await putClip(rig, 'clip', clip, { receptionist: 'r-1' });
  rig.desks = ['desk-1', 'desk-2'].map((desk) => ({
    ...{ desk, present: false, since: null, contactId: null, paused: null, receptionist: null },
  }));
  page = await browser.newPage({
    acceptDownloads: true,
    locale: 'en',
    viewport: { width: 1280, height: 900 },
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
});
afterEach(async () => {
  await page.close();
  await rig.stop();
  expect(faults.splice(0)).toEqual([]);
});

/** Waits for what the page is to show; other tests may want the processor, too. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 });
const open = (path: string) => page.goto(new URL(path, rig.url).href);
const links = () =>
  page
    .locator('tbody a')
    .evaluateAll((found) => found.map((link) => link.getAttribute('href')?.split('/').at(-1)));
const button = (name: string | RegExp) => page.getByRole('button', { name });

test('what somebody remembers is understood, said back and found; the address keeps it', async () => {
  await open('/search');
  await eventually(links).toHaveLength(4);
  await page.getByLabel('What is remembered').fill(`last ${weekday} about 10:35, desk 2`);
  await eventually(() => page.locator('.search-understood').textContent()).toMatch(
    new RegExp(`^Understood: ${weekday}, .*10:15 to 10:55, desk desk-2$`),
  );
  await page.keyboard.press('Enter');
  await eventually(links).toEqual(['told']);
  await page.reload();
  await eventually(links).toEqual(['told']);
  await page.getByLabel('What is remembered').fill('an angry man');
  await eventually(() => page.locator('.search-understood').textContent()).toMatch(/^No day/);
  await button('Clear all').click();
  await eventually(links).toHaveLength(4);
});

test('filters, by mouse and keys; one contact of many at a time', async () => {
  putContacts(
    rig,
    ...Array.from({ length: 60 }, (_, n) => contact(`n-${n}`, THEN - n * 60_000, { desk: 'desk-3' })),
  );
  await open('/search?desk=desk-3');
  await eventually(links).toHaveLength(50);
  expect(await page.getByText('there are more').isVisible()).toBe(true);
  await button('Show more').click();
  await eventually(links).toHaveLength(60);
  await open('/search');
  await page.getByLabel('Tag').selectOption('negative');
  await button('Search').click();
  await eventually(links).toEqual(['told']);
  await page.getByLabel('Tag').selectOption('');
  await page.getByLabel('Receptionist').selectOption('r-1');
  await button('Search').click();
  await eventually(links).toEqual(['clip']);
  await page.getByLabel('Words in the comment').fill('nothing like it');
  await page.keyboard.press('Enter');
  await page.getByText('No contact is like that.').waitFor();
});

test('from a search into a case, held, exported; then one is erased, with a receipt', {
  timeout: 60_000,
}, async () => {
  await open('/search');
  await page.getByLabel('Select all that are shown').check();
  await page
    .getByLabel(/^Select the contact of/)
    .first()
    .uncheck();
  await button('Add 3 to a case').click();
  await page.getByLabel('Title').fill('Complaint 7');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Show the case' }).click();
  await page.getByRole('heading', { level: 1, name: 'Complaint 7' }).waitFor();
  await eventually(links).toHaveLength(3);

  await button('Hold all …').click();
  await page.getByLabel('Reason').fill('court');
  const year = today.getFullYear() + 1;
  await page.getByLabel('Last day').fill(`${year}-12-31`);
  await button('Hold').last().click();
  await eventually(() => page.getByText(`until 31 Dec ${year}: court`).count()).toBe(3);
  expect(await button('Erase the contact …').count()).toBe(0);

  await button('Export …').click();
  const reason = page.getByLabel(/Why are they exported/);
  expect(await page.getByRole('button', { name: 'Download the zip' }).isDisabled()).toBe(true);
  await reason.selectOption('complaint');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the zip' }).click(),
  ]);
  expect(
    readFileSync(await download.path())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');

  await button('End the hold …').first().click();
  await page.getByLabel('Why it is no longer needed').fill('settled');
  await button('End the hold').last().click();
  await button('Erase the contact …').click();
  const erase = page.getByRole('button', { name: 'Erase', exact: true });
  expect(await erase.isDisabled()).toBe(true);
  await page.getByLabel(/I want to erase/).check();
  await erase.click();
  await page.getByText('The contact has been erased.').waitFor();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await eventually(links).toHaveLength(2);
  await page.getByRole('link', { name: 'All cases' }).click();
  await page.getByRole('link', { name: 'Complaint 7' }).waitFor();
});

test.each(['en', 'ru', 'pl', 'lt'])('in %s, each page says all and fits on a tablet', async (locale) => {
  const context = await browser.newContext({ locale, viewport: { width: 820, height: 1180 } });
  const tablet = await context.newPage();
  rig.store.cases.begin({ title: 'Complaint 7', note: '' }, ['told', 'clip'], 'ann', THEN);
  const [one] = rig.store.cases.list({ open: false, after: null, limit: 1 });
  for (const path of ['/search', '/cases', `/cases/${one?.id}`]) {
    await tablet.goto(new URL(path, rig.url).href);
    await tablet.locator('tbody a').first().waitFor();
    expect(await tablet.locator('body').innerText()).not.toMatch(/\{\w+\}|undefined|NaN/);
    const wide = await tablet.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect([path, wide]).toEqual([path, 0]);
  }
  await context.close();
});

test('who reads only is neither told nor asked whose contacts they were', async () => {
  const staff = () => [
    page.getByRole('columnheader', { name: 'Receptionist' }).count(),
    page.getByLabel('Receptionist').count(),
  ];
  for (const [role, seen] of [
    ['reviewer', [1, 1]],
    ['read-only', [0, 0]],
  ] as const) {
    rig.who = somebody(role);
    await open('/search');
    await eventually(links).toHaveLength(4);
    expect([role, await Promise.all(staff())]).toEqual([role, seen]);
  }
});
