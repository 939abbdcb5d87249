import { AFTER_HOUR, BEFORE_HOUR, DAYS_AGO, DESK, LAST, MONTHS, WEEKDAYS } from './about-words.ts';

/** What somebody remembers of a contact, as a search. */
export interface About {
  /** `2026-11-03`, by the clinic's calendar; null: no day was told. */
  readonly day: string | null;
  /** Minutes since midnight; null: no time was told. */
  readonly minutes: number | null;
  /** Name of a desk that there is; null: none was told. */
  readonly desk: string | null;
}

/** People remember a time no better than this, minutes. */
export const ABOUT = 20;
const DAY = 86_400_000;

/**
 * Reads text such as "Tuesday about 10:40, desk 2", "вчера в 9", "3.11. o 14.20". `today`: `2026-11-22` by the clinic's
 * calendar; days lie in the past. null: nothing in it was understood.
 */
export function parseAbout(text: string, today: string, desks: readonly string[]): About | null {
  const desk = deskIn(text, desks);
  let rest = plain(desk === null ? text : desk.rest);
  const [iso] = take(/\b(\d{4})-(\d\d?)-(\d\d?)\b/);
  const told = iso
    ? dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]))
    : (wordDay(rest, today) ?? monthDay(rest, today));
  const named = iso === undefined ? monthMatch(rest) : null;
  if (named) rest = rest.replace(named[0], ' ');
  const colon = take(/(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?!\d)\s*(am|pm|a\.m\.|p\.m\.)?/)[0];
  const numbers =
    told === null ? take(/(?<!\d)(\d\d?)[./](\d\d?)(?:[./](\d{4}|\d\d)?)?(?![\d])/)[0] : undefined;
  const day = told ?? (numbers ? numberDay(numbers, today) : null);
  if (numbers && day === null) rest = `${rest} ${numbers[0]}`;
  const minutes = colon ? minutesOf(colon[1], colon[2], colon[3]) : looseTime(rest);
  if (day === null && minutes === null && desk === null) return null;
  return { day: day ?? (minutes === null ? null : today), minutes, desk: desk?.name ?? null };

  /** The match, which is then taken out of the rest. */
  function take(pattern: RegExp): [RegExpExecArray | undefined] {
    const match = pattern.exec(rest);
    if (!match) return [undefined];
    rest = `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`;
    return [match];
  }
}

/** First and last minute to search, as the API takes them; null: any time. They stay within the day. */
export function boundsOf({ day, minutes }: About): { from: string; to: string } | null {
  if (day === null) return null;
  if (minutes === null) return { from: day, to: day };
  const at = (minute: number) => `${day}T${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  return { from: at(Math.max(0, minutes - ABOUT)), to: at(Math.min(24 * 60 - 1, minutes + ABOUT)) };
}

const two = (n: number) => String(n).padStart(2, '0');

/** Small letters without accents: nobody types them in a hurry. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ł', 'l')
    .replaceAll('ё', 'е');
}

const wordsOf = (text: string) => text.match(/[\p{L}]+/gu) ?? [];

/** Three letters or fewer are a whole word: `mon` must not be found in `money`. */
function begins(word: string, stem: string): boolean {
  const bare = plain(stem);
  return bare.length <= 3 ? word === bare : word.startsWith(bare);
}
const placeOf = (word: string, table: readonly (readonly string[])[]) =>
  table.findIndex((stems) => stems.some((stem) => begins(word, stem)));

function wordDay(text: string, today: string): string | null {
  const words = wordsOf(text);
  for (const word of words) {
    const ago = placeOf(word, DAYS_AGO);
    if (ago >= 0) return before(today, ago);
  }
  for (const word of words) {
    const weekday = placeOf(word, WEEKDAYS);
    if (weekday < 0) continue;
    const now = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
    const ago = (now - weekday + 7) % 7;
    const last = words.some((other) => LAST.some((stem) => begins(other, stem)));
    return before(today, ago === 0 && last ? 7 : ago);
  }
  return null;
}

/** "3 November 2026", "lapkričio 3". */
function monthMatch(text: string): RegExpExecArray | null {
  for (const match of text.matchAll(
    /(?:(\d\d?)\.?\s+)?(\p{L}{3,})\.?(?:\s+(\d\d?)(?![\d:.]))?(?:\s+(\d{4}))?/gu,
  )) {
    const month = MONTHS.findIndex((stems) => stems.some((stem) => (match[2] ?? '').startsWith(plain(stem))));
    if (month >= 0 && (match[1] ?? match[3]) !== undefined) return match;
  }
  return null;
}

function monthDay(text: string, today: string): string | null {
  const match = monthMatch(text);
  if (!match) return null;
  const month = MONTHS.findIndex((stems) => stems.some((stem) => (match[2] ?? '').startsWith(plain(stem))));
  return latest(match[4], month + 1, Number(match[1] ?? match[3]), today);
}

const numberDay = ([, day, month, year]: RegExpExecArray, today: string) =>
  latest(year?.length === 2 ? `20${year}` : year, Number(month), Number(day), today);

/** Without a year: the latest that is not to come. */
function latest(year: string | undefined, month: number, day: number, today: string): string | null {
  if (year !== undefined) return dayOf(Number(year), month, day);
  const thisYear = Number(today.slice(0, 4));
  for (const one of [thisYear, thisYear - 1, thisYear - 2, thisYear - 3, thisYear - 4]) {
    const found = dayOf(one, month, day);
    if (found !== null && found <= today) return found;
  }
  return null;
}

/** null: there is no such day. */
function dayOf(year: number, month: number, day: number): string | null {
  const text = `${year}-${two(month)}-${two(day)}`;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) ? text : null;
}

const before = (today: string, days: number) =>
  new Date(Date.parse(`${today}T00:00:00Z`) - days * DAY).toISOString().slice(0, 10);

function minutesOf(hour: string | undefined, minute = '0', half = ''): number | null {
  const hours = Number(hour);
  const afternoon = half.startsWith('p');
  if (half !== '' && (hours < 1 || hours > 12)) return null;
  if (hours > 23 || Number(minute) > 59) return null;
  return (half === '' ? hours : (hours % 12) + (afternoon ? 12 : 0)) * 60 + Number(minute);
}

/** "10.40", "10h40", "2 pm", "в 10", "godz. 9", "10 val." */
function looseTime(text: string): number | null {
  const dotted = /(?<!\d)([01]?\d|2[0-3])[.h]([0-5]\d)(?![\d])/.exec(text);
  if (dotted) return minutesOf(dotted[1], dotted[2]);
  const half = /(?<!\d)(1[0-2]|[1-9])\s*(am|pm|a\.m\.|p\.m\.)/.exec(text);
  if (half) return minutesOf(half[1], '0', half[2]);
  for (const match of text.matchAll(
    /(?:(\p{L}+)\.?\s*)?(?<!\d)([01]?\d|2[0-3])(?![\d])(?:\s*['’]?(\p{L}+))?/gu,
  )) {
    const led = match[1] !== undefined && BEFORE_HOUR.some((word) => match[1] === plain(word));
    const followed = match[3] !== undefined && AFTER_HOUR.some((word) => match[3]?.startsWith(plain(word)));
    if (led || followed) return minutesOf(match[2]);
  }
  return null;
}

/** A desk by its name, or by the number that its name ends with; and the text without it. */
function deskIn(text: string, desks: readonly string[]): { name: string; rest: string } | null {
  for (const name of [...desks].sort((a, b) => b.length - a.length)) {
    // A number alone may be anything.
    if (/^\d+$/.test(name)) continue;
    const pattern = new RegExp(
      `(?<![\\p{L}\\d])${name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?![\\p{L}\\d])`,
      'iu',
    );
    if (pattern.test(text)) return { name, rest: text.replace(pattern, ' ') };
  }
  const bare = plain(text);
  for (const match of bare.matchAll(/(\p{L}+)\s*(?:no\.?|nr\.?|№|#)?\s*(\d+)(?![:.\d])/gu)) {
    if (!DESK.some((stem) => match[1]?.startsWith(plain(stem)))) continue;
    const name = desks.find((desk) => new RegExp(`(?<!\\d)0*${match[2]}$`).test(desk));
    if (name !== undefined) return { name, rest: bare.replace(match[0], ' ') };
  }
  return null;
}
