import type { Clock } from './clock.ts';
import { CaError } from './errors.ts';
import { type Day, localDay } from './review/local-day.ts';

const NOON = 43_200_000;

/** The local day as 2026-01-31. */
export function today(clock: Clock): string {
  return new Date(clock.now().wall).toLocaleDateString('sv-SE');
}

/** The bounds of a day as somebody writes it: 2026-01-31, today, yesterday. `now`: Unix milliseconds. @throws CaError CA_USAGE */
export function dayBounds(day: string, now: number): Day {
  if (day === 'today') return localDay(now);
  if (day === 'yesterday') return localDay(localDay(now).from - 1);
  const start = /^\d{4}-\d\d-\d\d$/.test(day) ? new Date(`${day}T00:00:00`).getTime() : Number.NaN;
  if (Number.isNaN(start))
    throw new CaError('CA_USAGE', `--day ${day} is no day`, {
      remedy: 'Write it as 2026-01-31, or today, or yesterday.',
    });
  return localDay(start + NOON);
}
