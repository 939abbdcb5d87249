import { z } from 'zod';
import type { Indices, Proportion } from '../../contacts/indices.ts';
import type { Difference } from '../../contacts/statistics.ts';
import type { Annotation } from '../../store/page/annotations.ts';
import { day, id } from '../fields.ts';

/** Ten years: the longest range that a report is made of. */
export const MOST_DAYS = 3_660;
/** Hours are told of this many days at most. */
export const MOST_DAYS_BY_HOUR = 35;
/** Single days, of a bit more than a year. */
export const MOST_DAYS_BY_DAY = 400;

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

const asked = {
  /** Both days belong to the report. */
  from: day,
  to: day,
  desk: z.string().min(1).max(64).optional(),
  receptionist: z.string().min(1).max(64).optional(),
  by: z.enum(['hour', 'day', 'week', 'month']).default('day'),
  compare: z.enum(['previous', 'year']).optional(),
  /** Days that an annotation excludes are not counted. */
  leaveOut: flag.default(false),
};
export const reportQuery = z.strictObject(asked);
export type ReportQuery = z.output<typeof reportQuery>;

/** The tables of a report: what one file of CSV, one sheet of XLSX has. */
export const TABLES = [
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
] as const;
export const exportQuery = z.strictObject({
  ...asked,
  form: z.enum(['csv', 'xlsx']),
  /** Which one; a file of CSV has one, one of XLSX all where none is named. */
  table: z.enum(TABLES).optional(),
});

export const idParams = z.object({ id });
export const measureQuery = z.strictObject({ weeks: z.coerce.number().int().min(1).max(26).default(4) });
export const daysQuery = z.strictObject({ from: day, to: day });
export const newAnnotation = z.strictObject({
  day,
  text: z.string().trim().min(1).max(500),
  excluded: z.boolean().default(false),
});
export const annotationBody = z
  .strictObject({ day, text: z.string().trim().min(1).max(500), excluded: z.boolean() })
  .partial();

export type { Annotation, Difference, Proportion };

/** Both indices with all they are made of. */
export interface Figures extends Indices {
  /** All contacts that have ended. */
  readonly contacts: number;
  /** Those too short to be served. */
  readonly unserved: number;
  /** Time of these contacts, seconds. */
  readonly occupied: number;
  /** Hours of the clock, each desk's by itself, in which there was anybody; of a person, those in which they had a contact. */
  readonly hours: number;
  /** occupied ÷ hours, in [0, 1]; null: nobody was there. */
  readonly occupancy: number | null;
}

export interface Bucket extends Figures {
  /** First day of it that is in the report, `2026-01-31`; of an hour `2026-01-31T14`, by the clinic's clock. */
  readonly from: string;
}

/** A line of the receptionists' table. Nothing that a model says enters it. */
export type PersonFigures =
  | ({ readonly receptionist: string; readonly weeks: number } & Figures)
  | { readonly receptionist: string; readonly tooFew: true };

export interface People {
  /** First and last day of the whole weeks that are in the report and over; null: there are none. */
  readonly from: string | null;
  readonly to: string | null;
  /** Served contacts a week below which nothing is told of a person. */
  readonly minimum: number;
  readonly rows: readonly PersonFigures[];
}

export interface CauseCount {
  readonly id: string;
  readonly group: string;
  readonly names: Readonly<Record<string, string>>;
  readonly count: number;
}

/**
 * What reviewers found, where they gave a tag of their own. Of the blind sample they were shown neither press nor hint;
 * of hinted contacts they knew that there was one.
 */
export interface Agreement {
  /** Hinted contacts, and those that a reviewer found negative: the precision of the hints. */
  readonly hint: { readonly n: number; readonly negative: number; readonly precision: Proportion | null };
  /** The blind sample of what neither press nor hint called negative, and what a reviewer found negative of it: what both miss. */
  readonly sample: { readonly n: number; readonly negative: number; readonly missed: Proportion | null };
  /** Those of the blind sample that were pressed, and where press and reviewer say the same. */
  readonly press: { readonly n: number; readonly same: number; readonly share: Proportion | null };
}

export interface Report {
  readonly from: string;
  readonly to: string;
  readonly by: ReportQuery['by'];
  readonly desk: string | null;
  readonly receptionist: string | null;
  /** All desks and receptionists that have contacts in these days. */
  readonly desks: readonly string[];
  readonly receptionists: readonly string[];
  readonly total: Figures;
  readonly series: readonly Bucket[];
  /** null with a receptionist: an hour of one person is too few. */
  readonly heat: {
    /** Contacts by weekday (Monday first) and hour. */
    readonly contacts: readonly (readonly number[])[];
    /** How many such weekdays the report has, from the first contact there is until today. */
    readonly days: readonly number[];
    /** The share of the hour in which somebody was at a desk, on the average of `deskDays`; null: there are none. */
    readonly occupied: readonly (readonly (number | null)[])[];
    /** Such weekdays of each desk, added up, on which it had contacts. */
    readonly deskDays: readonly number[];
  } | null;
  readonly perDesk: readonly (Figures & { readonly desk: string })[];
  readonly people: People | null;
  readonly durations: {
    /** Where the bars begin, ms; the last has no end. */
    readonly bars: readonly number[];
    readonly counts: readonly number[];
    readonly median: number | null;
    readonly p90: number | null;
  } | null;
  readonly causes: { readonly reviewed: number; readonly counts: readonly CauseCount[] } | null;
  /** Of the served contacts: how many have which tag, by what it comes from. */
  readonly tags: Readonly<Record<string, number>> | null;
  readonly agreement: Agreement | null;
  readonly compare: {
    readonly from: string;
    readonly to: string;
    readonly total: Figures;
    readonly series: readonly Bucket[];
    readonly support: Difference | null;
    readonly dissatisfaction: Difference | null;
  } | null;
  readonly annotations: readonly Annotation[];
  /** Days that were left out, as asked. */
  readonly leftOut: readonly string[];
}

/** Before and after a measure took effect. */
export interface MeasureEffect {
  readonly id: string;
  readonly effective: string | null;
  /** null: it has not taken effect, or it did so too lately. */
  readonly windows: {
    readonly before: { readonly from: string; readonly to: string };
    readonly after: { readonly from: string; readonly to: string };
  } | null;
  readonly before: Figures | null;
  readonly after: Figures | null;
  readonly support: Difference | null;
  readonly dissatisfaction: Difference | null;
  /** The share of reviewed contacts with one of the measure's causes; null: it names none. */
  readonly causes: {
    readonly before: { readonly k: number; readonly n: number };
    readonly after: { readonly k: number; readonly n: number };
    readonly difference: Difference | null;
  } | null;
  /** Special days in the windows. */
  readonly annotations: readonly Annotation[];
  /** Other measures that took effect in the windows. */
  readonly others: readonly { readonly id: string; readonly title: string; readonly effective: string }[];
}
