import { expect, test } from 'vitest';
import { duration, parseDuration } from './durations.ts';

test.each([
  ['250ms', 250],
  ['1.5s', 1_500],
  ['0s', 0],
  ['10m', 600_000],
  ['10min', 600_000],
  ['2h', 7_200_000],
  ['14d', 1_209_600_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '15', 's', '-1s', '1,5s', '15 s', '15S', '1e3s', '1.s', '15sec'])(
  '"%s" is no duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);

test('a setting has its default, takes its bounds themselves, and refuses what lies beyond', () => {
  const setting = duration('10s', 'For a test.', { min: '5s', max: '1min' });
  expect(setting.parse(undefined)).toBe(10_000);
  expect(setting.parse('5s')).toBe(5_000);
  expect(setting.parse('60s')).toBe(60_000);
  for (const wrong of ['4.9s', '61s', 15, null]) expect(setting.safeParse(wrong).success).toBe(false);
});
