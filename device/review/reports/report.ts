import { setImmediate } from 'node:timers/promises';
import { wilson } from '../../contacts/indices.ts';
import { difference } from '../../contacts/statistics.ts';
import { type DayNumber, dayAt, dayNumber, dayText, startOfDay } from '../../store/page/days.ts';
import type { DayCounts } from '../../store/page/hours.ts';
import type { Reports } from '../../store/page/reports.ts';
import type { Judged, Within } from '../../store/page/review-figures.ts';
import type { Reviews } from '../../store/page/reviews.ts';
import { Refusal } from '../refusal.ts';
import { figuresOf, Sums, type Tallied, tallyOf } from './figures.ts';
import { PeopleSums, wholeWeeks } from './people.ts';
import {
  bucketsOf,
  Calendar,
  comparedWith,
  countedDays,
  type Period,
  periodOf,
  weekdaysIn,
} from './period.ts';
import type { Agreement, Annotation, Figures, Report, ReportQuery } from './schema.ts';

/** Counts what has to be counted anew, and lets the service do other things in between. */
export async function upToDate(reports: Reports, { from, to }: Period): Promise<void> {
  while (reports.days.refresh(from, to)) await setImmediate();
}

/** What reports are made of. */
export interface Sources {
  readonly reports: Reports;
  readonly reviews: Reviews;
}

/** A report. `now`: Unix ms. */
export async function reportOf(sources: Sources, query: ReportQuery, now: number): Promise<Report> {
  const { reports } = sources;
  const period = periodOf(query);
  const { by, desk = null, receptionist = null } = query;
  if (receptionist !== null && desk !== null)
    throw new Refusal(400, 'too-fine', 'A receptionist’s figures are told over all desks only.');
  const compared = query.compare ? comparedWith(period, query.compare) : null;
  await upToDate(reports, period);
  if (compared) await upToDate(reports, compared);
  if (receptionist !== null) return reportOfPerson(reports, { query, period, compared, receptionist, now });

  const annotations = annotationsOf(reports, period);
  const leftOut = leftOutOf(query, annotations);
  const today = dayAt(now);
  const people = new PeopleSums(period, today);
  const desks = new Set<string>();
  const receptionists = new Set<string>();
  const sums = summed(reports, { period, by, desk, leftOut }, (counts, tallied) => {
    desks.add(counts.desk);
    if (counts.receptionist !== '') receptionists.add(counts.receptionist);
    people.add(counts, tallied);
  });
  const within = { from: startOfDay(period.from), to: startOfDay(period.to + 1), desk };
  return {
    ...{ from: query.from, to: query.to, by, desk, receptionist: null },
    ...{ desks: [...desks].sort(), receptionists: [...receptionists].sort() },
    total: sums.figures(),
    series: sums.series(bucketsOf(period, by)),
    heat: {
      ...sums.heat(),
      days: weekdaysIn(countedDays(period, reports.days.first(), today), leftOut),
    },
    perDesk: sums.perDesk(),
    people: desk === null ? people.table() : null,
    durations: sums.durations(),
    causes: causesOf(sources, within),
    tags: sums.tags(),
    agreement: agreementOf(reports.reviews.judged(within)),
    compare: compared && comparison(reports, { query, compared, desk }, sums.figures()),
    annotations,
    leftOut: [...leftOut].map(dayText),
  };
}

function causesOf({ reports, reviews }: Sources, { from, to, desk }: Within): Report['causes'] {
  const { reviewed, counts } = reviews.causeCounts(from, to, desk === null ? {} : { desk });
  const names = reports.reviews.causeNames();
  return {
    reviewed,
    counts: counts.map(({ cause, contacts }) => ({
      ...{ id: cause, count: contacts, group: '', names: {}, ...names.get(cause) },
    })),
  };
}

interface Summing {
  readonly period: Period;
  readonly by: ReportQuery['by'];
  readonly desk: string | null;
  readonly leftOut: ReadonlySet<DayNumber>;
}

/** `visit` is called for what is left out, too: persons' figures know no such days. */
function summed(
  reports: Reports,
  { period, by, desk, leftOut }: Summing,
  visit: (counts: DayCounts, tallied: Tallied) => void = () => {},
): Sums {
  const sums = new Sums(by, new Calendar(by, period.from));
  reports.days.read(period.from, period.to, desk, (counts) => {
    const tallied = tallyOf(counts.pairs);
    visit(counts, tallied);
    if (!leftOut.has(counts.day)) sums.add(counts, tallied);
  });
  return sums;
}

function comparison(
  reports: Reports,
  { query, compared, desk }: { query: ReportQuery; compared: Period; desk: string | null },
  now: Figures,
): Report['compare'] {
  const { by } = query;
  const leftOut = leftOutOf(query, annotationsOf(reports, compared));
  const sums = summed(reports, { period: compared, by, desk, leftOut });
  return {
    ...{ from: dayText(compared.from), to: dayText(compared.to) },
    ...differences(sums.figures(), now),
    series: sums.series(bucketsOf(compared, by)),
  };
}

export function differences(before: Figures, after: Figures) {
  const of = (field: 'top' | 'negative') =>
    difference({ k: before[field], n: before.served }, { k: after[field], n: after.served });
  return { total: before, support: of('top'), dissatisfaction: of('negative') };
}

/** One person: the weeks that can be told, and nothing finer. */
function reportOfPerson(
  reports: Reports,
  {
    query,
    period,
    compared,
    receptionist,
    now,
  }: { query: ReportQuery; period: Period; compared: Period | null; receptionist: string; now: number },
): Report {
  const today = dayAt(now);
  const receptionists = new Set<string>();
  const sums = (of: Period) => {
    const people = new PeopleSums(of, today);
    const { from, to } = wholeWeeks(of, today);
    reports.days.read(from, to, null, (counts) => {
      if (counts.receptionist !== '') receptionists.add(counts.receptionist);
      people.add(counts, tallyOf(counts.pairs));
    });
    return people;
  };
  const people = sums(period);
  const { tally, weeks } = people.person(receptionist);
  const before = compared && sums(compared).person(receptionist);
  const total = figuresOf(tally);
  return {
    ...{ from: query.from, to: query.to, by: 'week', desk: null, receptionist },
    ...{ desks: [], receptionists: [...receptionists].sort(), total, series: weeks, heat: null, perDesk: [] },
    people: {
      ...people.table(),
      rows: people.table().rows.filter((row) => row.receptionist === receptionist),
    },
    ...{ durations: null, causes: null, tags: null, agreement: null },
    compare: compared &&
      before && {
        ...{ from: dayText(compared.from), to: dayText(compared.to), series: before.weeks },
        ...differences(figuresOf(before.tally), total),
      },
    ...{ annotations: annotationsOf(reports, period), leftOut: [] },
  };
}

export function annotationsOf(reports: Reports, { from, to }: Period): Annotation[] {
  return reports.annotations.between(from, to);
}

function leftOutOf({ leaveOut }: ReportQuery, annotations: readonly Annotation[]): Set<DayNumber> {
  const days = annotations.filter(({ excluded }) => leaveOut && excluded).map(({ day }) => dayNumber(day));
  return new Set(days.filter((day) => day !== null));
}

function agreementOf(judged: readonly Judged[]): Agreement {
  const sum = (holds: (one: Judged) => boolean) => judged.filter(holds).reduce((all, { n }) => all + n, 0);
  const of = (kind: Judged['class']) => (one: Judged) => one.class === kind;
  const negative = (kind: Judged['class']) => (one: Judged) => of(kind)(one) && one.reviewer === 'negative';
  const pressed = (one: Judged) => of('sample')(one) && one.press !== null;
  const same = (one: Judged) => pressed(one) && one.press === one.reviewer;
  const [hints, found] = [sum(of('hint')), sum(negative('hint'))];
  const [sample, missed] = [sum(of('sample')), sum(negative('sample'))];
  const [presses, agreed] = [sum(pressed), sum(same)];
  return {
    hint: { n: hints, negative: found, precision: wilson(found, hints) },
    sample: { n: sample, negative: missed, missed: wilson(missed, sample) },
    press: { n: presses, same: agreed, share: wilson(agreed, presses) },
  };
}
