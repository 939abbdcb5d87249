import { dayAt, startOfDay } from '../store/page/days.ts';

/** A day of the machine's time zone: its first moment and the first of the next one, in wall-clock milliseconds. */
export interface Day {
  from: number;
  to: number;
}

/**
 * The local day that `wall` (milliseconds since 1970) lies in. Midnights come from the calendar, not from adding
 * 24 hours: a day on which summer time begins or ends has 23 or 25.
 */
export function localDay(wall: number): Day {
  const day = dayAt(wall);
  return { from: startOfDay(day), to: startOfDay(day + 1) };
}
