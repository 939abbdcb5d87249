import {
  type DayNumber,
  dayNumber,
  dayText,
  monthOf,
  weekdayOf,
  weekOf,
  yearBefore,
} from '../../store/page/days.ts';
import { Refusal } from '../refusal.ts';
import { MOST_DAYS, MOST_DAYS_BY_DAY, MOST_DAYS_BY_HOUR, type ReportQuery } from './schema.ts';

/** Days, both ends in it. */
export interface Period {
  readonly from: DayNumber;
  readonly to: DayNumber;
}

/** @throws Refusal: it ends before it begins, or is too long */
export function periodOf({ from, to, by }: { from: string; to: string; by?: ReportQuery['by'] }): Period {
  const period = { from: dayNumber(from) ?? Number.NaN, to: dayNumber(to) ?? Number.NaN };
  const days = period.to - period.from + 1;
  if (!(days >= 1)) throw new Refusal(400, 'no-days', 'The last day lies before the first one.');
  if (days > MOST_DAYS) throw new Refusal(400, 'too-long', 'A report is of ten years at most.');
  if (by === 'hour' && days > MOST_DAYS_BY_HOUR)
    throw new Refusal(400, 'too-fine', `Hours are told of ${MOST_DAYS_BY_HOUR} days at most.`);
  if (by === 'day' && days > MOST_DAYS_BY_DAY)
    throw new Refusal(400, 'too-fine', `Days are told of ${MOST_DAYS_BY_DAY} days at most: ask for weeks.`);
  return period;
}

/** What it is compared with: the same again just before (whole months with whole months), or a year before. */
export function comparedWith({ from, to }: Period, compare: 'previous' | 'year'): Period {
  const months = from === monthOf(from) && to + 1 === monthOf(to + 1);
  if (compare === 'year') {
    // Weeks stay weeks: Mondays are compared with Mondays.
    if (weekdayOf(from) === 0 && weekdayOf(to) === 6) return { from: from - 364, to: to - 364 };
    return { from: yearBefore(from), to: months ? yearBefore(to + 1) - 1 : yearBefore(to) };
  }
  const length = to - from + 1;
  if (!months) return { from: from - length, to: from - 1 };
  let count = 1;
  while (monthOf(from, count) <= to) count++;
  return { from: monthOf(from, -count), to: from - 1 };
}

/** Remembers what the buckets and weekdays of days are: dates cost more than counting. */
export class Calendar {
  readonly #by: ReportQuery['by'];
  readonly #from: DayNumber;
  #day = Number.NaN;
  #start = Number.NaN;
  #bucket = '';
  #weekday = 0;

  constructor(by: ReportQuery['by'], from: DayNumber) {
    this.#by = by;
    this.#from = from;
  }

  bucket(day: DayNumber): string {
    this.#look(day);
    return this.#bucket;
  }

  weekday(day: DayNumber): number {
    this.#look(day);
    return this.#weekday;
  }

  #look(day: DayNumber): void {
    if (day === this.#day) return;
    this.#day = day;
    this.#weekday = weekdayOf(day);
    const first = this.#by === 'month' ? monthOf(day) : this.#by === 'week' ? weekOf(day) : day;
    const start = Math.max(first, this.#from);
    if (start !== this.#start) this.#bucket = dayText(start);
    this.#start = start;
  }
}

/** The bucket of an hour. */
export const keyOf = (day: DayNumber, hour: number) => `${dayText(day)}T${String(hour).padStart(2, '0')}`;

/** All buckets of a period, in their order. */
export function bucketsOf({ from, to }: Period, by: ReportQuery['by']): string[] {
  const keys: string[] = [];
  if (by === 'hour') {
    for (let day = from; day <= to; day++) for (let hour = 0; hour < 24; hour++) keys.push(keyOf(day, hour));
    return keys;
  }
  const next = (day: DayNumber) =>
    by === 'month' ? monthOf(day, 1) : by === 'week' ? weekOf(day) + 7 : day + 1;
  for (let day = from; day <= to; day = next(day)) keys.push(dayText(day));
  return keys;
}

/** The days of a period on which somebody could have been counted: from the first contact there is until today. `to` < `from`: there are none. */
export function countedDays({ from, to }: Period, first: DayNumber | null, today: DayNumber): Period {
  return { from: Math.max(from, first ?? Number.POSITIVE_INFINITY), to: Math.min(to, today) };
}

/** How many Mondays, Tuesdays … there are. */
export function weekdaysIn({ from, to }: Period, leftOut: ReadonlySet<DayNumber>): number[] {
  const days = [0, 0, 0, 0, 0, 0, 0];
  for (let day = from; day <= to; day++) {
    const weekday = weekdayOf(day);
    if (!leftOut.has(day)) days[weekday] = (days[weekday] ?? 0) + 1;
  }
  return days;
}
