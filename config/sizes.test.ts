import { expect, test } from 'vitest';
import { parseSize, size } from './sizes.ts';

test.each([
  ['500MB', 500_000_000],
  ['20GB', 20_000_000_000],
  ['1.5TB', 1_500_000_000_000],
  ['0MB', 0],
  // These products are not whole in floating point.
  ['8.2GB', 8_200_000_000],
  ['16.1GB', 16_100_000_000],
])('%s is %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', '20', 'GB', '-1GB', '1,5GB', '20 GB', '20gb', '20GiB', '20G', '1e3GB', '1.GB', '1000B'])(
  '"%s" is no size',
  (text) => {
    expect(parseSize(text)).toBeNull();
  },
);

test('a setting has its default, takes its bounds themselves, and refuses what lies beyond', () => {
  const setting = size('20GB', 'For a test.', { min: '500MB', max: '1TB' });
  expect(setting.parse(undefined)).toBe(20_000_000_000);
  expect(setting.parse('500MB')).toBe(500_000_000);
  expect(setting.parse('1000GB')).toBe(1_000_000_000_000);
  for (const wrong of ['499MB', '1.1TB', 20, null]) expect(setting.safeParse(wrong).success).toBe(false);
});
