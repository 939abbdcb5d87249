import { afterEach, expect, test, vi } from 'vitest';
import { dayName, keepTime, percent, shortDay } from './words.ts';

afterEach(() => {
  vi.useRealTimers();
  keepTime('UTC');
});

test.each(['America/Los_Angeles', 'UTC', 'Pacific/Kiritimati'])(
  'a day of the calendar is the same in every time zone: %s',
  (zone) => {
    vi.useFakeTimers({ now: Date.UTC(2026, 5, 15) });
    keepTime(zone);
    expect(dayName('2026-01-31')).toBe('31 Jan 2026');
    expect(shortDay('2026-01-31')).toBe('Sat 31 Jan');
  },
);

test('a moment is told in the clinic’s time, with its year where it is not this one there', () => {
  // New Year has come to Vilnius only.
  vi.useFakeTimers({ now: Date.UTC(2025, 11, 31, 22, 30) });
  keepTime('Europe/Vilnius');
  expect(shortDay('2025-12-31T22:10:00Z')).toBe('Thu 1 Jan');
  expect(shortDay('2025-12-31T21:50:00Z')).toBe('Wed, 31 Dec 2025');
  expect(shortDay('2025-12-31')).toBe('Wed, 31 Dec 2025');
});

test('percentages of one sentence have as many digits', () => {
  expect([percent(0.05, 1), percent(0.0512, 1), percent(0.05)]).toEqual(['5.0%', '5.1%', '5%']);
});
