import { expect, test } from 'vitest';
import { matchOf } from './search.ts';

test.each([
  ['waited', '"waited"*'],
  ['Waited WAITED waited', '"waited"*'],
  ['doctor wait waiting', '"doctor"* AND "waiting"*'],
  ['no doctor', '"no" AND "doctor"*'],
  ['a '.repeat(100), '"a"'],
  ['Ждали, врача!', '"ждали"* AND "врача"*'],
  ['"NEAR( -', '"near"*'],
  ['* ^ -', ''],
  ['one two three four five six seven', '"one"* AND "two"* AND "three"* AND "four"* AND "five"* AND "six"*'],
])('%s: %s', (typed, query) => {
  expect(matchOf(typed)).toBe(query);
});
