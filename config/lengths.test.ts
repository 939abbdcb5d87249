import { expect, test } from 'vitest';
import { length, parseLength } from './lengths.ts';

test.each([
  ['80cm', 800],
  ['1.5m', 1500],
  ['-30cm', -300],
  ['2in', 50.8],
  ['5mm', 5],
  ['80', null],
  ['cm', null],
  ['1,5m', null],
  ['--1m', null],
])('%s is %s mm', (text, mm) => expect(parseLength(text)).toBe(mm));

test('bounds are allowed themselves, what is beyond is told', () => {
  const setting = length('1m', 'How far.', { min: '-1m', max: '2m' });
  expect(setting.parse(undefined)).toBe(1000);
  expect(setting.parse('-1m')).toBe(-1000);
  expect(setting.safeParse('2.01m').error?.issues[0]?.message).toBe('must be from -1m to 2m');
  expect(setting.safeParse(3).error?.issues[0]?.message).toContain('must be a length with its unit');
});
