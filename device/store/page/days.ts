/** Days of the clinic's calendar as whole numbers: days since 1970-01-01. So that they can be added and compared. */
export type DayNumber = number;

const DAY = 86_400_000;

/** `2026-01-31` as a number; null: there is no such day. */
export function dayNumber(day: string): DayNumber | null {
  const wall = Date.parse(`${day}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(wall) && dayText(wall / DAY) === day
    ? wall / DAY
    : null;
}

export function dayText(day: DayNumber): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** Monday 0, Sunday 6. */
export function weekdayOf(day: DayNumber): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** The Monday of its week. */
export const weekOf = (day: DayNumber): DayNumber => day - weekdayOf(day);

/** The first of its month, or of the month so many months later. */
export function monthOf(day: DayNumber, later = 0): DayNumber {
  const date = new Date(day * DAY);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, 1) / DAY;
}

/** The same day of the month a year before; of 29 February, the 28th. */
export function yearBefore(day: DayNumber): DayNumber {
  const first = monthOf(day, -12);
  return first + Math.min(day - monthOf(day), monthOf(first, 1) - first - 1);
}

/** First moment of the day by the machine's time zone, Unix ms. */
export function startOfDay(day: DayNumber): number {
  const date = new Date(day * DAY);
  return new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()).getTime();
}

/** The day of a moment (Unix ms) by the machine's time zone. */
export function dayAt(wall: number): DayNumber {
  const date = new Date(wall);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY;
}
