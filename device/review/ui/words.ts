import { useEffect, useState } from 'preact/hooks';

export const LANGUAGES = ['en', 'ru', 'pl', 'lt'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Forms of a phrase by `Intl.PluralRules` of its `n`. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Phrase = string | Plural;
type Keys<C> = { readonly [K in keyof C]: Phrase };
/** The phrases of one area of the page, in each language. `{name}` stands for what is put in, `{n}` for the number that chooses the form. */
export type Catalogue<C> = { readonly [L in Language]: Keys<C> };

/** Checks that each language says all. */
export function catalogue<const C extends Record<string, Phrase>>(words: {
  readonly en: C;
  readonly ru: Keys<C>;
  readonly pl: Keys<C>;
  readonly lt: Keys<C>;
}): Catalogue<C> {
  return words;
}

const listeners = new Set<() => void>();
let current: Language = 'en';
let zone: string | undefined;

export function language(): Language {
  return current;
}

/** Changes the language of the whole page at once. */
export function speak(to: Language): void {
  current = to;
  document.documentElement.lang = to;
  for (const listener of listeners) listener();
}

/** The language that the browser likes best among ours. */
export function preferred(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  return wanted.find((tag): tag is Language => (LANGUAGES as readonly string[]).includes(tag)) ?? 'en';
}

/** All times are the clinic's, also in a browser that lives in another zone. IANA name. */
export function keepTime(timeZone: string): void {
  zone = timeZone;
}

export type Translate<C> = (key: keyof C, put?: Record<string, string | number>) => string;

/** The phrases of an area, in the language of the page; the component is drawn anew when that changes. */
export function useWords<C>(words: Catalogue<C>): Translate<C> {
  const [, redraw] = useState(0);
  useEffect(() => {
    const listener = () => redraw((n) => n + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return translator(words, current);
}

/** The same without a component. */
export function translator<C>(words: Catalogue<C>, to: Language): Translate<C> {
  return (key, put = {}) => {
    const phrase = words[to][key];
    const text =
      typeof phrase === 'string'
        ? phrase
        : (phrase[new Intl.PluralRules(to).select(Number(put.n ?? 0))] ?? phrase.other);
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
      const value = put[name];
      return value === undefined ? whole : typeof value === 'number' ? number(value) : value;
    });
  };
}

/** A number by the page's language. */
export function number(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(current, options).format(value);
}

/** A share in [0, 1] as a percentage, always with as many `digits` after the point. */
export function percent(share: number, digits = 0): string {
  return number(share, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A day of the calendar, not a moment: it is the same in every time zone. */
const isDay = (moment: string | number): moment is string =>
  typeof moment === 'string' && /^\d{4}-\d\d-\d\d$/.test(moment);

/** A moment (ISO 8601 or Unix ms) in the clinic's time, or a day (`2026-01-31`), by the page's language. */
export function date(moment: string | number, options: Intl.DateTimeFormatOptions): string {
  // The clinics are in Europe: 24 hours, and the day before the month.
  const inZone = { timeZone: zone, ...options, ...(isDay(moment) ? { timeZone: 'UTC' } : {}) };
  return new Intl.DateTimeFormat(current === 'en' ? 'en-GB' : current, inZone).format(new Date(moment));
}

export const clockTime = (moment: string | number) => date(moment, { hour: '2-digit', minute: '2-digit' });
/** The day of a moment, or a day, with its weekday; the year only where it is not this one. */
export function shortDay(moment: string | number): string {
  const year = { year: 'numeric' } as const;
  const isThisYear = date(moment, year) === date(Date.now(), year);
  return date(moment, { weekday: 'short', day: 'numeric', month: 'short', ...(isThisYear ? {} : year) });
}
/** A day of the calendar (`2026-01-31`) with its year. */
export const dayName = (day: string) => date(day, { day: 'numeric', month: 'short', year: 'numeric' });
export const fullTime = (moment: string | number) =>
  date(moment, { dateStyle: 'medium', timeStyle: 'medium' });

/** The clinic's day by the browser's clock: `2026-11-22`. Swedes write their dates as ISO 8601 does. */
export const calendarDay = () =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date(Date.now()));

/** Milliseconds as minutes and seconds, such as 3:07. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
