import { count, fromBytes, PLACES, pack, toBytes } from './day-counts.ts';
import { type DayNumber, dayAt, startOfDay } from './days.ts';
import type { PageTables } from './tables.ts';

const HOUR = 3_600_000;
// Without OR IGNORE: within a trigger, the conflict clause of the statement that fires it takes its place (sqlite.org/lang_createtrigger.html).
const STALE = (row: 'NEW' | 'OLD') =>
  `INSERT INTO report_stale (hour) SELECT CAST(${row}.started_wall / ${HOUR} AS INTEGER)
     WHERE NOT EXISTS (SELECT 1 FROM report_stale WHERE hour = CAST(${row}.started_wall / ${HOUR} AS INTEGER));`;
const STALE_BY_PRESS = `INSERT INTO report_stale (hour) SELECT CAST(started_wall / ${HOUR} AS INTEGER) FROM contacts
     WHERE id = NEW.contact_id AND press_id = NEW.id
       AND NOT EXISTS (SELECT 1 FROM report_stale WHERE hour = CAST(started_wall / ${HOUR} AS INTEGER));`;

/**
 * Contacts counted by day, desk and receptionist: grouping 200,000 rows for each report would stop the service for as long.
 * A day is one row (reading a row costs more than adding up what is in it): `groups` is JSON, `[desk, receptionist]` of each
 * group; `counts` says how many numbers each of them has, and then has the numbers.
 * Triggers write down the hours (of UTC) in which anything has changed, and the days they touch are counted anew before
 * somebody reads them. `report_zone`: the calendar that the days are of, and how many numbers there are to be had of each.
 */
export const HOURS = `
  CREATE TABLE report_days (
    day    INTEGER PRIMARY KEY,
    groups TEXT NOT NULL,
    counts BLOB NOT NULL
  ) STRICT;
  CREATE TABLE report_stale (hour INTEGER PRIMARY KEY) STRICT;
  INSERT INTO report_stale SELECT DISTINCT CAST(started_wall / ${HOUR} AS INTEGER) FROM contacts;
  CREATE TABLE report_zone (one INTEGER PRIMARY KEY CHECK (one = 1), zone TEXT NOT NULL) STRICT;
  CREATE TRIGGER report_contact_added AFTER INSERT ON contacts BEGIN ${STALE('NEW')} END;
  CREATE TRIGGER report_contact_deleted AFTER DELETE ON contacts BEGIN ${STALE('OLD')} END;
  CREATE TRIGGER report_contact_changed AFTER UPDATE OF state, desk, started_wall, duration, served, tag, tag_source,
    press_id, rating, top, receptionist ON contacts BEGIN ${STALE('OLD')} ${STALE('NEW')} END;
  CREATE TRIGGER report_press_added AFTER INSERT ON presses BEGIN ${STALE_BY_PRESS} END;
  CREATE TRIGGER report_press_changed AFTER UPDATE OF tag ON presses BEGIN ${STALE_BY_PRESS} END;
`;

/** Days counted anew at once: some ms of the service's one thread. */
const PIECE = 4;

/** The counts of one day, at one desk, of one receptionist ('': nobody had said who it was). */
export interface DayCounts {
  readonly day: DayNumber;
  readonly desk: string;
  readonly receptionist: string;
  /** Places and numbers in turn, as `day-counts.ts` has them. */
  readonly pairs: Uint16Array;
}

interface Row {
  started_wall: number;
  desk: string;
  receptionist: string | null;
  duration: number;
  served: number;
  rating: number | null;
  top: number;
  negative: number | null;
  tag: string;
  tag_source: string | null;
}

/** The counts by day: made right piece by piece, and read. */
export class CountedDays {
  readonly #tables: PageTables;
  #zone = '';

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** Counts some of the days from `from` to `to` anew in which something has changed. True: there are more of them. */
  refresh(from: DayNumber, to: DayNumber): boolean {
    const { db, prepare } = this.#tables;
    this.#checkZone();
    const hours = prepare<[number, number], { hour: number }>(
      'SELECT hour FROM report_stale WHERE hour >= ? AND hour < ? ORDER BY hour',
    );
    const days = new Set<DayNumber>();
    const done: number[] = [];
    for (const { hour } of hours.iterate(
      Math.floor(startOfDay(from) / HOUR),
      Math.ceil(startOfDay(to + 1) / HOUR),
    )) {
      if (days.size >= PIECE && !days.has(dayAt((hour + 1) * HOUR - 1))) break;
      days.add(dayAt(hour * HOUR)).add(dayAt((hour + 1) * HOUR - 1));
      done.push(hour);
    }
    if (done.length === 0) return false;
    // Counts can be made again, and no listener has to look at the contacts for them: no commit that has to reach the disk.
    db.pragma('synchronous = NORMAL');
    try {
      db.transaction(() => {
        for (const day of days) this.#countDay(day);
        for (const hour of done) prepare('DELETE FROM report_stale WHERE hour = ?').run(hour);
      })();
    } finally {
      db.pragma('synchronous = FULL');
    }
    return days.size >= PIECE;
  }

  /** The day of the first contact there is; null: there is none. */
  first(): DayNumber | null {
    const { wall } = this.#tables
      .prepare<[], { wall: number | null }>('SELECT min(started_wall) AS wall FROM contacts')
      .get() ?? { wall: null };
    return wall === null ? null : dayAt(wall);
  }

  /** Calls `visit` for all counts of the days from `from` to `to`, day by day and desk by desk, as they were made last. */
  read(from: DayNumber, to: DayNumber, desk: string | null, visit: (counts: DayCounts) => void): void {
    const rows = this.#tables
      .prepare<[number, number], { day: number; groups: string; counts: Buffer }>(
        'SELECT day, groups, counts FROM report_days WHERE day BETWEEN ? AND ? ORDER BY day',
      )
      .iterate(from, to);
    // Most days have the same groups.
    let known = '';
    let names: Group[] = [];
    for (const { day, groups, counts } of rows) {
      if (groups !== known) names = JSON.parse(groups);
      known = groups;
      const numbers = fromBytes(counts);
      let start = names.length;
      for (const [i, [of, receptionist]] of names.entries()) {
        const end = start + (numbers[i] ?? 0);
        if (desk === null || desk === of)
          visit({ day, desk: of, receptionist, pairs: numbers.subarray(start, end) });
        start = end;
      }
    }
  }

  /** The counts of the day on which a contact began go, until it is counted anew without it. Called in the transaction that erases it. */
  forget(contactId: string): void {
    const { prepare } = this.#tables;
    const started = prepare<[string], { wall: number }>(
      'SELECT started_wall AS wall FROM contacts WHERE id = ?',
    ).get(contactId);
    if (!started) return;
    prepare('DELETE FROM report_days WHERE day = ?').run(dayAt(started.wall));
    prepare('INSERT OR IGNORE INTO report_stale (hour) VALUES (?)').run(Math.floor(started.wall / HOUR));
  }

  /** In another time zone, or by other rules of summer time, the days begin at other moments; a release may count more: all are counted anew. */
  #checkZone(): void {
    const zone = `${Intl.DateTimeFormat().resolvedOptions().timeZone} ${process.versions.tz} ${PLACES}`;
    if (zone === this.#zone) return;
    const { db, prepare } = this.#tables;
    const known = prepare<[], { zone: string }>('SELECT zone FROM report_zone').get()?.zone;
    if (known !== zone)
      db.transaction(() => {
        prepare(
          'INSERT INTO report_zone (one, zone) VALUES (1, ?) ON CONFLICT DO UPDATE SET zone = excluded.zone',
        ).run(zone);
        if (known === undefined) return;
        prepare('DELETE FROM report_days').run();
        prepare(
          `INSERT OR IGNORE INTO report_stale SELECT DISTINCT CAST(started_wall / ${HOUR} AS INTEGER) FROM contacts`,
        ).run();
      })();
    this.#zone = zone;
  }

  #countDay(day: DayNumber): void {
    const { prepare } = this.#tables;
    const rows = prepare<[number, number], Row>(
      `SELECT c.started_wall, c.desk, c.receptionist, c.duration, c.served, c.rating, c.top,
           p.tag = 'negative' AS negative, c.tag, c.tag_source
         FROM contacts c LEFT JOIN presses p ON p.id = c.press_id
         WHERE c.started_wall >= ? AND c.started_wall < ? AND c.state <> 'open' AND c.duration IS NOT NULL`,
    );
    const groups = new Map<string, { desk: string; receptionist: string; counts: Uint32Array }>();
    for (const row of rows.iterate(startOfDay(day), startOfDay(day + 1))) {
      const { desk, receptionist, duration, tag } = row;
      const key = JSON.stringify([desk, receptionist]);
      const group = groups.get(key) ?? {
        ...{ desk, receptionist: receptionist ?? '', counts: new Uint32Array(PLACES) },
      };
      groups.set(key, group);
      count(group.counts, {
        ...{ started: row.started_wall, duration, served: row.served === 1, tag },
        ...{
          rated: row.rating !== null,
          top: row.top === 1,
          negative: row.negative === 1,
          source: row.tag_source,
        },
      });
    }
    prepare('DELETE FROM report_days WHERE day = ?').run(day);
    if (groups.size === 0) return;
    const all = [...groups.values()].sort(
      (a, b) => a.desk.localeCompare(b.desk) || a.receptionist.localeCompare(b.receptionist),
    );
    const numbers = all.map(({ counts }) => pack(counts));
    prepare('INSERT INTO report_days (day, groups, counts) VALUES (?, ?, ?)').run(
      day,
      JSON.stringify(all.map(({ desk, receptionist }): Group => [desk, receptionist])),
      toBytes([...numbers.map(({ length }) => length), ...numbers.flat()]),
    );
  }
}

type Group = [desk: string, receptionist: string];
