import { type Proportion, wilson } from '../../contacts/indices.ts';
import { BARS, barsOfBins, quantileOfBins } from '../../contacts/statistics.ts';
import { BINS_AT, PER_HOUR, PLACES, TAG_FIELDS, TAGS_AT } from '../../store/page/day-counts.ts';
import type { DayCounts } from '../../store/page/hours.ts';
import { type Calendar, keyOf } from './period.ts';
import type { Bucket, Figures, Report, ReportQuery } from './schema.ts';

/** Contacts, served, rated, top, negative. */
export type Tally = Float64Array;
export const emptyTally = (): Tally => new Float64Array(PER_HOUR);

/** The tally of a day's counts over all of its hours. */
export function tallyOf(pairs: Uint16Array): Tally {
  const tally = emptyTally();
  for (let i = 0; i < pairs.length; i += 2) {
    const place = pairs[i] ?? 0;
    // They come in their order.
    if (place >= TAGS_AT) break;
    tally[place % PER_HOUR] = (tally[place % PER_HOUR] ?? 0) + (pairs[i + 1] ?? 0);
  }
  return tally;
}

export function addTo(sum: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (more[i] ?? 0);
}

/** What a tally says. */
export function figuresOf(tally: Tally): Figures {
  const [contacts = 0, served = 0, rated = 0, top = 0, negative = 0] = tally;
  return {
    ...{ contacts, unserved: contacts - served, served, rated, top, negative },
    support: short(wilson(top, served)),
    dissatisfaction: short(wilson(negative, served)),
    responseRate: served === 0 ? null : round(rated / served),
  };
}

/** Six digits: a tenth of a percent, to which the page rounds once more, hardly ever becomes another one; and half of the bytes. */
const round = (share: number) => Math.round(share * 1e6) / 1e6;
const short = (share: Proportion | null) =>
  share && { value: round(share.value), low: round(share.low), high: round(share.high) };

/** Adds up the counts of days: over all, by bucket, by weekday and hour, by desk. */
export class Sums {
  readonly #series = new Map<string, Tally>();
  readonly #desks = new Map<string, { counts: Float64Array; tally: Tally }>();
  readonly #heat = Array.from({ length: 7 }, () => new Float64Array(24));
  readonly #by: ReportQuery['by'];
  readonly #calendar: Calendar;

  constructor(by: ReportQuery['by'], calendar: Calendar) {
    this.#by = by;
    this.#calendar = calendar;
  }

  /** `tally`: that of the counts. */
  add({ day, desk, pairs }: DayCounts, tally: Tally): void {
    const known = this.#desks.get(desk);
    const { counts } = known ?? { counts: new Float64Array(PLACES) };
    if (known) addTo(known.tally, tally);
    else this.#desks.set(desk, { counts, tally: tally.slice() });
    if (this.#by !== 'hour') addTo(tallyAt(this.#series, this.#calendar.bucket(day)), tally);
    const heat = this.#heat[this.#calendar.weekday(day)] as Float64Array;
    for (let i = 0; i < pairs.length; i += 2) {
      const place = pairs[i] as number;
      const n = pairs[i + 1] as number;
      counts[place] = (counts[place] as number) + n;
      if (place < TAGS_AT && place % PER_HOUR === 0)
        heat[place / PER_HOUR] = (heat[place / PER_HOUR] as number) + n;
      if (place < TAGS_AT && this.#by === 'hour') {
        const hour = tallyAt(this.#series, keyOf(day, Math.floor(place / PER_HOUR)));
        hour[place % PER_HOUR] = (hour[place % PER_HOUR] ?? 0) + n;
      }
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

  heat(): number[][] {
    return this.#heat.map((hours) => [...hours]);
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

export function tallyAt<K>(tallies: Map<K, Tally>, key: K): Tally {
  const known = tallies.get(key);
  if (known) return known;
  const tally = emptyTally();
  tallies.set(key, tally);
  return tally;
}
