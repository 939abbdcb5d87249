import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayNumber } from '../../store/page/days.ts';
import { MINIMUM, PeopleSums, toldOf, wholeWeeks } from './people.ts';

const day = (text: string) => dayNumber(text) ?? Number.NaN;
const MONDAY = day('2026-10-05');
const tally = (served: number) => Float64Array.of(served + 1, served, 0, 0, 0);
const week = (people: Record<string, number>) =>
  toldOf(new Map(Object.entries(people).map(([who, served]) => [who, tally(served)])));

describe('who of a week is told', () => {
  test.each([
    ['all, where everybody has enough', { a: 20, b: 90 }, 'a b'],
    [
      'nobody with too few, and of the others not the one who would leave a single rest',
      { a: 19, b: 40, c: 90 },
      'c',
    ],
    ['two with too few are told by nothing, as they are enough together', { a: 12, b: 8, c: 20 }, 'c'],
    ['two who are not enough together hide a third', { a: 1, b: 2, c: 25, d: 30 }, 'd'],
    ['contacts of nobody known are a rest, too', { '': 30, a: 5, b: 60 }, 'b'],
    ['one with too few beside one with enough: neither', { a: 3, b: 60 }, ''],
    ['no one served is too few', { a: 0, b: 50, c: 60 }, 'c'],
  ])('%s', (_name, people, told) => {
    expect([...week(people)].sort().join(' ')).toBe(told);
  });

  test('what the total leaves is nothing, or of at least two and enough', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('', 'a', 'b', 'c', 'd', 'e'), fc.nat(60), { minKeys: 1 }),
        (people) => {
          const told = week(people);
          const rest = Object.entries(people).filter(([who]) => !told.has(who));
          for (const who of told) expect(people[who]).toBeGreaterThanOrEqual(MINIMUM);
          if (rest.length === 0 || told.size === 0) return;
          expect(rest.length).toBeGreaterThan(1);
          expect(rest.reduce((sum, [, served]) => sum + served, 0)).toBeGreaterThanOrEqual(MINIMUM);
        },
      ),
    );
  });
});

describe('sums of weeks', () => {
  test('are of whole weeks that are over', () => {
    const whole = (from: string, to: string, today: string) =>
      wholeWeeks({ from: day(from), to: day(to) }, day(today));
    expect(whole('2026-10-01', '2026-10-31', '2026-11-20')).toEqual({ from: MONDAY, to: day('2026-10-25') });
    expect(whole('2026-10-05', '2026-10-18', '2026-10-18')).toEqual({ from: MONDAY, to: day('2026-10-11') });
    expect(whole('2026-10-06', '2026-10-12', '2026-11-20').to).toBeLessThan(MONDAY + 7);
  });

  /** What a report from `from` on says of a, where b covers nobody and c many. */
  function told(from: number, to: number, served: readonly number[]) {
    const sums = new PeopleSums({ from, to }, MONDAY + 700);
    for (const [n, count] of served.entries())
      for (const [receptionist, many] of [
        ['a', count],
        ['b', 30],
        ['c', 40],
      ] as const)
        sums.add({ day: MONDAY + n, receptionist }, { tally: tally(many), hours: 0 });
    return sums.table().rows.find(({ receptionist }) => receptionist === 'a');
  }

  test('no two periods differ by less than a week of enough', () => {
    // Twenty on Monday, three on each day after.
    const served = [20, 3, 3, 3, 3, 0, 0, 20, 3, 3, 3, 3, 0, 0];
    const seen = new Set<number>();
    for (let from = 0; from < 14; from++)
      for (let to = from; to < 14; to++) {
        const row = told(MONDAY + from, MONDAY + to, served);
        if (row && !('tooFew' in row)) seen.add(row.served);
      }
    const values = [0, ...seen].sort((a, b) => a - b);
    expect(values).toEqual([0, 32, 64]);
    for (const [i, value] of values.entries())
      if (i > 0) expect(value - (values[i - 1] ?? 0)).toBeGreaterThanOrEqual(MINIMUM);
  });

  test('weeks with too few are not in them', () => {
    const row = told(MONDAY, MONDAY + 13, [19, 0, 0, 0, 0, 0, 0, 25]);
    expect(row).toMatchObject({ weeks: 1, served: 25 });
    expect(told(MONDAY, MONDAY + 6, [19])).toEqual({ receptionist: 'a', tooFew: true });
  });
});
