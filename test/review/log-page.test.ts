import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { Store } from '../../device/store/store.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import { fillStore } from './filled-store.ts';
import { keepPicture } from './keep-picture.ts';
import { type PageRig, startPage } from './rig.ts';

const NOON = new Date(2026, 10, 20, 12).getTime();

let rig: PageRig;
let browser: Browser;
let page: Page;
let complaints: string[];
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  rig = await startPage({ clock: new ManualClock({ mono: 1_000, wall: NOON }), fill });
  complaints = [];
});
afterEach(async () => {
  await page.context().close();
  await rig.stop();
  expect(complaints).toEqual([]);
});

const DEEDS = [
  ['anna', 'sign-in', {}],
  ['anna', 'contact.view', { contactId: '' }],
  ['anna', 'clip.view', { contactId: '' }],
  ['anna', 'contact.review', { contactId: '', tag: 'negative' }],
  ['boris', 'sign-in-refused', { reason: 'password' }],
  ['boris', 'report.export', { from: '2026-11-01', to: '2026-11-19', form: 'csv' }],
  [null, 'shift', { desk: 'front' }],
  ['anna', 'brand.new', { desk: '<img src=x onerror=alert(1)>' }],
] as const;

function fill(store: Store, folder: string): void {
  const [id = ''] = fillStore(folder, { contacts: 2, until: NOON });
  for (let n = 0; n < 64; n++) {
    const [account, action, about] = DEEDS[n % DEEDS.length] as (typeof DEEDS)[number];
    const target = 'contactId' in about ? { ...about, contactId: id } : about;
    const outcome = action === 'sign-in-refused' ? 'refused' : 'ok';
    const wall = NOON - (64 - n) * 1_700_000;
    store.logAction({ wall, actor: account ? 'page' : 'mqtt', account, action, target, outcome });
  }
}

async function open(options: Parameters<Browser['newContext']>[0] = {}, path = '/log'): Promise<void> {
  const context = await browser.newContext({ locale: 'en', ...options });
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(rig.url + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('tbody tr').first().waitFor();
}

const rows = () => page.locator('tbody tr').count();

test('entries are listed, filtered, gone through to the first, and exported as they are filtered', async () => {
  await open();
  expect(await rows()).toBe(50);
  await page.getByRole('button', { name: 'Earlier entries' }).click();
  await expect.poll(rows).toBe(64);
  expect(await page.getByRole('button', { name: 'Earlier entries' }).count()).toBe(0);
  await page.getByLabel('Account').selectOption('boris');
  await expect.poll(rows).toBe(16);
  await page.getByLabel('Action').selectOption({ label: 'Sign-in refused' });
  await expect.poll(rows).toBe(8);
  expect(new URL(page.url()).search).toBe('?account=boris&action=sign-in-refused');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV' }).click();
  const file = await (await download).createReadStream();
  const text = (await file.toArray()).join('');
  expect(text.trim().split('\r\n')).toHaveLength(9);
  await page.reload();
  await expect.poll(rows).toBe(8);
  await page.getByLabel('From').fill('2027-01-01');
  await page.getByText('There are no such entries.').waitFor();
});

test('a name without words stands as it is, and nothing in it is taken for HTML', async () => {
  await open({}, '/log?action=brand.new');
  await page.getByText('desk <img src=x onerror=alert(1)>').first().waitFor();
  expect(await page.getByRole('cell', { name: 'brand.new', exact: true }).count()).toBe(8);
  expect(await page.locator('main img').count()).toBe(0);
});

test('the log is verified by keyboard, and a change is told with its place', async () => {
  await open();
  await page.getByRole('button', { name: 'Verify' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('All 64 entries are as they were written').waitFor();
  await page.getByText(rig.store.logHead().hash).waitFor();
  const file = new Database(join(rig.folder, 'contacts.sqlite'));
  file.exec("UPDATE actions SET account = 'carl' WHERE place = 60");
  file.close();
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByRole('alert').getByText('Entry 60 is wrong: it is not as it was written.').waitFor();
});

test('words in each language', { timeout: 90_000 }, async () => {
  const said: string[] = [];
  for (const locale of ['ru', 'pl', 'lt']) {
    await open({ locale });
    said.push(await page.getByRole('heading', { level: 1 }).innerText());
    await page.locator('.log-verify button').click();
    await page.locator('.log-verify .notice').waitFor();
    said.push((await page.locator('.log-verify strong').innerText()).slice(0, 30));
    if (locale !== 'lt') await page.context().close();
  }
  expect(said).toEqual([
    ...['Журнал', 'Все 64 записи — такие, какими '],
    ...['Dziennik', 'Wszystkie 64 wpisy są takie, j'],
    ...['Žurnalas', 'Visos 64 eilutės yra tokios, k'],
  ]);
});

test.each([
  ['light', 1280, 800],
  ['dark', 820, 1180],
] as const)('it fits: %s, %i × %i', async (colorScheme, width, height) => {
  await open({ colorScheme, viewport: { width, height } });
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.locator('.log-verify .notice').waitFor();
  await keepPicture(page, `log-${colorScheme}-${width}`);
  expect(await page.locator('html').evaluate((html): unknown => Reflect.get(html, 'scrollWidth'))).toBe(
    width,
  );
});
