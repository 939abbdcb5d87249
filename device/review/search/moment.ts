import { dayNumber, startOfDay } from '../../store/page/days.ts';
import { Refusal } from '../refusal.ts';

const MINUTE = 60_000;

/** First moment (Unix ms) of a day or a minute of the machine's calendar: `2026-11-03`, `2026-11-03T10:40`. @throws Refusal */
export function startOf(moment: string): number {
  const [day = '', time] = moment.split('T');
  const number = dayNumber(day);
  if (number === null) throw new Refusal(400, 'no-such-day', `There is no day ${day}.`);
  const start = startOfDay(number);
  if (time === undefined) return start;
  const [hours, minutes] = time.split(':').map(Number);
  // By the calendar: a day on which summer time begins has an hour less.
  const date = new Date(start);
  date.setHours(hours ?? 0, minutes ?? 0);
  return date.getTime();
}

/** The first moment after it. @throws Refusal */
export function endOf(moment: string): number {
  if (moment.includes('T')) return startOf(moment) + MINUTE;
  const number = dayNumber(moment);
  if (number === null) throw new Refusal(400, 'no-such-day', `There is no day ${moment}.`);
  return startOfDay(number + 1);
}
