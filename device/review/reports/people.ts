import { type DayNumber, dayText, weekOf } from '../../store/page/days.ts';
import type { DayCounts } from '../../store/page/hours.ts';
import { addHours, addTo, emptyTally, figuresOf, type Tallied, type Tally, tallyAt } from './figures.ts';
import type { Period } from './period.ts';
import type { Bucket, People, PersonFigures } from './schema.ts';
import { hoursIn, SeenHours } from './seen-hours.ts';

/** Served contacts of a person in a week below which nothing is told of them. */
export const MINIMUM = 20;
/** Contacts of which nobody had said who was at the desk. */
const NOBODY = '';
const SERVED = 1;

/**
 * Figures of persons, so that nothing is told of fewer than `MINIMUM` served contacts of one, nor can be computed.
 *
 * The smallest thing that is told is one person's calendar week over all desks; longer periods are sums of such weeks.
 * So the difference of any two reports is again made of whole weeks of at least that many. Weeks that are not
 * over are not told, days that are left out elsewhere are not left out here, and no desk is asked for: each would give
 * a difference that is smaller. What a week's total leaves for the people who are not told is at least two
 * people's, and enough, too: else the smallest of those who would be told is not told either (complementary suppression).
 * One thing is left: where one person alone was at the desks, the total of all contacts is theirs, whatever stands here.
 */
export class PeopleSums {
  readonly #weeks = new Map<DayNumber, Map<string, Tally>>();
  readonly #whole: Period;
  readonly #seen = new SeenHours();

  /** `today`: weeks that it lies in, or that come after, are not over. */
  constructor(period: Period, today: DayNumber) {
    this.#whole = wholeWeeks(period, today);
  }

  /** The days that are counted. */
  get whole(): Period {
    return this.#whole;
  }

  /** `tallied`: the counts. The days come one after the other. */
  add({ day, receptionist }: Pick<DayCounts, 'day' | 'receptionist'>, { tally, hours }: Tallied): void {
    if (day < this.#whole.from || day > this.#whole.to) return;
    const week = weekOf(day);
    const people = this.#weeks.get(week) ?? new Map<string, Tally>();
    this.#weeks.set(week, people);
    const sum = tallyAt(people, receptionist);
    addTo(sum, tally);
    // An hour at two desks is one hour of a person.
    addHours(sum, hoursIn(this.#seen.add(receptionist, day, hours)));
  }

  /** The table: everybody who was at a desk, by name. */
  table(): People {
    const sums = new Map<string, { tally: Tally; weeks: number }>();
    for (const people of this.#weeks.values()) {
      const told = toldOf(people);
      for (const [receptionist, tally] of people) {
        if (receptionist === NOBODY) continue;
        const sum = sums.get(receptionist) ?? { tally: emptyTally(), weeks: 0 };
        sums.set(receptionist, sum);
        if (!told.has(receptionist)) continue;
        sum.weeks += 1;
        addTo(sum.tally, tally);
      }
    }
    const { from, to } = this.#whole;
    const rows = [...sums]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(
        ([receptionist, { tally, weeks }]): PersonFigures =>
          weeks === 0 ? { receptionist, tooFew: true } : { receptionist, weeks, ...figuresOf(tally) },
      );
    const some = to > from;
    return { from: some ? dayText(from) : null, to: some ? dayText(to) : null, minimum: MINIMUM, rows };
  }

  /** One person: the sum, and each week that can be told. */
  person(receptionist: string): { tally: Tally; weeks: Bucket[] } {
    const sum = emptyTally();
    const weeks: Bucket[] = [];
    for (const [week, people] of [...this.#weeks].sort(([a], [b]) => a - b)) {
      const tally = people.get(receptionist);
      if (!tally || receptionist === NOBODY || !toldOf(people).has(receptionist)) continue;
      addTo(sum, tally);
      weeks.push({ from: dayText(week), ...figuresOf(tally) });
    }
    return { tally: sum, weeks };
  }
}

/** Mondays to Sundays that lie in the period and are over; `to` < `from`: there are none. */
export function wholeWeeks({ from, to }: Period, today: DayNumber): Period {
  return { from: weekOf(from + 6), to: weekOf(Math.min(to + 1, today)) - 1 };
}

/** Who of a week's people can be told. */
export function toldOf(week: ReadonlyMap<string, Tally>): Set<string> {
  const served = [...week].map(([who, tally]) => ({ who, served: tally[SERVED] ?? 0 }));
  const told = served
    .filter((one) => one.served >= MINIMUM)
    // The smallest comes last; by name where two are equal, so that each report hides the same one.
    .sort((a, b) => b.served - a.served || a.who.localeCompare(b.who));
  const hidden = served.filter((one) => one.served < MINIMUM);
  // Each of them is less than enough: together enough, they are two at least.
  const enough = () => hidden.length === 0 || hidden.reduce((sum, one) => sum + one.served, 0) >= MINIMUM;
  while (!enough()) {
    const next = told.pop();
    if (!next) break;
    hidden.push(next);
  }
  return new Set(told.map(({ who }) => who));
}
