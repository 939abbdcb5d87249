import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActionRecord } from '../../device/store/actions.ts';
import { openForReading } from '../../device/store/open.ts';
import { CLIP, PRE_ROLL } from '../review/review-rig.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { type Clinic, prepareClinic } from './clinic.ts';
import { expectCase } from './exported-case.ts';
import { contactAnalyzer, type RunningService, startService } from './service.ts';
import { type Visitor, visit } from './visitor.ts';

const run = promisify(execFile);
const NAME = 'quality';
const TITLE = 'The <cash> desk';

/** What the manager finds, by the place in the inbox. */
const tagOf = (n: number) => (n % 2 === 0 ? 'negative' : 'neutral');
const causeOf = (n: number) => (n === 7 ? 'phone-first' : 'queue');
const commentOf = (n: number) =>
  CASE.includes(n) ? `the cash desk was closed, ${n}` : `waited too long, ${n}`;
/** Places of those whose comment names the cash desk. */
const CASE = [0, 4, 8];
/** Place of the contact whose clip is moved in. */
const MOVED_IN = 1;
/** Place of the contact that something is done about. */
const ACTED = 3;

let broker: Mosquitto;
let clinic: Clinic;
let service: RunningService;
let far: Subscriber;
let browser: Browser;
let who: Visitor;

beforeEach(async () => {
  broker = await startMosquitto();
  const started = async () => {
    clinic = await prepareClinic(broker.url);
    service = await startService(clinic.config);
  };
  [far, browser] = await Promise.all([startSubscriber({ url: broker.url }), launchChromium(), started()]);
  who = await visit(browser, service.page);
});
afterEach(async () => {
  await browser?.close();
  await service?.kill();
  await far?.stop();
  await broker.stop();
  rmSync(clinic.folder, { recursive: true });
});

/** A machine with much to do answers later. */
const soon = <T>(what: () => T) => expect.poll(what, { timeout: 15_000 });

test('twenty minutes of a quality manager: set up, ten contacts reviewed by keyboard, a measure told, a case taken away', {
  timeout: 120_000,
}, async () => {
  await setUp();
  await reviewTen();
  await tellOfMeasure();
  const zip = await exportCase();
  await expectCase(
    { zip, by: NAME, from: clinic.device, title: TITLE, clip: clinic.clip, browser },
    CASE.map((n) => ({
      ...{ id: clinic.unhappy[n]?.id ?? '', tag: tagOf(n), cause: 'Queue at the desk' },
      ...{ comment: commentOf(n) },
    })),
  );
  expect(who.complaints).toEqual([]);
  expect(await service.stop()).toBe(0);
  await checkLog();
});

async function setUp(): Promise<void> {
  const code = service.lines.flatMap((line) => /^set-up +code (\S+) at/.exec(line)?.[1] ?? []);
  expect(code).toHaveLength(1);
  await who.write(who.page.getByLabel('Code'), code[0] ?? '');
  await who.press('Enter');
  await who.write(who.page.getByLabel('Name'), NAME);
  await who.press('Tab');
  await who.type('a long night at the desk');
  await who.press('Enter');
  await who.page.locator('.inbox-row').first().waitFor();
}

/** From here to the last one nothing is touched but keys. */
async function reviewTen(): Promise<void> {
  const { unhappy } = clinic;
  const waiting = ask<{ n: number }>(
    `SELECT count(*) AS n FROM contacts c LEFT JOIN presses p ON p.id = press_id LEFT JOIN hints h ON h.contact_id = c.id
       WHERE p.tag = 'negative' OR h.kind = 'suspected-negative'`,
  ).n;
  expect(waiting).toBeGreaterThan(50);
  await soon(() => who.page.title()).toMatch(new RegExp(`^${waiting} left`));
  await who.press('j', 'Enter');
  for (const [n, { id }] of unhappy.entries()) {
    await soon(() => new URL(who.page.url()).pathname).toBe(`/contacts/${id}`);
    await who.page.locator(`video[src*="/${id}/"]`).waitFor();
    // By itself, from the arrival on.
    await soon(() => who.media('currentTime')).toBeGreaterThan(PRE_ROLL / 1000 + 0.3);
    if (n === MOVED_IN) await moveIn(id);
    await who.press(tagOf(n) === 'negative' ? '3' : '2', 'c');
    await who.page.getByRole('option').first().waitFor();
    await who.type(causeOf(n) === 'queue' ? 'queue' : 'phone');
    await who.press('Enter', 'Escape');
    if (n === ACTED) await act();
    await who.press('t');
    await who.type(commentOf(n));
    if (n % 3 === 0) await who.press('Escape', 'd');
    else await who.press('Control+Enter');
  }
  await soon(() => who.page.title()).toMatch(new RegExp(`^${waiting - 10} left`));

  const reviews = () => far.messages.filter(({ topic }) => topic.endsWith('/events/contact.reviewed'));
  await soon(() => reviews().length).toBe(10);
  const said = reviews().map(({ payload }) => (payload as { data: object }).data);
  expect(said).toMatchObject(
    unhappy.map(({ id }, n) => ({
      ...{ contactId: id, desk: 'front', tag: tagOf(n), tagSource: 'reviewer' },
      ...{ causes: [causeOf(n)], revision: 1 },
    })),
  );
}

/** To the end of a clip, back to its start, and fast, though its bytes lie encrypted. */
async function moveIn(id: string): Promise<void> {
  const time = async () => Number(await who.media('currentTime'));
  const onSlider = () => who.page.locator('.contact-position:focus').count();
  for (let n = 0; n < 40 && (await onSlider()) === 0; n++) await who.press('Tab');
  expect(await onSlider()).toBe(1);
  // At its end it stops.
  const playOn = async () => {
    if (await who.media('paused')) await who.press('Space');
  };
  await who.press('End', 'ArrowLeft');
  const near = CLIP / 1000 - 5;
  expect(await time()).toBeGreaterThan(near - 0.5);
  await playOn();
  await soon(time).toBeGreaterThan(near + 0.5);
  await who.press('Home');
  const back = await time();
  expect(back).toBeLessThan(near / 2);
  await playOn();
  await soon(time).toBeGreaterThan(back + 0.3);
  await who.press(']', ']', ']');
  expect(await who.media('playbackRate')).toBe(2);
  await soon(() => who.pace()).toBeGreaterThan(1.6);

  const { clip } = clinic;
  const url = `${service.page}/api/contacts/${id}/clip`;
  const own = who.played.filter((answer) => answer.url === url);
  expect(new Set(own.map(({ status }) => status))).toEqual(new Set([206]));
  const furthest = Math.max(...own.map(({ from }) => from));
  // It asked for what it needed, not for all.
  expect(furthest).toBeGreaterThan(clip.length / 2);
  const range = await who.page.request.get(url, {
    headers: { range: `bytes=${furthest}-${furthest + 99_999}` },
  });
  expect(range.status()).toBe(206);
  expect((await range.body()).equals(clip.subarray(furthest, furthest + 100_000))).toBe(true);

  const [file = ''] = readdirSync(join(clinic.data, 'clips'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes(id),
  );
  const sealed = join(clinic.data, 'clips', file);
  const onDisk = readFileSync(sealed);
  expect(onDisk.length).toBeGreaterThan(clip.length);
  for (const at of [0, clip.length / 2, clip.length - 32].map(Math.floor))
    expect(onDisk.includes(clip.subarray(at, at + 32))).toBe(false);
  await expect(run('ffprobe', ['-v', 'error', sealed])).rejects.toThrow();
}

/** Something is to be done about the contact that is open. */
async function act(): Promise<void> {
  await who.press('a');
  await who.page.locator('dialog[open] input[name=title]').waitFor();
  await who.type('A second desk on Mondays');
  await who.press('Tab');
  await who.type('head of reception');
  await who.press('Tab');
  // Whichever of day and month comes first.
  await who.type('05052050');
  await who.press('Enter');
  await who.page.getByText('A second desk on Mondays: head of reception').waitFor();
}

async function tellOfMeasure(): Promise<void> {
  const { page } = who;
  await who.use(page.getByRole('link', { name: 'Reports' }));
  const measure = page.locator('.reports-measure', { hasText: 'A second desk on Mondays' });
  await soon(() => measure.locator('.reports-due').textContent()).toMatch(/head of reception.*5 May 2050/);
  // In the order of month, day and year, whatever the page's language: Debian's browser is in English.
  const [year = '', month = '', day = ''] = dayOf(clinic.midnight(28)).split('-');
  await who.write(measure.getByLabel('In effect since'), month + day + year);
  await who.use(measure.getByRole('button', { name: 'Before and after' }));
  const row = measure.locator('.reports-effect tbody tr');
  await row.first().waitFor();
  const cells = await row.evaluateAll((rows) =>
    rows.map((one) => [...one.children].map((cell) => cell.textContent ?? '')),
  );
  const [before, after] = [figures(56, 28), figures(28, 0)];
  expect(Math.min(before.served, after.served)).toBeGreaterThan(100);
  const [support, dissatisfaction, served, causes] = cells;
  expect(support?.[0]).toBe('Support index');
  expectShares(support, [before.top, before.served], [after.top, after.served]);
  expect(support?.[3]).toMatch(/^It has become higher\./);
  expect(dissatisfaction?.[0]).toBe('Dissatisfaction index');
  expectShares(dissatisfaction, [before.negative, before.served], [after.negative, after.served]);
  expect(dissatisfaction?.[3]).toMatch(/^It has become lower\./);
  expect(served?.slice(1, 3)).toEqual([before.served, after.served].map((n) => n.toLocaleString('en')));
  // Yesterday's four: today is not over.
  expect(causes?.slice(1)).toEqual(['–', '75.0% (3 of 4)', expect.stringMatching(/^Too few to tell/)]);
}

/** Of those served at the front from so many days ago to so many. */
const figures = (from: number, to: number) =>
  ask<{ served: number; top: number; negative: number }>(
    `SELECT count(*) AS served, total(p.rating = 5) AS top, total(p.tag = 'negative') AS negative
       FROM contacts c LEFT JOIN presses p ON p.id = press_id
       WHERE c.desk = 'front' AND served AND started_wall >= ? AND started_wall < ?`,
    ...[clinic.midnight(from), clinic.midnight(to)],
  );

/** A row says both shares, and by how much they differ. */
function expectShares(row: readonly string[] | undefined, ...shares: [k: number, n: number][]): void {
  const percent = new Intl.NumberFormat('en', {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  expect(row?.slice(1, 3)).toEqual(shares.map(([k, n]) => `${percent.format(k / n)} (${k} of ${n})`));
  const [[k0 = 0, n0 = 0] = [], [k1 = 0, n1 = 0] = []] = shares;
  const [, low, high, p] =
    /95 %: ([+-][\d.]+) to ([+-][\d.]+) points, p = ([\d.E-]+)$/.exec(row?.[3] ?? '') ?? [];
  const points = 100 * (k1 / n1 - k0 / n0);
  expect([Number(low) < points, points < Number(high)]).toEqual([true, true]);
  expect(Number(p)).toBeLessThan(0.05);
}

/** Three contacts whose comment says the same become a case; resolves with the file that the browser has saved. */
async function exportCase(): Promise<string> {
  const { page } = who;
  await who.use(page.getByRole('link', { name: 'Search' }));
  await who.write(page.getByLabel('Words in the comment'), 'cash desk');
  await who.press('Enter');
  await page.getByText('3 contacts', { exact: true }).waitFor();
  await who.use(page.getByLabel('Select all that are shown'), 'Space');
  await who.use(page.getByRole('button', { name: 'Add 3 to a case' }));
  await who.write(page.getByLabel('Title'), TITLE);
  await who.press('Enter');
  await who.use(page.getByRole('link', { name: 'Show the case' }));
  await who.use(page.getByRole('button', { name: 'Export …' }));
  const download = page.waitForEvent('download');
  await who.use(page.getByRole('link', { name: 'Download the zip' }));
  const saved = join(clinic.folder, 'case.zip');
  await (await download).saveAs(saved);
  return saved;
}

/** Who has done what is written down, and nobody has changed it since. */
async function checkLog(): Promise<void> {
  const [verdict, printed] = await Promise.all([
    contactAnalyzer('verify-log', '--config', clinic.config),
    contactAnalyzer('actions', '--config', clinic.config),
  ]);
  expect(verdict).toMatch(/^OK: /m);
  const actions = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ActionRecord);
  const [, ...after] = actions;
  expect(actions[0]).toMatchObject({ action: 'set-up', account: NAME });
  expect(new Set(after.map(({ account, outcome }) => `${account} ${outcome}`))).toEqual(
    new Set([`${NAME} ok`]),
  );
  const about = (action: string) =>
    actions.flatMap((one) => (one.action === action ? [String(one.target.contactId ?? '')] : []));
  const ids = clinic.unhappy.map(({ id }) => id);
  expect([...new Set(about('clip.view'))]).toEqual(ids);
  expect(about('contact.review')).toEqual(ids);
  expect(about('contact.tag')).toEqual(ids);
  expect(about('measure.add')).toHaveLength(1);
  expect(about('measure.change')).toHaveLength(1);
  expect(about('case.export')).toHaveLength(1);
  expect(about('contact.export').sort()).toEqual(CASE.map((n) => ids[n]).sort());
}

/** One row of the service's tables, by plain SQL beside it. */
function ask<T>(sql: string, ...values: number[]): T {
  const db = openForReading(clinic.data);
  try {
    return db.prepare(sql).get(...values) as T;
  } finally {
    db.close();
  }
}

const dayOf = (wall: number) => new Intl.DateTimeFormat('sv-SE').format(new Date(wall));
