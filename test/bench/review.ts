import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { STORE_FILE } from '../../device/store/open.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import { memoryOf } from './process-cost.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

const CONTACTS = 200_000;
const SAMPLES = 30;
/** Grouping all contacts by plain SQL takes a second. */
const FLOOR_SAMPLES = 10;
/** Of some years: two of three that the inbox has asked about. */
const REVIEWS = 20_000;
const DAY = 86_400_000;
const ASSETS = join(import.meta.dirname, '../../.cache/page/assets');
/** What the issue allows for the scripts, gzip, kB. */
const SCRIPT_BUDGET = 120;

const text = (wall: number) => new Date(wall).toLocaleDateString('sv-SE');

/** A question to the API, and the plain SQL that gives the same. */
interface Question {
  readonly path: string;
  readonly sql: string;
  readonly values?: readonly (string | number)[];
}

/** How soon the page's lists and reports are there, in a store of some years. */
export const review: Benchmark = {
  names: ['review.list', 'review.report', 'review.memory', 'review.script', 'review.ready'],
  about: `A store of ${CONTACTS} contacts and ${REVIEWS} reviews, asked by HTTP one question after the other: the p95 of the slowest list or filter, and of the slowest report.\nFloor: the p95 of plain SQL that gives the same, on the same file. Memory: of the process that serves; floor: before it was asked anything.\nScript: all there is, gzip; floor: what is allowed. Ready: until the inbox is there in Chromium; floor: a picture of the same server.`,
  async run(): Promise<Result[]> {
    const child = spawn(
      process.execPath,
      // As the command `contact-analyzer` runs it.
      [
        '--max-semi-space-size=8',
        ...[join(import.meta.dirname, 'review-process.ts'), String(CONTACTS), String(REVIEWS)],
      ],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, MALLOC_ARENA_MAX: '2' } },
    );
    try {
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      const [url, folder] = JSON.parse(line) as [string, string];
      const db = new Database(join(folder, STORE_FILE), { readonly: true });
      const process = [{ pid: child.pid ?? 0 }];
      await ask(url, '/api/me');
      const before = memoryOf(process);
      const lists = await slowest(url, db, listsOf(db));
      const reports = await slowest(url, db, reportsOf(db));
      const memory = memoryOf(process);
      db.close();
      return [
        { name: 'review.list', unit: 'ms', better: 'lower', ...lists },
        { name: 'review.report', unit: 'ms', better: 'lower', ...reports },
        { name: 'review.memory', unit: 'MB', better: 'lower', value: memory, floor: before },
        { name: 'review.script', unit: 'kB', better: 'lower', value: scriptSize(), floor: SCRIPT_BUDGET },
        { name: 'review.ready', unit: 'ms', better: 'lower', ...(await ready(url)) },
      ];
    } finally {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    }
  },
};

async function ask(url: string, path: string): Promise<void> {
  const answer = await fetch(url + path);
  const answered = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${answered.slice(0, 200)}`);
}

/** The p95 of the question whose p95 is the largest, and that of its SQL; all of them are told as they are measured. */
async function slowest(url: string, db: Database.Database, questions: readonly Question[]) {
  let found = { value: 0, floor: 0 };
  for (const { path, sql, values = [] } of questions) {
    const statement = db.prepare(sql);
    const first = performance.now();
    await ask(url, path);
    const cold = performance.now() - first;
    const [times, floors]: [number[], number[]] = [[], []];
    for (let n = 0; n < SAMPLES; n++) {
      const asked = performance.now();
      await ask(url, path);
      times.push(performance.now() - asked);
      if (n >= FLOOR_SAMPLES) continue;
      const plain = performance.now();
      statement.all(...values);
      floors.push(performance.now() - plain);
    }
    const [p50, value, floor] = [quantile(times, 0.5), quantile(times, 0.95), quantile(floors, 0.95)];
    const ms = (time: number) => time.toFixed(1).padStart(8);
    console.error(
      `  ${path.padEnd(84)} first${ms(cold)}  p50${ms(p50)}  p95${ms(value)}  SQL p95${ms(floor)} ms`,
    );
    if (value > found.value) found = { value, floor };
  }
  return found;
}

const CONTACT = 'SELECT id, desk, started_wall, duration, served, tag, tag_source, rating FROM contacts';
const NEWEST = 'ORDER BY started_wall DESC LIMIT 50';

function listsOf(db: Database.Database): Question[] {
  const newest = db.prepare('SELECT max(started_wall) FROM contacts').pluck().get() as number;
  const id = db
    .prepare('SELECT id FROM contacts ORDER BY started_wall LIMIT 1 OFFSET ?')
    .pluck()
    .get(CONTACTS / 2) as string;
  const [day, week] = [text(newest), text(newest - 7 * DAY)];
  const negative = `${CONTACT} WHERE tag = 'negative' ${NEWEST}`;
  const filtered = (filter: string, where: string): Question => ({
    path: `/api/search?${filter}`,
    sql: `${CONTACT} WHERE ${where} ${NEWEST}`,
  });
  return [
    { path: '/api/inbox', sql: negative },
    { path: '/api/inbox?by=me', sql: negative },
    {
      path: '/api/inbox?class=hint',
      sql: `${CONTACT} JOIN hints ON contact_id = id WHERE kind IS NOT NULL ORDER BY priority DESC LIMIT 50`,
    },
    { path: '/api/inbox?class=sample&desk=front', sql: `${CONTACT} WHERE desk = 'front' ${NEWEST}` },
    {
      path: `/api/contacts/${id}`,
      sql: 'SELECT * FROM contacts LEFT JOIN scores ON contact_id = id WHERE id = ?',
      values: [id],
    },
    { path: '/api/today', sql: `${CONTACT} WHERE started_wall > ? ${NEWEST}`, values: [newest - DAY] },
    { path: '/api/measures', sql: 'SELECT * FROM measures' },
    { path: '/api/causes', sql: 'SELECT * FROM causes' },
    filtered('', '1'),
    filtered(`from=${week}&to=${day}`, `started_wall > ${newest - 7 * DAY}`),
    filtered('desk=front', "desk = 'front'"),
    filtered('receptionist=r-1', "receptionist = 'r-1'"),
    filtered('tag=negative', "tag = 'negative'"),
    filtered(
      'tag=negative&desk=back&receptionist=r-2&min=60&max=90',
      "tag = 'negative' AND desk = 'back' AND receptionist = 'r-2' AND duration BETWEEN 60000 AND 90000",
    ),
    filtered('min=900', 'duration >= 900000'),
    filtered('min=5000', 'duration >= 5000000'),
    filtered('pressed=no', 'press_id IS NULL'),
    filtered('reviewed=yes', 'id IN (SELECT contact_id FROM reviews)'),
    filtered('reviewed=no', 'id NOT IN (SELECT contact_id FROM reviews)'),
    filtered('reviewed=yes&min=5000', 'duration >= 5000000 AND id IN (SELECT contact_id FROM reviews)'),
    filtered('cause=queue', "id IN (SELECT contact_id FROM review_causes WHERE cause_id = 'queue')"),
    filtered('text=waited', "id IN (SELECT contact_id FROM reviews WHERE comment LIKE '%waited%')"),
  ];
}

function reportsOf(db: Database.Database): Question[] {
  const [oldest, newest] = db
    .prepare('SELECT min(started_wall), max(started_wall) FROM contacts')
    .raw()
    .get() as [number, number];
  const report = (first: number, by: string, more = '', only = ''): Question => {
    const bucket = { hour: '%Y-%m-%dT%H', day: '%Y-%m-%d', week: '%Y-%W', month: '%Y-%m' }[by];
    return {
      path: `/api/reports?from=${text(first)}&to=${text(newest)}&by=${by}${more}`,
      sql: `SELECT strftime('${bucket}', started_wall / 1000, 'unixepoch', 'localtime') AS bucket, c.desk, receptionist, count(*), sum(served),
          sum(served AND c.rating IS NOT NULL), sum(served AND top), sum(served AND p.tag IS 'negative')
        FROM contacts c LEFT JOIN presses p ON p.id = c.press_id WHERE started_wall >= ? ${only} GROUP BY 1, 2, 3`,
      values: [first],
    };
  };
  return [
    report(oldest, 'month'),
    report(oldest, 'week'),
    report(oldest, 'month', '&desk=front', "AND c.desk = 'front'"),
    report(oldest, 'week', '&receptionist=r-1', "AND receptionist = 'r-1'"),
    report(newest - 365 * DAY, 'day', '&compare=year'),
    report(newest - 31 * DAY, 'day', '&compare=previous'),
    report(newest - 6 * DAY, 'hour'),
    report(newest, 'hour'),
  ];
}

/** All scripts of the page together, kB of gzip. */
function scriptSize(): number {
  const files = readdirSync(ASSETS).filter((file) => file.endsWith('.js'));
  return (
    files.reduce((sum, file) => sum + gzipSync(readFileSync(join(ASSETS, file)), { level: 9 }).length, 0) /
    1_000
  );
}

/** Until the inbox can be used in Chromium, in a context that has nothing stored. The median of five. */
async function ready(url: string): Promise<{ value: number; floor: number }> {
  const browser = await launchChromium();
  try {
    const times: [number[], number[]] = [[], []];
    for (let n = 0; n < 6; n++)
      for (const [i, path] of ['/inbox', '/icon.svg'].entries()) {
        const context = await browser.newContext();
        const page = await context.newPage();
        const begin = performance.now();
        await page.goto(url + path, { waitUntil: 'commit' });
        await page
          .locator(i === 0 ? 'main a[href^="/contacts/"], main h1' : 'svg')
          .first()
          .waitFor();
        // The first of each warms Chromium up.
        if (n > 0) times[i as 0 | 1].push(performance.now() - begin);
        await context.close();
      }
    return { value: quantile(times[0], 0.5), floor: quantile(times[1], 0.5) };
  } finally {
    await browser.close();
  }
}
