import { expect, test } from 'vitest';
import { dayNumber, dayText } from '../../store/page/days.ts';
import { bucketsOf, comparedWith, countedDays, periodOf, weekdaysIn } from './period.ts';

const period = (from: string, to: string) => ({
  from: dayNumber(from) ?? Number.NaN,
  to: dayNumber(to) ?? Number.NaN,
});

test.each([
  ['2026-03-01', '2026-03-31', 'previous', '2026-02-01', '2026-02-28'],
  ['2026-01-01', '2026-03-31', 'previous', '2025-10-01', '2025-12-31'],
  ['2026-03-02', '2026-03-08', 'previous', '2026-02-23', '2026-03-01'],
  ['2026-03-05', '2026-03-05', 'previous', '2026-03-04', '2026-03-04'],
  ['2028-02-01', '2028-02-29', 'year', '2027-02-01', '2027-02-28'],
  ['2028-02-29', '2028-02-29', 'year', '2027-02-28', '2027-02-28'],
  ['2026-03-02', '2026-03-08', 'year', '2025-03-03', '2025-03-09'],
] as const)('%s to %s, %s: %s to %s', (from, to, compare, first, last) => {
  const compared = comparedWith(period(from, to), compare);
  expect([dayText(compared.from), dayText(compared.to)]).toEqual([first, last]);
});

test('buckets begin with the period, and with each month, week, day and hour in it', () => {
  const days = period('2026-10-29', '2026-11-10');
  expect(bucketsOf(days, 'month')).toEqual(['2026-10-29', '2026-11-01']);
  expect(bucketsOf(days, 'week')).toEqual(['2026-10-29', '2026-11-02', '2026-11-09']);
  expect(bucketsOf(days, 'day')).toHaveLength(13);
  expect(bucketsOf(period('2026-10-29', '2026-10-29'), 'hour').slice(22)).toEqual([
    '2026-10-29T22',
    '2026-10-29T23',
  ]);
});

test('weekdays are counted from the first contact there is until today', () => {
  const may = period('2026-05-01', '2026-05-31');
  const days = (first: string | null, today: string) =>
    weekdaysIn(
      countedDays(may, first === null ? null : dayNumber(first), dayNumber(today) ?? Number.NaN),
      new Set([dayNumber('2026-05-07') ?? 0]),
    ).join(' ');
  expect(days('2020-01-01', '2026-11-22')).toBe('4 4 4 3 5 5 5');
  expect(days('2026-05-05', '2026-05-12')).toBe('1 2 1 0 1 1 1');
  expect(days('2026-05-12', '2026-05-12')).toBe('0 1 0 0 0 0 0');
  expect(days('2026-06-01', '2026-06-12')).toBe('0 0 0 0 0 0 0');
  expect(days(null, '2026-05-12')).toBe('0 0 0 0 0 0 0');
});

test('what is too long or ends before it begins is refused', () => {
  expect(() => periodOf({ from: '2026-02-01', to: '2026-01-31' })).toThrow('before');
  expect(() => periodOf({ from: '2000-01-01', to: '2026-01-31' })).toThrow('ten years');
  expect(() => periodOf({ from: '2026-01-01', to: '2026-03-01', by: 'hour' })).toThrow('Hours');
  expect(() => periodOf({ from: '2024-01-01', to: '2026-03-01', by: 'day' })).toThrow('weeks');
});
