import type { Figures, Report, TABLES } from './schema.ts';

export type TableName = (typeof TABLES)[number];
export type Cell = string | number | null;
export interface Table {
  readonly name: TableName;
  /** The first is the names of the columns: the same in each language and release, for programs that read them. */
  readonly rows: readonly (readonly Cell[])[];
}

const FIGURES = [
  ...['contacts', 'unserved', 'served', 'rated', 'top', 'negative'],
  ...['support_index', 'support_low', 'support_high'],
  ...['dissatisfaction_index', 'dissatisfaction_low', 'dissatisfaction_high', 'response_rate'],
  ...['occupied_seconds', 'hours_with_contacts', 'occupied'],
];
function figures(of: Figures): Cell[] {
  const { support, dissatisfaction } = of;
  return [
    ...[of.contacts, of.unserved, of.served, of.rated, of.top, of.negative],
    ...[support?.value ?? null, support?.low ?? null, support?.high ?? null],
    ...[dissatisfaction?.value ?? null, dissatisfaction?.low ?? null, dissatisfaction?.high ?? null],
    ...[of.responseRate, of.occupied, of.hours, of.occupancy],
  ];
}

const HOURS = Array.from({ length: 24 }, (_, hour) => `${hour}:00`);
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The tables of a report. Durations in seconds, shares between 0 and 1. */
export function tablesOf(report: Report): Table[] {
  const { compare, people, heat, durations, causes, tags } = report;
  const tables: (Table | null)[] = [
    {
      name: 'indices',
      rows: [
        ['from', 'to', 'desk', 'receptionist', ...FIGURES],
        [report.from, report.to, report.desk, report.receptionist, ...figures(report.total)],
        ...(compare
          ? [[compare.from, compare.to, report.desk, report.receptionist, ...figures(compare.total)]]
          : []),
      ],
    },
    {
      name: 'series',
      rows: [['from', ...FIGURES], ...report.series.map((bucket) => [bucket.from, ...figures(bucket)])],
    },
    heat && {
      name: 'hours',
      rows: [
        ['weekday', 'days', ...HOURS],
        ...heat.contacts.map((hours, i) => [WEEKDAYS[i] ?? null, heat.days[i] ?? 0, ...hours]),
      ],
    },
    heat && {
      name: 'occupied',
      rows: [
        ['weekday', 'desk_days', ...HOURS],
        ...heat.occupied.map((shares, i) => [WEEKDAYS[i] ?? null, heat.deskDays[i] ?? 0, ...shares]),
      ],
    },
    {
      name: 'desks',
      rows: [['desk', ...FIGURES], ...report.perDesk.map((desk) => [desk.desk, ...figures(desk)])],
    },
    people && {
      name: 'receptionists',
      rows: [
        ['receptionist', 'weeks', ...FIGURES, 'note'],
        ...people.rows.map((row) =>
          'tooFew' in row
            ? [row.receptionist, null, ...FIGURES.map(() => null), `fewer than ${people.minimum} a week`]
            : [row.receptionist, row.weeks, ...figures(row), null],
        ),
      ],
    },
    durations && {
      name: 'durations',
      rows: [
        ['from_seconds', 'to_seconds', 'served'],
        ...durations.bars.map((from, i) => [
          from / 1_000,
          durations.bars[i + 1] === undefined ? null : (durations.bars[i + 1] ?? 0) / 1_000,
          durations.counts[i] ?? 0,
        ]),
      ],
    },
    causes && {
      name: 'causes',
      rows: [
        ['cause', 'group', 'name', 'contacts', 'reviewed'],
        ...causes.counts.map(({ id, group, names, count }) => [
          ...[id, group, names.en ?? Object.values(names)[0] ?? id, count, causes.reviewed],
        ]),
      ],
    },
    tags && {
      name: 'tags',
      rows: [
        ['tag', 'source', 'served'],
        ...Object.entries(tags).map(([name, n]) => {
          const [tag = '', source = null] = name.split('/');
          return [tag, source, n];
        }),
      ],
    },
    {
      name: 'annotations',
      rows: [
        ['day', 'text', 'excluded'],
        ...report.annotations.map(({ day, text, excluded }) => [day, text, excluded ? 'yes' : 'no']),
      ],
    },
  ];
  return tables.filter((table) => table !== null);
}
