import { expect, test } from 'vitest';
import { ManualClock } from '../../clock.ts';
import { AdminCodes } from './admin-codes.ts';
import { codeMeant, newCode } from './secrets.ts';

test('a code is what was meant, however it was typed', () => {
  const code = newCode();
  const plain = code.replaceAll('-', '');
  for (const typed of [code, plain, code.toLowerCase(), ` ${plain.slice(0, 5)} ${plain.slice(5)} `])
    expect(codeMeant(typed)).toBe(plain);
  expect(codeMeant('oil0-OIL0-oil0')).toBe('011001100110');
  for (const wrong of ['', plain.slice(1), `${plain}0`, 'UUUU-UUUU-UUUU', 'é'.repeat(12)])
    expect(codeMeant(wrong)).toBeNull();
  expect(new Set(Array.from({ length: 100 }, newCode)).size).toBe(100);
});

test('the code of the start counts until there is an account, one of the command line for an hour; each once', () => {
  const clock = new ManualClock();
  const codes = new AdminCodes(clock);
  const start = codes.make('until-set-up');
  const asked = codes.make('hour');
  expect([codes.knows(start, true), codes.knows(start, false)]).toEqual([true, false]);
  clock.advance(3_599_999);
  expect(codes.knows(asked, false)).toBe(true);
  clock.advance(1);
  expect([codes.knows(asked, true), codes.knows(start, true)]).toEqual([false, true]);
  expect([codes.take(start, true), codes.take(start, true)]).toEqual([true, false]);
  const earlier = codes.make('until-set-up');
  codes.make('until-set-up');
  expect(codes.knows(earlier, true)).toBe(false);
});
