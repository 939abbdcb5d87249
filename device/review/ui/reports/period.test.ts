import { expect, test } from 'vitest';
import { addressOf, bucketsWith, readShown } from './period.ts';

test.each([
  ['days', ['2026-05-04', '2026-05-05', '2026-05-06'], ['2026-05-05'], [1]],
  [
    'weeks',
    ['2026-05-01', '2026-05-04', '2026-05-11'],
    ['2026-05-03', '2026-05-10', '2026-05-11'],
    [0, 1, 2],
  ],
  ['months', ['2026-05-01', '2026-06-01'], ['2026-05-31', '2026-05-02'], [0]],
  ['hours', ['2026-05-04T00', '2026-05-04T01', '2026-05-05T00', '2026-05-05T01'], ['2026-05-05'], [2]],
  ['none', ['2026-05-04'], ['2026-05-03'], []],
])('special days are marked in steps of %s', (_name, buckets, days, places) => {
  expect(bucketsWith(buckets, days)).toEqual(places);
});

test('a receptionist’s report is of all desks', () => {
  const read = (query: string) => readShown(new URLSearchParams(query), '2026-05-04');
  expect(read('receptionist=r-1')).toMatchObject({ desk: '', receptionist: 'r-1' });
  expect(read('receptionist=r-1&desk=front')).toMatchObject({ desk: 'front', receptionist: '' });
  const shown = read('receptionist=r-1&unit=week');
  expect(readShown(new URL(addressOf(shown), 'http://x').searchParams, '2026-05-04')).toEqual(shown);
});
