import { expect, test } from 'vitest';
import { boundsOf, parseAbout } from './about.ts';

// A Sunday.
const TODAY = '2026-11-22';
const DESKS = ['front', 'desk-1', 'desk-2'];
const read = (text: string) => {
  const about = parseAbout(text, TODAY, DESKS);
  if (!about) return null;
  const { day, minutes, desk } = about;
  const time =
    minutes === null ? '-' : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
  return `${day ?? '-'} ${time} ${desk ?? '-'}`;
};

test.each([
  ['Tuesday about 10:40, desk 2', '2026-11-17 10:40 desk-2'],
  ['tue 2:40 pm', '2026-11-17 14:40 -'],
  ['Friday 9 am front', '2026-11-20 9:00 front'],
  ['12 am today', '2026-11-22 0:00 -'],
  ['yesterday at 12 pm', '2026-11-21 12:00 -'],
  ['Sunday', '2026-11-22 - -'],
  ['last Sunday', '2026-11-15 - -'],
  ['3 November 14:05', '2026-11-03 14:05 -'],
  ['November 3 14:05', '2026-11-03 14:05 -'],
  ['2026-11-03', '2026-11-03 - -'],
  ['2026-11-03 8:15', '2026-11-03 8:15 -'],
  ['3/11/2025 10:00', '2025-11-03 10:00 -'],
  ['31.12.', '2025-12-31 - -'],
  ['29.2.', '2024-02-29 - -'],
  ['3.11. 10.40', '2026-11-03 10:40 -'],
  ['3.11.25', '2025-11-03 - -'],
  ['10:40', '2026-11-22 10:40 -'],
  ['desk 2', '- - desk-2'],
  ['Desk-1', '- - desk-1'],
  ['во вторник около 10:40, стойка 2', '2026-11-17 10:40 desk-2'],
  ['вчера в 9', '2026-11-21 9:00 -'],
  ['позавчера в 14 часов', '2026-11-20 14:00 -'],
  ['в прошлое воскресенье', '2026-11-15 - -'],
  ['в среду', '2026-11-18 - -'],
  ['3 ноября в 10:40', '2026-11-03 10:40 -'],
  ['пт 16:00', '2026-11-20 16:00 -'],
  ['we wtorek około 10.40, stanowisko 2', '2026-11-17 10:40 desk-2'],
  ['wczoraj o 9', '2026-11-21 9:00 -'],
  ['w środę o godz. 15', '2026-11-18 15:00 -'],
  ['3 listopada o 10.40', '2026-11-03 10:40 -'],
  ['w poniedziałek, stanowisko nr 1', '2026-11-16 - desk-1'],
  ['5 października', '2026-10-05 - -'],
  ['antradienį apie 10:40, stalas 2', '2026-11-17 10:40 desk-2'],
  ['vakar 9 val.', '2026-11-21 9:00 -'],
  ['lapkričio 3 10:40', '2026-11-03 10:40 -'],
  ['šeštadienį', '2026-11-21 - -'],
  ['užvakar apie 11', '2026-11-20 11:00 -'],
])('%s', (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each(['', 'an angry man', 'desk 7', '99', 'money', '2026-13-45'])(
  'nothing is read from "%s"',
  (text) => {
    expect(read(text)).toBeNull();
  },
);

test('twenty minutes around a time, within its day; a day alone is whole', () => {
  const bounds = (minutes: number | null) => boundsOf({ day: '2026-11-03', minutes, desk: null });
  expect(bounds(640)).toEqual({ from: '2026-11-03T10:20', to: '2026-11-03T11:00' });
  expect(bounds(5)).toEqual({ from: '2026-11-03T00:00', to: '2026-11-03T00:25' });
  expect(bounds(1435)).toEqual({ from: '2026-11-03T23:35', to: '2026-11-03T23:59' });
  expect(bounds(null)).toEqual({ from: '2026-11-03', to: '2026-11-03' });
  expect(boundsOf({ day: null, minutes: null, desk: 'front' })).toBeNull();
});
