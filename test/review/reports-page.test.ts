import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { Report } from '../../device/review/reports/schema.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import { fillStore } from './filled-store.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const UNTIL = Date.UTC(2026, 4, 29);
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MAY = '/reports?unit=month&from=2026-05-01&to=2026-05-31';

let rig: PageRig;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  rig = await startPage({
    role: 'reviewer',
    clock: systemClock,
    fill: (_store, folder) => {
      fillStore(folder, { contacts: 1_500, until: UNTIL, perDay: 30, clips: false });
    },
  });
  const empty = { present: null, since: null, contactId: null, paused: null, receptionist: null };
  rig.desks = [
    { desk: 'back', ...empty },
    { desk: 'front', ...empty },
  ];
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await rig.stop();
});
afterEach(() => context.close());

async function open(path: string, locale = 'en'): Promise<Page> {
  context = await browser.newContext({ locale, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => expect.unreachable(error.message));
  await page.goto(rig.url + path);
  await page.locator('.reports-heat').first().waitFor();
  return page;
}

const total = async (from: string, to: string) => {
  const answer = await rig.ask('GET', `/api/reports?from=${from}&to=${to}`);
  return ((await answer.json()) as { total: { served: number } }).total;
};
const served = (page: Page) => page.locator('.reports-small').nth(1).locator('.reports-value');

test('a month, the month before it, and a week, each with its numbers', async () => {
  const page = await open(MAY);
  const [may, april] = [await total('2026-05-01', '2026-05-31'), await total('2026-04-01', '2026-04-30')];
  expect(await served(page).textContent()).toBe(may.served.toLocaleString('en'));
  await page.getByRole('button', { name: 'Earlier' }).click();
  await expect.poll(() => served(page).textContent()).toBe(april.served.toLocaleString('en'));
  expect(new URL(page.url()).searchParams.get('to')).toBe('2026-04-30');
  await page.getByRole('button', { name: 'Week' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('from')).toBe('2026-04-27');
  await page.getByLabel('Compare with').selectOption('previous');
  await page
    .getByText(/before: /)
    .first()
    .waitFor();
});

test('each chart has a caption, and its numbers as a table', async () => {
  const page = await open(MAY);
  for (const name of ['Both indices over time', 'Contacts over time', 'How long served contacts last']) {
    const part = page.locator('.reports-part', { has: page.getByRole('heading', { name }) });
    expect((await part.locator('figcaption').textContent())?.length).toBeGreaterThan(20);
    expect(await part.locator('table').count()).toBe(1);
    await part.locator('summary').click();
    expect(await part.locator('tbody tr').first().isVisible()).toBe(true);
  }
  expect(await page.locator('canvas').count()).toBe(2);
});

test('how much of each hour a desk was occupied, as the API has it, and that nobody tells waiting', async () => {
  const page = await open(MAY);
  const answer = await rig.ask('GET', '/api/reports?from=2026-05-01&to=2026-05-31');
  const { heat, perDesk } = (await answer.json()) as Report;
  const part = page.locator('.reports-part', {
    has: page.getByRole('heading', { name: 'Occupied time by hour and weekday' }),
  });
  expect(await part.locator('figcaption').textContent()).toContain('A contact over two hours counts in both');
  const table = part.getByRole('table', { name: 'Occupied time by hour and weekday' });
  const rows = await table.locator('tr').all();
  const cells = await Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
  const [head = [], ...days] = cells;
  const whole = new Intl.NumberFormat('en', { style: 'percent' });
  expect(days.map((day) => day[0])).toEqual(heat?.occupied.map((_, i) => WEEKDAYS[i]));
  for (const [day, [, ...shares]] of days.entries())
    for (const [i, share] of shares.entries()) {
      const hour = Number.parseInt(head[i + 1] ?? '', 10);
      const said = heat?.occupied[day]?.[hour] ?? null;
      expect(share).toBe(said === null ? '–' : whole.format(said));
    }
  expect(await part.getByRole('link').getAttribute('href')).toContain('table=occupied');
  const desks = page.getByRole('table', { name: 'By desk' });
  expect(await desks.locator('th').allTextContents()).toContain('Occupied');
  const share = new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: 1 });
  expect(await desks.locator('tbody tr td:last-child').allTextContents()).toEqual(
    perDesk.map(({ occupancy }) => share.format(Number(occupancy?.toFixed(3)))),
  );
  const unserved = page.locator('.reports-small', { hasText: 'Left unserved' });
  expect(await unserved.textContent()).toContain('Waiting times are not counted');
});

test('a chart is drawn, and anew in the colours of the theme', async () => {
  const page = await open(MAY);
  const drawn = () => page.evaluate<string>("document.querySelector('canvas').toDataURL()");
  const light = await drawn();
  await page.evaluate("document.documentElement.dataset.theme = 'dark'");
  await expect.poll(drawn).not.toBe(light);
  await page.evaluate("void dispatchEvent(new Event('beforeprint'))");
  await expect.poll(drawn).toBe(light);
  await page.evaluate("void dispatchEvent(new Event('afterprint'))");
  await expect.poll(drawn).not.toBe(light);
});

test('a special day is noted, left out, and deleted', async () => {
  const page = await open(MAY);
  const before = await served(page).textContent();
  await page.getByLabel('Day', { exact: true }).fill('2026-05-05');
  await page.getByLabel('What was special').fill('<img src=x onerror=alert(1)>');
  await page.locator('form').getByLabel('May be left out of reports').check();
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByText('<img src=x').first().waitFor();
  await page.getByLabel('Leave excluded days out').check();
  await page.getByText('1 excluded day is left out.').waitFor();
  await expect.poll(() => served(page).textContent()).not.toBe(before);
  await page.getByRole('button', { name: 'Delete: <img' }).click();
  await expect.poll(() => served(page).textContent()).toBe(before);
});

test('all desks stay to be chosen, and what was there stays until the new numbers are there', async () => {
  const page = await open(MAY);
  await page.evaluate(
    "new MutationObserver(() => { if (!document.querySelector('.reports-heat')) window.gone = true; }).observe(document.body, { childList: true, subtree: true })",
  );
  const desk = page.locator('.reports-picker').getByLabel('Desk');
  const all = await served(page).textContent();
  await desk.selectOption('front');
  await expect.poll(() => served(page).textContent()).not.toBe(all);
  expect(await desk.locator('option').allTextContents()).toEqual(['All desks', 'back', 'front']);
  expect(await page.evaluate('window.gone')).toBeUndefined();
  await page.locator('.reports-picker').getByLabel('Receptionist').selectOption('r-1');
  await expect.poll(() => page.locator('.reports-heat').count()).toBe(0);
  expect(await desk.inputValue()).toBe('');
  await page.locator('.reports-picker').getByLabel('Receptionist').selectOption('');
  await expect.poll(() => served(page).textContent()).toBe(all);
});

test('it does not go into what is to come', async () => {
  const page = await open('/reports?unit=week');
  expect(await page.getByRole('button', { name: 'Later' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Earlier' }).click();
  await expect.poll(() => page.getByRole('button', { name: 'Later' }).isDisabled()).toBe(false);
});

test('a measure is made and changed on the page, and is overdue', async () => {
  const page = await open(MAY);
  await page.getByRole('button', { name: 'New measure' }).click();
  await page.getByLabel('What is done').fill('A sign');
  await page.getByLabel('Owner').fill('Ben');
  await page.getByLabel('Due').fill('2026-05-20');
  await page.locator('select[name=desk]').selectOption('front');
  await page.getByText('Causes that it is about').click();
  await page.getByRole('dialog').getByRole('checkbox').first().check();
  await page.getByRole('button', { name: 'Save' }).click();
  const one = page.locator('.reports-measure', { has: page.getByRole('heading', { name: 'A sign' }) });
  await one.waitFor();
  const said = await one.locator('.reports-due').textContent();
  expect(said).toMatch(/Owner: Ben.*20 May 2026.*overdue.*at the desk “front”.*Causes: /);
  await one.getByRole('button', { name: 'Edit: A sign' }).click();
  await page.getByLabel('What is done').fill('Two signs');
  await page.locator('select[name=desk]').selectOption('');
  await page.getByLabel('Due').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  const changed = page.locator('.reports-measure', { has: page.getByRole('heading', { name: 'Two signs' }) });
  await changed.waitFor();
  expect(await changed.locator('.reports-due').textContent()).toMatch(
    /Owner: BenCounted: contacts at all desks/,
  );
});

test('a measure gets its day, and tells in words what came of it', async () => {
  await rig.ask('POST', '/api/measures', { title: 'A second desk', owner: 'Anna', causes: [] });
  const page = await open(MAY);
  await page.getByLabel('In effect since').first().fill('2026-05-04');
  await page.getByText('Saved.').waitFor();
  await page.getByRole('button', { name: 'Before and after: A second desk' }).click();
  await page.getByText('The same length on both sides').waitFor();
  expect(await page.locator('.reports-effect strong').allTextContents()).toHaveLength(2);
});

test.each(['light', 'dark'])(
  'all of it open, %s: nothing that axe finds',
  { timeout: 120_000 },
  async (theme) => {
    const page = await open(`${MAY}&compare=previous`);
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}';
    for (const details of document.querySelectorAll('main details')) details.open = true;`);
    // Each has another name once it is open.
    const closed = page.getByRole('button', { name: /^Before and after/, expanded: false });
    while ((await closed.count()) > 0) await closed.first().click();
    // Trusted Types are on: the page itself could not run it.
    const cdp = await context.newCDPSession(page);
    await cdp.send('Runtime.evaluate', { expression: AXE });
    const { result } = await cdp.send('Runtime.evaluate', {
      expression: `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ' ' + html.slice(0, 200))))`,
      ...{ awaitPromise: true, returnByValue: true },
    });
    expect(result.value).toEqual([]);
  },
);

test('who may only read, cannot change', async () => {
  rig.who = somebody('read-only');
  try {
    const page = await open(MAY);
    expect(await page.getByRole('button', { name: 'Add' }).count()).toBe(0);
    for (const field of await page.getByLabel('In effect since').all())
      expect(await field.isDisabled()).toBe(true);
  } finally {
    rig.who = somebody('reviewer');
  }
});

test('the file is fetched by a link', async () => {
  const page = await open(MAY);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Excel (XLSX)' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('report-2026-05-01-2026-05-31.xlsx');
});

test.each([
  ['ru', 'Индекс поддержки'],
  ['pl', 'Wskaźnik poparcia'],
  ['lt', 'Palaikymo indeksas'],
])('in %s', async (locale, words) => {
  const page = await open(MAY, locale);
  await page.getByRole('heading', { name: words }).waitFor();
  const text = (await page.locator('main').textContent()) ?? '';
  expect(text).not.toMatch(/\{\w+\}/);
  expect(text).not.toContain('Contacts');
});
