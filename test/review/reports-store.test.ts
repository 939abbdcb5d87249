import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { STORE_FILE } from '../../device/store/open.ts';
import { BINS_AT, HOUR_FIELDS, PER_HOUR, TAG_FIELDS, TAGS_AT } from '../../device/store/page/day-counts.ts';
import { dayNumber, startOfDay } from '../../device/store/page/days.ts';
import { Store } from '../../device/store/store.ts';

// Summer time ends on the Sunday in the middle.
const FROM = dayNumber('2026-10-23') ?? 0;
const TO = FROM + 4;

let folder: string;
let store: Store;
let sql: Database.Database;

beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Warsaw');
  folder = mkdtempSync(join(tmpdir(), 'ca-reports-'));
  store = open();
  store.beginSession('boot', { mono: 0, wall: startOfDay(FROM) });
  sql = new Database(join(folder, STORE_FILE));
});
afterEach(() => {
  sql.close();
  store.close();
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

function open(): Store {
  return new Store(folder, 'd', randomUUID, () => startOfDay(TO), { keep: 'all', sample: 0 });
}

/** What the counts say, as `day/desk/receptionist/what` → number. */
function counted(): Record<string, number> {
  while (store.reports.days.refresh(FROM - 2, TO + 2));
  const found: Record<string, number> = {};
  const add = (key: string, n: number) => {
    found[key] = (found[key] ?? 0) + n;
  };
  store.reports.days.read(FROM - 2, TO + 2, null, ({ day, desk, receptionist, pairs }) => {
    const who = `${day}/${desk}/${receptionist}`;
    for (let i = 0; i < pairs.length; i += 2) {
      const [place = 0, n = 0] = [pairs[i], pairs[i + 1]];
      if (place >= BINS_AT) add(`${who}/durations`, n);
      else if (place >= TAGS_AT) add(`${who}/${TAG_FIELDS[place - TAGS_AT]}`, n);
      else add(`${who}/${Math.floor(place / PER_HOUR)}h/${HOUR_FIELDS[place % PER_HOUR]}`, n);
    }
  });
  return found;
}

/** The same by plain SQL over the contacts. */
function plain(): Record<string, number> {
  const found: Record<string, number> = {};
  const hour = sql.prepare<unknown[], Record<string, number | string>>(
    `SELECT c.desk, coalesce(c.receptionist, '') AS who,
         CAST(strftime('%H', c.started_wall / 1000, 'unixepoch', 'localtime') AS INTEGER) AS hour,
         count(*) AS contacts, sum(c.served) AS served, sum(c.served AND c.rating IS NOT NULL) AS rated,
         sum(c.served AND c.rating IS NOT NULL AND c.top) AS top,
         sum(c.served AND c.rating IS NOT NULL AND coalesce(p.tag = 'negative', 0)) AS negative
       FROM contacts c LEFT JOIN presses p ON p.id = c.press_id
       WHERE c.started_wall >= ? AND c.started_wall < ? AND c.state <> 'open' GROUP BY 1, 2, 3`,
  );
  const tags = sql.prepare<unknown[], { desk: string; who: string; tag: string; n: number }>(
    `SELECT desk, coalesce(receptionist, '') AS who, tag || coalesce('/' || tag_source, '') AS tag, count(*) AS n FROM contacts
       WHERE started_wall >= ? AND started_wall < ? AND state <> 'open' AND served GROUP BY 1, 2, 3`,
  );
  const time = sql.prepare<unknown[], { desk: string; who: string; hour: number; seconds: number }>(
    `WITH RECURSIVE parts (desk, who, at, until) AS (
         SELECT desk, coalesce(receptionist, ''), started_wall, started_wall + duration FROM contacts
           WHERE started_wall >= ? AND started_wall < ? AND state <> 'open'
         UNION ALL SELECT desk, who, (CAST(at / 3600000 AS INTEGER) + 1) * 3600000.0, until FROM parts
           WHERE (CAST(at / 3600000 AS INTEGER) + 1) * 3600000 < until)
       SELECT desk, who, CAST(strftime('%H', at / 1000, 'unixepoch', 'localtime') AS INTEGER) AS hour,
         round(sum(min(until, (CAST(at / 3600000 AS INTEGER) + 1) * 3600000) - at) / 1000) AS seconds FROM parts GROUP BY 1, 2, 3`,
  );
  for (let day = FROM - 2; day <= TO + 2; day++) {
    const bounds = [startOfDay(day), startOfDay(day + 1)];
    for (const { desk, who, hour, seconds } of time.all(...bounds))
      if (seconds > 0) found[`${day}/${desk}/${who}/${hour}h/occupied`] = seconds;
    for (const row of hour.all(...bounds)) {
      const who = `${day}/${row.desk}/${row.who}`;
      for (const field of HOUR_FIELDS)
        if (Number(row[field]) > 0) found[`${who}/${row.hour}h/${field}`] = Number(row[field]);
      if (Number(row.served) > 0)
        found[`${who}/durations`] = (found[`${who}/durations`] ?? 0) + Number(row.served);
    }
    for (const { desk, who, tag, n } of tags.all(...bounds)) found[`${day}/${desk}/${who}/${tag}`] = n;
  }
  return found;
}

const contact = fc.record({
  n: fc.nat(7),
  start: fc.integer({ min: startOfDay(FROM), max: startOfDay(TO + 1) - 1 }),
  desk: fc.constantFrom('front', 'back'),
  receptionist: fc.constantFrom('r-1', 'r-2', null),
  duration: fc.integer({ min: 500, max: 4_000_000 }),
  press: fc.constantFrom('positive', 'negative', 'neutral', null),
  state: fc.constantFrom('open', 'ended', 'settled'),
});
const step = fc.oneof(
  { weight: 5, arbitrary: contact.map((values) => ({ kind: 'put' as const, values })) },
  fc.record({ kind: fc.constant('move' as const), n: fc.nat(7), by: fc.integer({ min: -9e7, max: 9e7 }) }),
  fc.record({ kind: fc.constant('review' as const), n: fc.nat(7) }),
  fc.record({ kind: fc.constant('press-late' as const), n: fc.nat(7) }),
  fc.record({ kind: fc.constant('drop' as const), n: fc.nat(7) }),
  fc.record({ kind: fc.constant('erase' as const), n: fc.nat(7) }),
  fc.record({ kind: fc.constant('correct' as const), offset: fc.integer({ min: -9e7, max: 9e7 }) }),
  fc.constant({ kind: 'read' as const }),
  fc.constant({ kind: 'reopen' as const }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function put({
  n,
  start,
  desk,
  receptionist,
  duration,
  press,
  state,
}: typeof contact extends fc.Arbitrary<infer C> ? C : never) {
  const id = `c${n}`;
  sql.prepare('DELETE FROM erasures WHERE contact_id = ?').run(id);
  const pressId = press ? `p${n}-${press}` : null;
  const open = state === 'open';
  sql
    .prepare(
      `INSERT INTO contacts (id, session, desk, state, started_wall, started_mono, ended_wall, ended_mono, duration, end_reason,
         served, tag, tag_source, press_id, rating, top, veto, receptionist, captured, clock)
       VALUES (@id, 1, @desk, @state, @start, @mono, @end, @end, @duration, 'departed', @served, @tag, @source, @pressId, @rating, @top, 0,
         @receptionist, 1, 'untrusted')
       ON CONFLICT DO UPDATE SET state = excluded.state, desk = excluded.desk, duration = excluded.duration, served = excluded.served,
         tag = excluded.tag, tag_source = excluded.tag_source, press_id = excluded.press_id, rating = excluded.rating,
         top = excluded.top, receptionist = excluded.receptionist`,
    )
    .run({
      ...{ id, desk, state, start, mono: start, end: open ? null : start + duration, receptionist, pressId },
      ...{
        duration: open ? null : duration,
        served: Number(!open && duration > 10_000),
        tag: press ?? 'unrated',
      },
      ...{ source: press && 'press', rating: press && { positive: 5, neutral: 3, negative: 1 }[press] },
      top: Number(press === 'positive'),
    });
  if (press)
    sql
      .prepare(
        `INSERT OR IGNORE INTO presses (id, session, desk, contact_id, button, rating, tag, wall, mono, flags, clock)
           VALUES (?, 1, ?, ?, 'b', 1, ?, ?, ?, '[]', 'untrusted')`,
      )
      .run(pressId, desk, id, press, start, start);
}

function take(one: Step): void {
  switch (one.kind) {
    case 'put':
      return put(one.values);
    case 'move':
      return void sql
        .prepare('UPDATE contacts SET started_wall = started_wall + ? WHERE id = ?')
        .run(one.by, `c${one.n}`);
    case 'review':
      return void sql
        .prepare("UPDATE contacts SET tag = 'negative', tag_source = 'reviewer' WHERE id = ?")
        .run(`c${one.n}`);
    case 'press-late':
      return void sql.prepare("UPDATE presses SET tag = 'negative' WHERE contact_id = ?").run(`c${one.n}`);
    case 'drop':
      sql.prepare('DELETE FROM presses WHERE contact_id = ?').run(`c${one.n}`);
      return void sql.prepare('DELETE FROM contacts WHERE id = ?').run(`c${one.n}`);
    case 'erase':
      if (sql.prepare("SELECT 1 FROM contacts WHERE id = ? AND state = 'settled'").get(`c${one.n}`))
        store.erase(`c${one.n}`, 'page', startOfDay(TO));
      return;
    case 'correct':
      return store.correctClock('boot', one.offset);
    case 'read':
      return void counted();
    case 'reopen':
      store.close();
      store = open();
  }
}

test('whatever happens to the contacts, the counts are those of plain SQL', () => {
  let seen = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      sql.exec('DELETE FROM presses; DELETE FROM contacts; DELETE FROM erasures;');
      for (const one of steps) take(one);
      const expected = plain();
      seen += Object.keys(expected).length;
      expect(counted()).toEqual(expected);
    }),
    { numRuns: 60 },
  );
  expect(seen).toBeGreaterThan(200);
});

test('an hour that summer time ends with is counted twice, in a day of 25 hours', () => {
  for (const [n, time] of ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].entries())
    put({
      ...{ n, start: Date.parse(time), desk: 'front', receptionist: null, duration: 60_000 },
      ...{ press: null, state: 'settled' },
    });
  expect(counted()).toMatchObject({ [`${FROM + 2}/front//2h/contacts`]: 2 });
});

test('a contact occupies each hour that it lasts, after midnight on the day on which it began', () => {
  const start = Date.parse('2026-10-23T21:50:30Z');
  const stay = { desk: 'front', receptionist: null, press: null, state: 'settled' } as const;
  put({ n: 1, start, duration: 72 * 60_000, ...stay });
  put({ n: 2, start: Date.parse('2026-10-24T07:50:00Z'), duration: 25 * 60_000, ...stay });
  const found = counted();
  expect(found).toMatchObject({
    [`${FROM}/front//23h/contacts`]: 1,
    [`${FROM}/front//23h/occupied`]: 570,
    [`${FROM}/front//0h/occupied`]: 3_600,
    [`${FROM}/front//1h/occupied`]: 150,
    [`${FROM + 1}/front//9h/occupied`]: 600,
    [`${FROM + 1}/front//10h/occupied`]: 900,
  });
  expect(found[`${FROM}/front//0h/contacts`]).toBeUndefined();
});

test('counts that an earlier release has made are made anew', () => {
  put({
    n: 1,
    start: startOfDay(FROM),
    desk: 'front',
    receptionist: null,
    duration: 60_000,
    press: null,
    state: 'settled',
  });
  const right = counted();
  store.close();
  // It counted five numbers an hour, and told the days by their time zone alone.
  sql.prepare('UPDATE report_zone SET zone = ?').run(`Europe/Warsaw ${process.versions.tz}`);
  sql.prepare('UPDATE report_days SET counts = ?').run(Buffer.from(Uint16Array.of(4, 0, 1, 1, 1).buffer));
  store = open();
  expect(counted()).toEqual(right);
});

test('in another time zone, all is counted anew', () => {
  const start = Date.parse('2026-10-24T23:30:00Z');
  put({ n: 1, start, desk: 'front', receptionist: null, duration: 60_000, press: null, state: 'settled' });
  expect(counted()).toMatchObject({ [`${FROM + 2}/front//1h/contacts`]: 1 });
  store.close();
  vi.stubEnv('TZ', 'America/New_York');
  store = open();
  expect(counted()).toEqual({
    [`${FROM + 1}/front//19h/contacts`]: 1,
    [`${FROM + 1}/front//19h/served`]: 1,
    [`${FROM + 1}/front//19h/occupied`]: 60,
    [`${FROM + 1}/front//durations`]: 1,
    [`${FROM + 1}/front//unrated`]: 1,
  });
});

test('what was erased is in no count, not even before they are made anew', () => {
  put({
    ...{ n: 1, start: startOfDay(FROM), desk: 'front', receptionist: 'r-1', duration: 60_000 },
    ...{ press: 'negative', state: 'settled' },
  });
  expect(Object.keys(counted())).not.toEqual([]);
  store.erase('c1', 'page', startOfDay(TO));
  expect(sql.prepare('SELECT count(*) FROM report_days').pluck().get()).toBe(0);
  expect(counted()).toEqual({});
});
