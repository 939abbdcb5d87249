/** Hours of a day of the clock as bits; that of hour 0 is the lowest. */
export type HourBits = number;

/** Hours in which somebody was there, for one owner of hours (a desk, a person) beside the other, each a day at a time. */
export class SeenHours {
  readonly #last = new Map<string, { day: number; hours: HourBits }>();

  /** Something of that day has been added. */
  has(owner: string, day: number): boolean {
    return this.#last.get(owner)?.day === day;
  }

  /** Those of `hours` that had not been there before on that day. */
  add(owner: string, day: number, hours: HourBits): HourBits {
    const last = this.#last.get(owner);
    if (!last) {
      this.#last.set(owner, { day, hours });
      return hours;
    }
    const before = last.day === day ? last.hours : 0;
    last.day = day;
    last.hours = before | hours;
    return hours & ~before;
  }
}

/** How many hours there are. */
export function hoursIn(hours: HourBits): number {
  let count = 0;
  for (let left = hours; left !== 0; left &= left - 1) count++;
  return count;
}
