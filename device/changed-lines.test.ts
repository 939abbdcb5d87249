import { expect, test } from 'vitest';
import { changedLines } from './changed-lines.ts';

test.each([
  ['a\nb\nc', 'a\nb\nc', []],
  ['a\nb\nc', 'a\nX\nc', [[2, 'b', 'X']]],
  ['a\nc', 'a\nX\nc', [[2, null, 'X']]],
  ['a\nb\nc', 'a\nc', [[2, 'b', null]]],
  [
    'a',
    'a\nX\nY',
    [
      [2, null, 'X'],
      [2, null, 'Y'],
    ],
  ],
  [
    'a\nb\nc\nd',
    'X\nb\nc\nY\nd',
    [
      [1, 'a', 'X'],
      [4, null, 'Y'],
    ],
  ],
])('%j becomes %j', (before, after, lines) => {
  expect(changedLines(before, after).map((l) => [l.line, l.before, l.after])).toEqual(lines);
});
