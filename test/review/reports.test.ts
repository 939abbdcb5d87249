import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { MeasureEffect, Report } from '../../device/review/reports/schema.ts';
import { STORE_FILE } from '../../device/store/open.ts';
import { fillStore } from './filled-store.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

const UNTIL = Date.UTC(2026, 4, 29);
const WHOLE = 'from=2026-01-01&to=2026-06-30';

let rig: PageRig;
let ids: string[];
let sql: Database.Database;

beforeEach(async () => {
  rig = await startPage({
    role: 'reviewer',
    clock: new ManualClock({ mono: 0, wall: UNTIL }),
    fill: (_store, folder) => {
      ids = fillStore(folder, { contacts: 1_500, until: UNTIL, perDay: 30, clips: false });
    },
  });
  sql = new Database(join(rig.folder, STORE_FILE));
});
afterEach(async () => {
  sql.close();
  await rig.stop();
});

async function report(query: string): Promise<Report> {
  const answer = await rig.ask('GET', `/api/reports?${query}`);
  expect(answer.status).toBe(200);
  return answer.json() as Promise<Report>;
}

const one = (text: string, ...values: unknown[]) =>
  sql
    .prepare(text)
    .pluck()
    .get(...values) as number;

const dayOf = (id: string | undefined) =>
  new Date(one('SELECT started_wall FROM contacts WHERE id = ?', id)).toLocaleDateString('sv-SE');

describe('a report', () => {
  test('counts what plain SQL counts, whatever it is cut into', async () => {
    const plain = sql
      .prepare<[], Record<string, number>>(
        `SELECT count(*) AS contacts, sum(served) AS served, sum(served AND c.rating IS NOT NULL) AS rated, sum(served AND top) AS top,
           sum(served AND p.tag IS 'negative') AS negative FROM contacts c LEFT JOIN presses p ON p.id = c.press_id`,
      )
      .get();
    const indices = rig.store.contacts.indices(0, UNTIL * 2);
    for (const by of ['day', 'week', 'month']) {
      const { total, series, perDesk, heat, durations, tags } = await report(`${WHOLE}&by=${by}`);
      expect(total).toMatchObject(plain ?? {});
      expect(total.support?.low).toBeCloseTo(indices.support?.low ?? 0, 4);
      for (const key of ['contacts', 'served', 'rated', 'top', 'negative'] as const) {
        expect(series.reduce((sum, bucket) => sum + bucket[key], 0)).toBe(plain?.[key]);
        expect(perDesk.reduce((sum, desk) => sum + desk[key], 0)).toBe(plain?.[key]);
      }
      expect(heat?.contacts.flat().reduce((a, b) => a + b, 0)).toBe(plain?.contacts);
      expect(durations?.counts.reduce((a, b) => a + b, 0)).toBe(plain?.served);
      expect(Object.values(tags ?? {}).reduce((a, b) => a + b, 0)).toBe(plain?.served);
    }
  });

  test('of one desk and one day, by hour', async () => {
    const day = new Date(one('SELECT started_wall FROM contacts WHERE id = ?', ids[700])).toLocaleDateString(
      'sv-SE',
    );
    const { total, series } = await report(`from=${day}&to=${day}&by=hour&desk=front`);
    expect(series).toHaveLength(24);
    const bounds = [new Date(`${day}T00:00:00`).getTime(), new Date(`${day}T24:00:00`).getTime()];
    expect(total.contacts).toBe(
      one(
        "SELECT count(*) FROM contacts WHERE desk = 'front' AND started_wall >= ? AND started_wall < ?",
        ...bounds,
      ),
    );
    expect(total.contacts).toBeGreaterThan(5);
    expect(series.reduce((sum, { contacts }) => sum + contacts, 0)).toBe(total.contacts);
  });

  test('has no days before the first contact or after today among its weekdays, nor has its file', async () => {
    const { heat } = await report(`${WHOLE}&by=month`);
    const [first, today] = [dayOf(ids[0]), new Date(UNTIL).toLocaleDateString('sv-SE')];
    const within = (await report(`from=${first}&to=${today}&by=month`)).heat?.days;
    expect(heat?.days).toEqual(within);
    const length = (Date.parse(today) - Date.parse(first)) / 86_400_000 + 1;
    expect(heat?.days.reduce((a, b) => a + b, 0)).toBe(length);
    const csv = await rig.ask('GET', `/api/reports/export?${WHOLE}&by=month&form=csv&table=hours`);
    const column = (await csv.text()).trim().split('\r\n').slice(1);
    expect(column.map((row) => Number(row.split(',')[1]))).toEqual(within);
  });

  test('compares with the months before, and says whether a difference can be told', async () => {
    const { compare, total } = await report('from=2026-05-01&to=2026-05-31&by=day&compare=previous');
    expect(compare).toMatchObject({ from: '2026-04-01', to: '2026-04-30' });
    expect(compare?.series).toHaveLength(30);
    expect(compare?.total.served).toBeGreaterThan(100);
    expect(compare?.support?.value).toBeCloseTo(
      (total.support?.value ?? 0) - (compare?.total.support?.value ?? 0),
      3,
    );
    expect(compare?.support?.verdict).toBe('none');
  });

  test('an erased contact is gone from it', async () => {
    const before = await report(`${WHOLE}&by=month`);
    rig.store.erase(ids[10] ?? '', 'page', UNTIL);
    expect((await report(`${WHOLE}&by=month`)).total.contacts).toBe(before.total.contacts - 1);
  });

  test('days that a note excludes can be left out, and it says so', async () => {
    const before = await report(`${WHOLE}&by=week`);
    const day = dayOf(ids[0]);
    const added = await rig.ask('POST', '/api/annotations', { day, text: 'Influenza', excluded: true });
    expect(added.status).toBe(201);
    const { id } = (await added.json()) as { id: string };
    const kept = await report(`${WHOLE}&by=week`);
    expect([kept.total, kept.leftOut]).toEqual([before.total, []]);
    const left = await report(`${WHOLE}&by=week&leaveOut=true`);
    expect(left.leftOut).toEqual([day]);
    expect(before.total.contacts - left.total.contacts).toBe(
      one("SELECT count(*) FROM contacts WHERE date(started_wall / 1000, 'unixepoch', 'localtime') = ?", day),
    );
    // Persons' figures do not: the difference would be one day of one person.
    expect(left.people).toEqual(before.people);
    expect((await rig.ask('PATCH', `/api/annotations/${id}`, { excluded: false })).status).toBe(200);
    expect((await report(`${WHOLE}&leaveOut=true&by=week`)).total).toEqual(before.total);
    expect((await rig.ask('DELETE', `/api/annotations/${id}`)).status).toBe(200);
    expect((await rig.ask('DELETE', `/api/annotations/${id}`)).status).toBe(404);
    expect((await report(WHOLE)).annotations).toEqual([]);
  });
});

describe('receptionists', () => {
  test('are told of by whole weeks with enough, and by nothing finer', async () => {
    const { people } = await report(`${WHOLE}&by=month`);
    expect(people?.rows.map(({ receptionist }) => receptionist)).toEqual(['r-1', 'r-2', 'r-3']);
    const [first] = people?.rows ?? [];
    expect(first).toMatchObject({ weeks: expect.any(Number), served: expect.any(Number) });
    // Weeks of about 30 served each; the last one is not over.
    const own = await report(`${WHOLE}&receptionist=r-1&by=day`);
    expect(own.by).toBe('week');
    expect(own.total.served).toBe((first as { served: number }).served);
    for (const week of own.series) expect(week.served).toBeGreaterThanOrEqual(20);
    expect([own.heat, own.durations, own.causes, own.agreement, own.tags, own.perDesk]).toEqual([
      ...[null, null, null, null, null],
      [],
    ]);
  });

  test('of a day, of a desk, or of somebody with too few, nothing is told', async () => {
    expect((await report('from=2026-05-20&to=2026-05-20&by=hour')).people).toMatchObject({
      from: null,
      rows: [],
    });
    expect((await report(`${WHOLE}&desk=front&by=week`)).people).toBeNull();
    expect((await rig.ask('GET', `/api/reports?${WHOLE}&by=week&desk=front&receptionist=r-1`)).status).toBe(
      400,
    );
    sql.exec(
      "UPDATE contacts SET receptionist = 'r-9' WHERE id IN (SELECT id FROM contacts WHERE served ORDER BY started_wall LIMIT 15)",
    );
    const { people } = await report(`${WHOLE}&by=month`);
    expect(people?.rows).toContainEqual({ receptionist: 'r-9', tooFew: true });
    expect((await report(`${WHOLE}&by=week&receptionist=r-9`)).total.contacts).toBe(0);
  });

  test('whatever models say, their figures are the same', async () => {
    const before = (await report(`${WHOLE}&by=month`)).people;
    expect(before?.rows.length).toBeGreaterThan(2);
    sql.exec(`UPDATE hints SET kind = 'suspected-negative', priority = 1;
      UPDATE scores SET summary = json_set(summary, '$.negative', 1);
      DELETE FROM report_days;
      INSERT OR IGNORE INTO report_stale SELECT DISTINCT CAST(started_wall / 3600000 AS INTEGER) FROM contacts`);
    expect((await report(`${WHOLE}&by=month`)).people).toEqual(before);
  });
});

test('causes, and how far press, hint and reviewer agree', async () => {
  const hinted = sql
    .prepare("SELECT contact_id FROM queue WHERE class = 'hint' LIMIT 6")
    .pluck()
    .all() as string[];
  for (const [n, id] of hinted.entries()) {
    const body = {
      tag: n < 4 ? 'negative' : 'neutral',
      causes: n < 3 ? ['queue'] : [],
      comment: '',
      revision: 0,
    };
    expect((await rig.ask('PUT', `/api/contacts/${id}/review`, body)).status).toBe(200);
  }
  const { causes, agreement } = await report(`${WHOLE}&by=month`);
  expect(hinted).toHaveLength(6);
  expect(causes).toMatchObject({ reviewed: 6, counts: [{ id: 'queue', count: 3, group: 'waiting' }] });
  expect(agreement?.hint).toMatchObject({ n: 6, negative: 4, precision: { value: 4 / 6 } });
  expect(agreement?.hint.precision?.low).toBeGreaterThan(0.25);
});

describe('a measure', () => {
  const DAY = '2026-04-27';
  async function measure(body = {}): Promise<string> {
    const made = await rig.ask('POST', '/api/measures', {
      title: 'A second desk',
      owner: 'Anna',
      causes: ['queue'],
      ...body,
    });
    const { id } = (await made.json()) as { id: string };
    return id;
  }
  const effect = async (id: string, query = '') =>
    (await (await rig.ask('GET', `/api/reports/measures/${id}${query}`)).json()) as MeasureEffect;

  test('has no before and after until it took effect', async () => {
    const id = await measure();
    expect(await effect(id)).toMatchObject({ windows: null, effective: null, support: null });
    await rig.ask('PATCH', `/api/measures/${id}`, { effective: '2026-05-29' });
    expect(await effect(id)).toMatchObject({ windows: null });
    expect((await rig.ask('GET', '/api/reports/measures/none')).status).toBe(404);
  });

  test('is followed by a difference that is told, with what else was special', async () => {
    const id = await measure();
    const other = await measure({ title: 'New hours' });
    await rig.ask('PATCH', `/api/measures/${id}`, { effective: DAY });
    await rig.ask('PATCH', `/api/measures/${other}`, { effective: '2026-05-04' });
    await rig.ask('POST', '/api/annotations', { day: '2026-05-01', text: 'Holiday' });
    const calm = await effect(id);
    expect(calm.windows).toEqual({
      before: { from: '2026-03-30', to: '2026-04-26' },
      after: { from: DAY, to: '2026-05-24' },
    });
    expect(calm.support?.verdict).toBe('none');
    expect(calm.others).toEqual([{ id: other, title: 'New hours', effective: '2026-05-04' }]);
    expect(calm.annotations).toMatchObject([{ text: 'Holiday' }]);
    expect(calm.causes).toMatchObject({ before: { k: 0, n: 0 }, difference: null });
    // After it, everybody who presses is content.
    sql
      .prepare(
        `UPDATE contacts SET rating = 5, top = 1, tag = 'positive', tag_source = 'press', press_id = NULL WHERE served AND started_wall >= ?`,
      )
      .run(new Date(`${DAY}T00:00:00`).getTime());
    const better = await effect(id);
    expect(better.support).toMatchObject({ verdict: 'higher' });
    expect(better.dissatisfaction).toMatchObject({ verdict: 'lower' });
    expect(better.dissatisfaction?.high).toBeLessThan(0);
    expect((await effect(id, '?weeks=1')).windows?.before.from).toBe('2026-04-20');
  });

  test('of too few contacts, it says so', async () => {
    const id = await measure({ desk: 'nowhere' });
    await rig.ask('PATCH', `/api/measures/${id}`, { effective: DAY });
    expect(await effect(id)).toMatchObject({ support: null, before: { served: 0 } });
  });
});

describe('files', () => {
  /** What stands at the beginning of the texts, put into a desk's name and a note. */
  const EVIL = '=HYPERLINK("http://x","y")';

  beforeEach(async () => {
    sql.prepare("UPDATE contacts SET desk = ? WHERE desk = 'back'").run('-2+3 "back", x');
    await rig.ask('POST', '/api/annotations', { day: '2026-05-05', text: EVIL });
    await rig.ask('POST', '/api/annotations', { day: '2026-05-06', text: '@SUM(1)\r\n\t+1' });
  });

  async function fetched(query: string, file: string): Promise<string> {
    const answer = await rig.ask('GET', `/api/reports/export?${query}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain('attachment');
    const path = join(rig.folder, file);
    writeFileSync(path, Buffer.from(await answer.arrayBuffer()));
    return path;
  }

  test('XLSX has a sheet for each table, numbers that are numbers, and no formula', async () => {
    const path = await fetched(`${WHOLE}&by=week&form=xlsx`, 'report.xlsx');
    const program = `
import json, sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
print(json.dumps({sheet.title: [[[cell.data_type, cell.value] for cell in row] for row in sheet.rows] for sheet in book}))`;
    const sheets = JSON.parse(execFileSync('/usr/bin/python3', ['-c', program, path]).toString());
    expect(Object.keys(sheets)).toEqual([
      ...[
        'indices',
        'series',
        'hours',
        'occupied',
        'desks',
        'receptionists',
        'durations',
        'causes',
        'tags',
        'annotations',
      ],
    ]);
    const { total, perDesk } = await report(`${WHOLE}&by=week`);
    expect(sheets.indices[1].slice(4, 7)).toEqual([
      ['n', total.contacts],
      ['n', total.unserved],
      ['n', total.served],
    ]);
    expect(sheets.desks.slice(1).map((row: unknown[]) => row[0])).toEqual(
      perDesk.map(({ desk }) => ['s', desk]),
    );
    expect(sheets.annotations[1][1]).toEqual(['s', EVIL]);
    const kinds = Object.values<[string, unknown][][]>(sheets).flat(2);
    expect(kinds.filter(([kind]) => kind === 'f')).toEqual([]);
  });

  test('CSV has one table, which Python reads back, and no cell that a spreadsheet would calculate', async () => {
    const path = await fetched(`${WHOLE}&by=week&form=csv&table=annotations`, 'notes.csv');
    expect(readFileSync(path).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const program = `
import csv, json, sys
print(json.dumps(list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8-sig')))))`;
    const read = (file: string) =>
      JSON.parse(execFileSync('/usr/bin/python3', ['-c', program, file]).toString());
    expect(read(path)).toEqual([
      ['day', 'text', 'excluded'],
      ['2026-05-05', `'${EVIL}`, 'no'],
      ['2026-05-06', "'@SUM(1)\r\n\t+1", 'no'],
    ]);
    const desks = read(await fetched(`${WHOLE}&by=week&form=csv&table=desks`, 'desks.csv'));
    expect(desks.map(([desk]: string[]) => desk)).toEqual(['desk', `'-2+3 "back", x`, 'front']);
    const { perDesk } = await report(`${WHOLE}&by=week`);
    expect(Number(desks[2][1])).toBe(perDesk[1]?.contacts);
  });

  test('it is written down who took one', async () => {
    await fetched(`${WHOLE}&by=week&form=csv&table=tags`, 'tags.csv');
    const row = sql.prepare("SELECT * FROM actions WHERE action = 'report.export'").get();
    expect(row).toMatchObject({ actor: 'page', outcome: 'ok' });
    expect((row as { target: string }).target).toContain('tags');
  });
});

test('who may read and who may write', async () => {
  const paths = [
    '/api/reports?from=2026-01-01&to=2026-01-31',
    `/api/reports/export?${WHOLE}&by=week&form=csv`,
  ];
  const status = async (method: string, path: string, body?: unknown) =>
    (await rig.ask(method, path, body)).status;
  const note = { day: '2026-01-05', text: 'x' };
  for (const [role, read, write] of [
    ['admin', 200, 201],
    ['reviewer', 200, 201],
    ['read-only', 200, 403],
    ['receptionist', 403, 403],
  ] as const) {
    rig.who = somebody(role);
    for (const path of paths) expect([role, path, await status('GET', path)]).toEqual([role, path, read]);
    expect([role, await status('POST', '/api/annotations', note)]).toEqual([role, write]);
  }
});

const NONSENSE = [
  'from=2026-02-30&to=2026-03-01',
  'from=2026-02-01&to=2026-01-01',
  'from=2026-01-01&to=2026-03-01&by=hour',
  'from=1900-01-01&to=2026-03-01&by=month',
  'from=2026-01-01&to=2026-01-01&by=year',
  `from=2026-01-01&to=2026-01-01&desk=${'x'.repeat(65)}`,
  'from=2026-01-01&to=2026-01-01&leaveOut=yes',
  'from=2026-01-01&to=2026-01-01&other=1',
  'from[]=2026-01-01&to=2026-01-01',
  'to=2026-01-01',
];
test('a question that makes no sense is refused', async () => {
  for (const query of NONSENSE)
    for (const path of [`/api/reports?${query}`, `/api/reports/export?form=csv&${query}`])
      expect([path, (await rig.ask('GET', path)).status]).toEqual([path, 400]);
});
