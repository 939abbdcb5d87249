const DAY = 86_400_000;
export type Unit = 'day' | 'week' | 'month' | 'own';

/** What the page shows, as its address has it. Days as 2026-01-31. */
export interface Shown {
  readonly unit: Unit;
  readonly from: string;
  readonly to: string;
  readonly desk: string;
  /** Of one receptionist, over all desks. */
  readonly receptionist: string;
  readonly compare: '' | 'previous' | 'year';
  readonly leaveOut: boolean;
}

const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);
export const addDays = (day: string, n: number) => new Date(noon(day) + n * DAY).toISOString().slice(0, 10);
const days = (from: string, to: string) => Math.round((noon(to) - noon(from)) / DAY) + 1;

/** The whole day, week (from Monday) or month of a day. */
export function around(unit: Unit, day: string): { from: string; to: string } {
  if (unit === 'month') {
    const [year = 0, month = 0] = day.split('-').map(Number);
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
    return { from: `${day.slice(0, 8)}01`, to: `${day.slice(0, 8)}${last}` };
  }
  if (unit !== 'week') return { from: day, to: day };
  const monday = addDays(day, -((new Date(noon(day)).getUTCDay() + 6) % 7));
  return { from: monday, to: addDays(monday, 6) };
}

/** The next period, or (`step` −1) the one before. */
export function moved(shown: Shown, step: 1 | -1): Shown {
  const { unit, from, to } = shown;
  if (unit !== 'own') return { ...shown, ...around(unit, step === 1 ? addDays(to, 1) : addDays(from, -1)) };
  const by = days(from, to) * step;
  return { ...shown, from: addDays(from, by), to: addDays(to, by) };
}

/** In what steps a chart shows it. */
export function stepsOf({ unit, from, to }: Shown): 'hour' | 'day' | 'week' | 'month' {
  if (unit === 'day') return 'hour';
  const length = days(from, to);
  return length <= 92 ? 'day' : length <= 400 ? 'week' : 'month';
}

/** Places of the buckets that days lie in: of hours, the first of the day. `buckets`: where they begin, in their order. */
export function bucketsWith(buckets: readonly string[], days: readonly string[]): number[] {
  const starts = buckets.map((from) => from.slice(0, 10));
  const places = days.map((day) => starts.indexOf(starts.findLast((start) => start <= day) ?? ''));
  return [...new Set(places)].filter((place) => place >= 0);
}

/** `today`: the clinic's day. */
export function readShown(query: URLSearchParams, today: string): Shown {
  const unit = (['day', 'week', 'month', 'own'] as const).find((one) => one === query.get('unit')) ?? 'month';
  const [from, to] = [query.get('from'), query.get('to')].map((day) =>
    day && /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(noon(day)) ? day : null,
  );
  const compare = query.get('compare');
  return {
    ...{ unit, ...(from && to ? { from, to } : around(unit, today)), desk: query.get('desk') ?? '' },
    receptionist: query.get('desk') ? '' : (query.get('receptionist') ?? ''),
    compare: compare === 'previous' || compare === 'year' ? compare : '',
    leaveOut: query.get('leaveOut') === 'true',
  };
}

/** The address of the page. */
export function addressOf({ unit, ...shown }: Shown): string {
  return `/reports?unit=${unit}&${queryOf(shown)}`;
}

/** What of it the API is asked. */
export function queryOf({
  from,
  to,
  desk,
  receptionist,
  compare,
  leaveOut,
}: Omit<Shown, 'unit'>): URLSearchParams {
  const query = new URLSearchParams({ from, to });
  if (desk) query.set('desk', desk);
  if (receptionist) query.set('receptionist', receptionist);
  if (compare) query.set('compare', compare);
  if (leaveOut) query.set('leaveOut', 'true');
  return query;
}
