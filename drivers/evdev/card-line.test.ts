import { expect, test } from 'vitest';
import { CardLine } from './card-line.ts';

/** Types keys 5 ms apart, each down and up; `+X` and `-X` are one of both. The cards that come of it. */
function typed(line: CardLine, keys: string, start = 10_000): string[] {
  const cards: string[] = [];
  let now = start;
  for (const key of keys.split(' ')) {
    const [, sign, name] = /^([+-]?)(.+)$/.exec(key) ?? [];
    for (const value of sign === '+' ? ['down'] : sign === '-' ? ['up'] : ['down', 'up']) {
      now += 5;
      const card = line.key(`KEY_${name}`, value as 'up' | 'down', now);
      if (card !== null) cards.push(card);
    }
  }
  return cards;
}

test('digits, of both kinds, until Enter, of both kinds', () => {
  expect(typed(new CardLine(), '0 0 0 4 7 1 1 ENTER KP1 KP2 KPENTER')).toEqual(['0004711', '12']);
});

test('letters, small and with Shift large; separators are left out', () => {
  expect(typed(new CardLine(), '+LEFTSHIFT A -LEFTSHIFT B 7 ENTER')).toEqual(['Ab7']);
  expect(typed(new CardLine(), '+RIGHTSHIFT A F -RIGHTSHIFT 0 ENTER')).toEqual(['AF0']);
  // A track of a magnetic stripe: ;12=34? and the ? is Shift and a slash.
  expect(typed(new CardLine(), 'SEMICOLON 1 2 EQUAL 3 4 +LEFTSHIFT SLASH -LEFTSHIFT ENTER')).toEqual([
    '1234',
  ]);
  // Shift and 5 is a percent sign.
  expect(typed(new CardLine(), '+LEFTSHIFT 5 -LEFTSHIFT 1 ENTER')).toEqual(['1']);
});

test('Enter alone is no card; 32 characters are one, 33 are none, and the next one is whole', () => {
  const line = new CardLine();
  expect(typed(line, 'ENTER')).toEqual([]);
  const long = (length: number) => `${'1 '.repeat(length)}ENTER`;
  expect(typed(line, long(32))).toEqual(['1'.repeat(32)]);
  expect(typed(line, long(33))).toEqual([]);
  expect(typed(line, `${long(5_000)} 7 ENTER`)).toEqual(['7']);
});

test('after a second without a key it begins anew', () => {
  const line = new CardLine();
  expect(typed(line, '1 2', 10_000)).toEqual([]);
  expect(line.key('KEY_3', 'down', 11_015)).toBeNull();
  expect(line.key('KEY_ENTER', 'down', 12_015)).toBe('123');
  expect(typed(line, '1 2', 20_000)).toEqual([]);
  expect(line.key('KEY_3', 'down', 21_016)).toBeNull();
  expect(line.key('KEY_ENTER', 'down', 21_020)).toBe('3');
});

test('a held key is one character', () => {
  const line = new CardLine();
  line.key('KEY_1', 'down', 10_000);
  line.key('KEY_1', 'repeat', 10_250);
  line.key('KEY_1', 'repeat', 10_283);
  expect(line.key('KEY_ENTER', 'down', 10_300)).toBe('1');
});

test('a card of which keys were lost is none; the next one is', () => {
  const line = new CardLine();
  typed(line, '1 2');
  line.gap();
  expect(typed(line, '3 4 ENTER', 10_100)).toEqual([]);
  expect(typed(line, '5 6 ENTER', 10_200)).toEqual(['56']);
});

test('nothing stays when the reader goes', () => {
  const line = new CardLine();
  typed(line, '+LEFTSHIFT A B');
  line.reset();
  expect(typed(line, 'C 1 ENTER', 10_100)).toEqual(['c1']);
});
