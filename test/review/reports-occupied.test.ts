import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { Report } from '../../device/review/reports/schema.ts';
import { STORE_FILE } from '../../device/store/open.ts';
import { fillStore } from './filled-store.ts';
import { type PageRig, startPage } from './rig.ts';

const UNTIL = Date.UTC(2026, 4, 29);
const WHOLE = 'from=2026-01-01&to=2026-06-30';
/** Each contact in as many pieces as there are hours of the clock in which it was, by plain SQL. */
const PIECES = `WITH RECURSIVE parts (day, desk, who, at, until) AS (
    SELECT date(started_wall / 1000, 'unixepoch', 'localtime'), desk, receptionist, started_wall, started_wall + duration FROM contacts
    UNION ALL SELECT day, desk, who, (CAST(at / 3600000 AS INTEGER) + 1) * 3600000.0, until FROM parts
      WHERE (CAST(at / 3600000 AS INTEGER) + 1) * 3600000 < until),
  pieces AS (SELECT day, desk, who, CAST(strftime('%w', day) AS INTEGER) AS weekday,
      CAST(strftime('%H', at / 1000, 'unixepoch', 'localtime') AS INTEGER) AS hour,
      (min(until, (CAST(at / 3600000 AS INTEGER) + 1) * 3600000) - at) / 1000 AS seconds FROM parts)`;

let rig: PageRig;
let sql: Database.Database;

beforeAll(async () => {
  rig = await startPage({
    role: 'reviewer',
    clock: new ManualClock({ mono: 0, wall: UNTIL }),
    fill: (_store, folder) => {
      fillStore(folder, { contacts: 1_500, until: UNTIL, perDay: 30, clips: false });
    },
  });
  sql = new Database(join(rig.folder, STORE_FILE));
});
afterAll(async () => {
  sql.close();
  await rig.stop();
});

async function report(query: string): Promise<Report> {
  const answer = await rig.ask('GET', `/api/reports?${query}`);
  expect(answer.status).toBe(200);
  return answer.json() as Promise<Report>;
}

type Sum = { seconds: number; hours: number };
const sum = (where: string, ...values: unknown[]) =>
  sql
    .prepare<unknown[], Sum>(
      `${PIECES} SELECT sum(seconds) AS seconds, count(DISTINCT day || desk || hour) AS hours FROM pieces WHERE ${where}`,
    )
    .get(...values) as Sum;

/** Seconds are rounded once for each receptionist's hour. */
function expectSame(figures: { occupied: number; hours: number; occupancy: number | null }, by: Sum): void {
  expect(by.hours).toBeGreaterThan(20);
  expect(figures.hours).toBe(by.hours);
  expect(Math.abs(figures.occupied - by.seconds)).toBeLessThan(by.seconds / 1_000);
  expect(figures.occupancy).toBeCloseTo(by.seconds / by.hours / 3_600, 3);
}

test('the share of each hour of the week is that of plain SQL', async () => {
  const { heat } = await report(`${WHOLE}&by=month`);
  const deskDays = sql
    .prepare<[], { weekday: number; n: number }>(
      `${PIECES} SELECT weekday, count(DISTINCT day || desk) AS n FROM pieces GROUP BY 1`,
    )
    .all();
  const days = new Map(deskDays.map(({ weekday, n }) => [weekday, n]));
  const cells = sql
    .prepare<[], { weekday: number; hour: number; seconds: number }>(
      `${PIECES} SELECT weekday, hour, sum(seconds) AS seconds FROM pieces GROUP BY 1, 2`,
    )
    .all();
  expect(cells.length).toBeGreaterThan(40);
  for (const { weekday, hour, seconds } of cells) {
    // SQLite's week begins on Sunday.
    const day = (weekday + 6) % 7;
    expect(heat?.deskDays[day]).toBe(days.get(weekday));
    expect(heat?.occupied[day]?.[hour]).toBeCloseTo(seconds / 3_600 / (days.get(weekday) ?? 0), 3);
  }
  expect(heat?.occupied.flat().filter((share) => share !== null && share > 0)).toHaveLength(cells.length);
  // Nobody comes on Saturdays: there is no day to tell a share of.
  expect([heat?.deskDays[5], heat?.occupied[5]?.[10]]).toEqual([0, null]);
});

test('the whole, each desk and each bucket: time of contacts by the hours in which there were any', async () => {
  const { total, perDesk, series } = await report(`${WHOLE}&by=day`);
  expectSame(total, sum('true'));
  for (const desk of perDesk) expectSame(desk, sum('desk = ?', desk.desk));
  expect(perDesk).toHaveLength(2);
  for (const field of ['occupied', 'hours'] as const) {
    expect(series.reduce((all, bucket) => all + bucket[field], 0)).toBe(total[field]);
    expect(perDesk.reduce((all, desk) => all + desk[field], 0)).toBe(total[field]);
  }
  const busy = series.find(({ contacts }) => contacts > 20)?.from ?? '';
  const hours = await report(`from=${busy}&to=${busy}&by=hour`);
  const by = { occupied: 0, hours: 0 };
  for (const hour of hours.series) {
    by.occupied += hour.occupied;
    by.hours += hour.hours;
    expect(hour.hours).toBeLessThanOrEqual(2);
  }
  expect(by).toEqual({ occupied: hours.total.occupied, hours: hours.total.hours });
  expect(hours.total.hours).toBe(sum('day = ?', busy).hours);
});

test('of a receptionist, only whole weeks with enough, and hours in which they had a contact', async () => {
  const { people, heat } = await report(`${WHOLE}&receptionist=r-1&by=week`);
  const own = await report(`${WHOLE}&receptionist=r-1&by=week`);
  expect(heat).toBeNull();
  expect(own.series.length).toBeGreaterThan(3);
  const weeks = own.series.map(({ from }) => `'${from}'`).join(', ');
  const told = `who = 'r-1' AND date(day, 'weekday 0', '-6 days') IN (${weeks})`;
  const { seconds } = sum(told);
  // An hour at both desks is one hour of a person.
  const hours = sql
    .prepare<[], number>(`${PIECES} SELECT count(DISTINCT day || hour) FROM pieces WHERE ${told}`)
    .pluck()
    .get() as number;
  expectSame(own.total, { seconds, hours });
  expect(sum(told).hours).toBeGreaterThan(hours);
  expect(people?.rows).toMatchObject([
    { occupied: own.total.occupied, hours, occupancy: own.total.occupancy },
  ]);
});

test('of a receptionist with too few, no time is told', async () => {
  const someId = sql.prepare("SELECT id FROM contacts WHERE receptionist = 'r-2' LIMIT 1").pluck().get();
  sql.prepare("UPDATE contacts SET receptionist = 'r-9' WHERE id = ?").run(someId);
  try {
    const { people } = await report(`${WHOLE}&by=month`);
    expect(people?.rows).toContainEqual({ receptionist: 'r-9', tooFew: true });
    const { total, series } = await report(`${WHOLE}&by=week&receptionist=r-9`);
    expect([total.occupied, total.hours, total.occupancy, series]).toEqual([0, 0, null, []]);
  } finally {
    sql.prepare("UPDATE contacts SET receptionist = 'r-2' WHERE id = ?").run(someId);
  }
});

test('the files have the same shares, and the seconds they are made of', async () => {
  const { heat, perDesk } = await report(`${WHOLE}&by=month`);
  const file = async (table: string) => {
    const answer = await rig.ask('GET', `/api/reports/export?${WHOLE}&by=month&form=csv&table=${table}`);
    const [head = [], ...rows] = (await answer.text())
      .trim()
      .split('\r\n')
      .map((row) => row.split(','));
    return { head, rows };
  };
  const hours = await file('occupied');
  expect(hours.head.slice(1, 4)).toEqual(['desk_days', '0:00', '1:00']);
  expect(hours.rows.map((row) => Number(row[1]))).toEqual(heat?.deskDays);
  expect(hours.rows.map((row) => row.slice(2).map((cell) => (cell === '' ? null : Number(cell))))).toEqual(
    heat?.occupied,
  );
  const desks = await file('desks');
  const at = desks.head.indexOf('occupied_seconds');
  expect(desks.head.slice(at)).toEqual(['occupied_seconds', 'hours_with_contacts', 'occupied']);
  expect(desks.rows.map((row) => row.slice(at).map(Number))).toEqual(
    perDesk.map(({ occupied, hours, occupancy }) => [occupied, hours, occupancy]),
  );
});
