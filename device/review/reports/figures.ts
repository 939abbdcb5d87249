import { type Proportion, wilson } from '../../contacts/indices.ts';
import { BARS, barsOfBins, quantileOfBins } from '../../contacts/statistics.ts';
import { BINS_AT, OCCUPIED, PER_HOUR, PLACES, TAG_FIELDS, TAGS_AT } from '../../store/page/day-counts.ts';
import type { DayCounts } from '../../store/page/hours.ts';
import { type Calendar, keyOf } from './period.ts';
import type { Bucket, Figures, Report, ReportQuery } from './schema.ts';
import { type HourBits, hoursIn, SeenHours } from './seen-hours.ts';

/** Contacts, served, rated, top, negative, seconds that were occupied; last the hours in which anything of them was. */
export type Tally = Float64Array;
export const emptyTally = (): Tally => new Float64Array(PER_HOUR + 1);
/** Two receptionists at a desk share an hour: hours are not in the tally of counts, but added where it is known whose they are. */
export const HOURS = PER_HOUR;

/** What a day's counts come to over all of its hours. */
export interface Tallied {
  readonly tally: Tally;
  /** The hours in which somebody was there. */
  readonly hours: HourBits;
}

export function tallyOf(pairs: Uint16Array): Tallied {
  const tally = emptyTally();
  let hours: HourBits = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const place = pairs[i] ?? 0;
    // They come in their order.
    if (place >= TAGS_AT) break;
    const field = place % PER_HOUR;
    tally[field] = (tally[field] as number) + (pairs[i + 1] as number);
    if (field === OCCUPIED) hours |= 1 << ((place - OCCUPIED) / PER_HOUR);
  }
  return { tally, hours };
}

export function addTo(sum: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (more[i] ?? 0);
}

/** What a tally says. */
export function figuresOf(tally: Tally): Figures {
  const [contacts = 0, served = 0, rated = 0, top = 0, negative = 0, occupied = 0, hours = 0] = tally;
  return {
    ...{ contacts, unserved: contacts - served, served, rated, top, negative },
    support: short(wilson(top, served)),
    dissatisfaction: short(wilson(negative, served)),
    responseRate: served === 0 ? null : round(rated / served),
    ...{ occupied, hours, occupancy: shareOf(occupied, hours) },
  };
}

/** Six digits: a tenth of a percent, to which the page rounds once more, hardly ever becomes another one; and half of the bytes. */
const round = (share: number) => Math.round(share * 1e6) / 1e6;
/** Of so many hours. Two hours of the clock where summer time ends are not more than one. */
const shareOf = (seconds: number, hours: number) =>
  hours === 0 ? null : round(Math.min(1, seconds / (3_600 * hours)));
const short = (share: Proportion | null) =>
  share && { value: round(share.value), low: round(share.low), high: round(share.high) };

/** Adds up the counts of days: over all, by bucket, by weekday and hour, by desk. */
export class Sums {
  readonly #series = new Map<string, Tally>();
  readonly #desks = new Map<string, { counts: Float64Array; tally: Tally }>();
  readonly #heat = Array.from({ length: 7 }, () => new Float64Array(24));
  readonly #occupied = Array.from({ length: 7 }, () => new Float64Array(24));
  readonly #deskDays = new Float64Array(7);
  readonly #seen = new SeenHours();
  readonly #by: ReportQuery['by'];
  readonly #calendar: Calendar;

  constructor(by: ReportQuery['by'], calendar: Calendar) {
    this.#by = by;
    this.#calendar = calendar;
  }

  /** `tallied`: the counts. The days come one after the other. */
  add({ day, desk, pairs }: DayCounts, { tally, hours: inDay }: Tallied): void {
    const known = this.#desks.get(desk) ?? { counts: new Float64Array(PLACES), tally: emptyTally() };
    this.#desks.set(desk, known);
    const { counts } = known;
    const weekday = this.#calendar.weekday(day);
    if (!this.#seen.has(desk, day)) this.#deskDays[weekday] = (this.#deskDays[weekday] ?? 0) + 1;
    const fresh = this.#seen.add(desk, day, inDay);
    const hours = hoursIn(fresh);
    addTo(known.tally, tally);
    addHours(known.tally, hours);
    if (this.#by !== 'hour') {
      const bucket = tallyAt(this.#series, this.#calendar.bucket(day));
      addTo(bucket, tally);
      addHours(bucket, hours);
    }
    const heat = this.#heat[weekday] as Float64Array;
    const occupied = this.#occupied[weekday] as Float64Array;
    for (let i = 0; i < pairs.length; i += 2) {
      const place = pairs[i] as number;
      const n = pairs[i + 1] as number;
      counts[place] = (counts[place] as number) + n;
      if (place >= TAGS_AT) continue;
      const field = place % PER_HOUR;
      const hour = (place - field) / PER_HOUR;
      if (field === 0) heat[hour] = (heat[hour] as number) + n;
      else if (field === OCCUPIED) occupied[hour] = (occupied[hour] as number) + n;
      if (this.#by !== 'hour') continue;
      const bucket = tallyAt(this.#series, keyOf(day, hour));
      bucket[field] = (bucket[field] as number) + n;
      if (field === OCCUPIED) addHours(bucket, (fresh >> hour) & 1);
    }
  }

  figures(): Figures {
    const all = emptyTally();
    for (const { tally } of this.#desks.values()) addTo(all, tally);
    return figuresOf(all);
  }

  /** Each bucket of `keys`, also where nobody came. */
  series(keys: readonly string[]): Bucket[] {
    return keys.map((from) => ({ from, ...figuresOf(this.#series.get(from) ?? emptyTally()) }));
  }

  heat(): Pick<NonNullable<Report['heat']>, 'contacts' | 'occupied' | 'deskDays'> {
    return {
      contacts: this.#heat.map((hours) => [...hours]),
      occupied: this.#occupied.map((hours, weekday) =>
        Array.from(hours, (seconds) => shareOf(seconds, this.#deskDays[weekday] ?? 0)),
      ),
      deskDays: [...this.#deskDays],
    };
  }

  perDesk(): Report['perDesk'] {
    return [...this.#desks]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([desk, { tally }]) => ({ desk, ...figuresOf(tally) }));
  }

  durations(): NonNullable<Report['durations']> {
    const bins = this.#total().subarray(BINS_AT);
    return {
      ...{ bars: BARS, counts: barsOfBins(bins) },
      ...{ median: quantileOfBins(bins, 0.5), p90: quantileOfBins(bins, 0.9) },
    };
  }

  tags(): Record<string, number> {
    const total = this.#total();
    return Object.fromEntries(TAG_FIELDS.map((name, i) => [name, total[TAGS_AT + i] ?? 0]));
  }

  #total(): Float64Array {
    const total = new Float64Array(PLACES);
    for (const { counts } of this.#desks.values()) addTo(total, counts);
    return total;
  }
}

export function addHours(tally: Tally, hours: number): void {
  tally[HOURS] = (tally[HOURS] ?? 0) + hours;
}

export function tallyAt<K>(tallies: Map<K, Tally>, key: K): Tally {
  const known = tallies.get(key);
  if (known) return known;
  const tally = emptyTally();
  tallies.set(key, tally);
  return tally;
}
