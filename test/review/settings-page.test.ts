import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ConfigEditor } from '../../device/config-editor.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import { contact, presence, putContacts, readyClip } from './contacts.ts';
import { keepPicture } from './keep-picture.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

const DAY = 86_400_000;
const CONFIG = `device: reception-1
data: data
vault:
  age: 90d                            # as the lawyer said
cards: { "0004711": r-1 }
desks:
  front:
    buttons:
      good: { rating: 5, tag: positive }
      bad: { rating: 1, tag: negative }
      early: { does: shift, receptionist: r-2 }
    inputs:
      - { driver: line-protocol, port: /dev/serial0 }
      - { driver: tablet, code: 0123456789abcdef }
`;

let browser: Browser;
let context: BrowserContext;
let page: Page;
let folder: string;
let rig: PageRig;
let complaints: string[];
let shifts: string[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  complaints = [];
  shifts = [];
  folder = mkdtempSync(join(tmpdir(), 'ca-settings-page-'));
  writeFileSync(join(folder, 'config.yaml'), CONFIG);
  const settings = new ConfigEditor({
    ...{ file: join(folder, 'config.yaml'), today: () => '2026-11-20' },
    reload: async () => ({ when: 'when-free' }),
  });
  const shift = async (desk: string, receptionist: string) => {
    shifts.push(`${receptionist} at ${desk}`);
    rig.desks = rig.desks.map((one) => ({ ...one, receptionist }));
  };
  rig = await startPage({ settings, shift });
  rig.desks = [presence('front', Date.now())];
});
afterEach(async () => {
  await context?.close();
  await rig.stop();
  rmSync(folder, { recursive: true });
});

async function open(look: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
  context = await browser.newContext({ locale: 'en-GB', ...look });
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${rig.url}/settings`);
  await page.locator('[name=keep]').waitFor();
}
const config = () => readFileSync(join(folder, 'config.yaml'), 'utf8');
const look = () => page.getByRole('button', { name: 'Show what this changes' }).click();

test('a shorter retention: its effect first, then the file, whose comments stay', async () => {
  const clip = (id: string) => readyClip(id, { bytes: 2_500_000_000 });
  putContacts(rig, contact('old', Date.now() - 50 * DAY, { pressed: [[60, 1]], clip: clip('old') }));
  await open();
  await look();
  await page.getByText('Nothing has been changed.').waitFor();

  await page.getByLabel('Clips are destroyed after (days)').fill('30');
  await page.getByLabel('Of the unrated contacts, also (%)').fill('12.5');
  await look();
  const dialog = page.getByRole('dialog', { name: 'What this changes' });
  await dialog.getByText('1 clip that is older than 30 days will be destroyed (2.5 GB).').waitFor();
  await dialog.getByText('Of them 1 of a negative contact that nobody has reviewed.').waitFor();
  await page.keyboard.press('Escape');
  expect(config()).toBe(CONFIG);

  await look();
  await dialog.getByRole('button', { name: 'Change it' }).click();
  await page.getByText('as soon as nobody is at any desk').waitFor();
  expect(config()).toContain('  age: 30d                            # as the lawyer said\n');
  expect(config()).toContain('  sample: 0.125\n');
  await expect.poll(() => page.getByLabel('Clips are destroyed after (days)').inputValue()).toBe('30');
  expect(complaints).toEqual([]);
});

test('cards, shift buttons, texts of the tablet', async () => {
  await open();
  await page.getByLabel('What the card reader types').fill('42');
  await page.getByLabel('Whose it is').fill('r-7');
  await page.getByRole('button', { name: 'Add the card' }).click();
  await page.getByRole('button', { name: 'Remove: Card 0004711' }).click();
  await page.getByLabel('Button early at front').fill('r-9');
  await page.getByLabel('Question over the faces (Polish)').fill('Jak było?');
  await look();
  await page.getByText('No clip is destroyed by this.').waitFor();
  await page.getByRole('button', { name: 'Change it' }).click();
  await page.getByText('as soon as nobody is at any desk').waitFor();
  expect(config()).toContain('cards: { "42": r-7 }');
  expect(config()).toContain('early: { does: shift, receptionist: r-9 }');
  expect(config()).toContain('tablet:\n  texts:\n    pl:\n      question: Jak było?\n');
  expect(complaints).toEqual([]);
});

test('somebody else changed the file meanwhile: it is told, and what was written on the page stays', async () => {
  await open();
  await page.getByLabel('Clips are destroyed after (days)').fill('30');
  const theirs = CONFIG.replace('90d', '80d');
  writeFileSync(join(folder, 'config.yaml'), theirs);
  await look();
  await page.getByText('Somebody has changed the config file meanwhile').waitFor();
  expect(config()).toBe(theirs);
  expect(await page.getByLabel('Clips are destroyed after (days)').inputValue()).toBe('30');
  await look();
  await page.getByRole('button', { name: 'Change it' }).click();
  await page.getByText('as soon as nobody is at any desk').waitFor();
  expect(config()).toBe(theirs.replace('80d', '30d'));
});

test('who is on shift', async () => {
  await open();
  await page.getByLabel('At front', { exact: true }).fill('r-2');
  await page.getByRole('button', { name: 'Begin the shift' }).click();
  await page.getByText('r-2 is on shift at front.').waitFor();
  expect(shifts).toEqual(['r-2 at front']);
});

test('causes: added, renamed in the language of the page, retired, merged', async () => {
  await open();
  const causes = page.getByRole('region', { name: 'Causes' });
  await causes.getByLabel('New cause').fill('The lift is broken');
  await causes.getByLabel('Group').selectOption('premises');
  await causes.getByRole('button', { name: 'Add' }).click();
  const lift = causes.locator('li', { hasText: 'The lift is broken' });
  await lift.getByRole('button', { name: /^Rename/ }).click();
  await causes.getByLabel('Name (English)').fill('No lift');
  await causes.getByRole('button', { name: 'Save' }).click();
  await causes.getByRole('button', { name: 'Retire: No lift' }).click();
  await causes.getByRole('button', { name: 'Bring back: No lift' }).click();
  await causes.getByRole('button', { name: 'Merge …: No lift' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('0 reviews will count for the other cause.').waitFor();
  await dialog.getByRole('button', { name: 'Merge' }).click();
  await expect.poll(() => causes.getByText('No lift').count()).toBe(0);
  const { causes: now } = (await (await rig.ask('GET', '/api/causes')).json()) as { causes: Named[] };
  const merged = now.find(({ names }) => names.en === 'No lift');
  expect(merged?.mergedInto).toEqual(expect.any(String));
  expect(complaints).toEqual([]);
});
interface Named {
  names: { en?: string };
  mergedInto: string | null;
}

test('a reviewer changes causes, and no settings', async () => {
  rig.who = somebody('reviewer');
  await open();
  await page.getByText('This account may look at the settings').waitFor();
  expect(await page.locator('[name=age]').isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'Show what this changes' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Begin the shift' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: /^Retire/ }).count()).toBeGreaterThan(5);
});

test.each([
  ['light', 1280, 'en-GB'],
  ['dark', 1280, 'ru'],
  ['light', 820, 'pl'],
  ['dark', 820, 'lt'],
] as const)('fits: %s, %i, %s', async (colorScheme, width, locale) => {
  await open({ colorScheme, locale, viewport: { width, height: 900 } });
  await page.locator('[data-cause]').first().waitFor();
  await keepPicture(page, `settings-${colorScheme}-${width}`, { fullPage: true });
  const wide = await page.locator('html').evaluate((html): unknown => Reflect.get(html, 'scrollWidth'));
  expect(wide).toBe(width);
  expect(await page.locator('.settings').innerText()).not.toMatch(/\{\w+\}/);
  await page.locator('[name=age]').fill('7');
  await page.locator('.settings-form > button').click();
  await page.getByRole('dialog').waitFor();
  await keepPicture(page, `settings-effect-${colorScheme}-${width}`);
  expect(complaints).toEqual([]);
});
