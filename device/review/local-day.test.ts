import { afterEach, expect, test, vi } from 'vitest';
import { localDay } from './local-day.ts';

afterEach(() => vi.unstubAllEnvs());

const HOUR = 3_600_000;

function dayIn(timeZone: string, time: string) {
  vi.stubEnv('TZ', timeZone);
  const { from, to } = localDay(Date.parse(time));
  return { from: new Date(from).toISOString(), hours: (to - from) / HOUR, to };
}

test('a day is the clinic’s, not that of Greenwich', () => {
  expect(dayIn('Asia/Vladivostok', '2026-01-05T22:30:00Z')).toMatchObject({
    from: '2026-01-05T14:00:00.000Z',
    hours: 24,
  });
  expect(dayIn('America/New_York', '2026-01-05T02:30:00Z')).toMatchObject({
    from: '2026-01-04T05:00:00.000Z',
    hours: 24,
  });
});

test('the days on which summer time begins and ends have 23 and 25 hours', () => {
  expect(dayIn('Europe/Warsaw', '2026-03-29T12:00:00Z')).toMatchObject({
    from: '2026-03-28T23:00:00.000Z',
    hours: 23,
  });
  expect(dayIn('Europe/Warsaw', '2026-10-25T12:00:00Z')).toMatchObject({
    from: '2026-10-24T22:00:00.000Z',
    hours: 25,
  });
});

test('where summer time begins at midnight, the day begins at one o’clock', () => {
  expect(dayIn('Africa/Cairo', '2026-04-24T12:00:00Z')).toMatchObject({
    from: '2026-04-23T22:00:00.000Z',
    hours: 23,
  });
});

test('the last millisecond belongs to the day, the next one to the next', () => {
  const { to } = dayIn('Europe/Warsaw', '2026-10-25T12:00:00Z');
  expect(localDay(to - 1).to).toBe(to);
  expect(localDay(to).from).toBe(to);
});
