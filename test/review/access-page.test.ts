import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchChromium } from '../stand-ins/chromium.ts';
import { keepPicture } from './keep-picture.ts';
import { type PageRig, startPage } from './rig.ts';
import { invite, PASSWORD, type Browser as SignedIn, setUp } from './sign-in-rig.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core');

let browser: Browser;
let rig: PageRig;
let contexts: BrowserContext[];
let complaints: string[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  rig = await startPage({ signIn: true });
  contexts = [];
  complaints = [];
});
afterEach(async () => {
  for (const context of contexts) await context.close();
  await rig.stop();
});

/** A browser of its own, with its own cookies, at an address of the page. */
async function open(
  path = '/',
  { theme = 'light', width = 1280, locale = 'en-GB', as = null as SignedIn | null } = {},
): Promise<Page> {
  const context = await browser.newContext({
    ...{ colorScheme: theme as 'light' | 'dark', viewport: { width, height: 800 }, locale },
  });
  contexts.push(context);
  const [name = '', value = ''] = as?.cookie.split('=') ?? [];
  if (as) await context.addCookies([{ name, value, url: rig.url }]);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // What is refused is told by the page itself.
    if (message.type() === 'error' && !message.text().includes('status of 4'))
      complaints.push(message.text());
  });
  await page.goto(rig.url + path);
  await page.locator('h1').waitFor();
  return page;
}

/** What is wrong for somebody who sees, hears or moves otherwise (WCAG 2.2 A and AA). */
async function faults(page: Page): Promise<string[]> {
  // Trusted Types are on: the page itself could not run it.
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Runtime.evaluate', { expression: readFileSync(AXE, 'utf8') });
  const { result } = await cdp.send('Runtime.evaluate', {
    expression: `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ' ' + html)))`,
    ...{ awaitPromise: true, returnByValue: true },
  });
  return result.value;
}

const code = (page: Page) => page.locator('.access-shown').textContent();

test('the first account is made with the code that the service printed', { timeout: 90_000 }, async () => {
  const printed = rig.access.setUpCode() as string;
  const page = await open();
  expect(await page.title()).toMatch(/^Set up/);
  expect(await faults(page)).toEqual([]);
  await keepPicture(page, 'set-up');
  await page.getByLabel('Code').fill('0000-0000-0000');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('This code does not count').waitFor();
  await page.getByLabel('Code').fill(printed.toLowerCase());
  await page.keyboard.press('Enter');
  await page.getByLabel('Name').fill('root');
  await page.getByLabel(/^Password/).fill('root root root');
  expect(await faults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByText('easily guessed').waitFor();
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.locator('.top').getByText('root').waitFor();
  await page.reload();
  await page.locator('.top').getByText('root').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await keepPicture(page, 'sign-in');
  expect(await faults(page)).toEqual([]);
  await page.getByLabel('Name').fill('root');
  await page.getByLabel(/^Password/).fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('The name or the password is wrong.').waitFor();
  await page.getByLabel(/^Password/).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('.top').waitFor();
  expect(complaints).toEqual([]);
});

test('an administrator invites somebody, who chooses a password; both by keyboard', async () => {
  const root = await setUp(rig);
  const page = await open('/accounts', { as: root });
  await page.getByRole('button', { name: 'Invite somebody' }).press('Enter');
  await page.getByLabel('Name').fill('Ona Ąžuolienė');
  await page.getByLabel('Role').selectOption('Receptionist');
  await page.getByLabel('Pseudonym').fill('r-7');
  expect(await faults(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Code for Ona Ąžuolienė' }).waitFor();
  const given = (await code(page)) as string;
  expect(await faults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByText('invited until').waitFor();

  const other = await open();
  await other.getByRole('button', { name: 'I have a code' }).press('Enter');
  await other.getByLabel('Code').fill(given);
  await other.keyboard.press('Enter');
  await other.getByText('For the account Ona Ąžuolienė.').waitFor();
  await other.getByLabel(/^Password/).fill(PASSWORD);
  await other.keyboard.press('Enter');
  await other.locator('.top').getByText('Ona Ąžuolienė').waitFor();
  expect(await other.getByRole('link', { name: 'Accounts' }).count()).toBe(0);

  await page.reload();
  await page.getByRole('button', { name: 'Disable Ona Ąžuolienė' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('button', { name: 'Enable Ona Ąžuolienė' }).waitFor();
  await other.reload();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(complaints).toEqual([]);
});

test('the last administrator is told why the role cannot be changed', async () => {
  const page = await open('/accounts', { as: await setUp(rig) });
  await page.getByRole('button', { name: 'Change root' }).click();
  await page.getByLabel('Role').selectOption('Reviewer');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').getByText('the last administrator').waitFor();
});

test('one’s own account: language, colours, password, sessions, a token', async () => {
  const root = await setUp(rig);
  await invite(rig, root, 'anna', 'reviewer');
  const anna = await invite(rig, root, 'ana', 'reviewer');
  const page = await open('/account', { as: anna });
  await page.getByRole('combobox', { name: 'Colours' }).selectOption('dark');
  await page.locator('html[data-theme=dark]').waitFor();
  await page.getByRole('combobox', { name: 'Language' }).selectOption('lt');
  await page.getByRole('heading', { name: 'Mano paskyra: ana' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('lt');
  await page.reload();
  await page.getByRole('combobox', { name: 'Kalba' }).selectOption('en');
  await page.getByRole('heading', { name: 'My account: ana' }).waitFor();

  await page.getByLabel('Password until now').fill(PASSWORD);
  await page.getByLabel(/^New password/).fill('eight blue teapots');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('The password is changed.').waitFor();
  expect((await anna.me()).account).toBeNull();

  // With the token against forgery of the new session.
  await page.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What it is for').fill('hub');
  await dialog.getByLabel('See the desks of today').check();
  expect(await faults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'New token' }).click();
  await page.getByRole('dialog', { name: 'The token hub' }).waitFor();
  const headers = { authorization: `Bearer ${await code(page)}` };
  expect((await rig.ask('GET', '/api/today', undefined, headers)).status).toBe(200);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Revoke the token hub' }).click();
  await page.getByRole('button', { name: 'Revoke the token hub' }).waitFor({ state: 'detached' });
  expect((await rig.ask('GET', '/api/today', undefined, headers)).status).toBe(401);
  expect(complaints).toEqual([]);
});

test.each([
  ['light', 1280, 'en-GB'],
  ['dark', 820, 'ru-RU'],
])('nothing is in anybody’s way, in %s, %d wide, %s', async (theme, width, locale) => {
  const root = await setUp(rig);
  await invite(rig, root, 'Žygimantas Petrauskas', 'receptionist');
  await root.ask('POST', '/api/accounts', {
    name: 'anna@clinic.example',
    role: 'read-only',
    receptionist: null,
  });
  await root.ask('POST', '/api/account/tokens', {
    name: 'hub',
    permissions: ['today:read', 'reports:read'],
    days: 30,
  });
  for (const path of ['accounts', 'account']) {
    const page = await open(`/${path}`, { theme, width, locale, as: root });
    await page.locator('table').first().waitFor();
    expect(await faults(page)).toEqual([]);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(wide).toBeLessThanOrEqual(0);
    await keepPicture(page, `${path}-${theme}`, { fullPage: true });
  }
  expect(complaints).toEqual([]);
});
