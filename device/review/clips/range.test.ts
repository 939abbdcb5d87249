import { expect, test } from 'vitest';
import { parseRange } from './range.ts';

test.each([
  ['none', undefined, 'whole'],
  ['the first bytes', 'bytes=0-99', { start: 0, end: 99 }],
  ['one byte', 'bytes=7-7', { start: 7, end: 7 }],
  ['an open end', 'bytes=900-', { start: 900, end: 999 }],
  ['the last bytes', 'bytes=-100', { start: 900, end: 999 }],
  ['more last bytes than there are', 'bytes=-5000', { start: 0, end: 999 }],
  ['an end beyond the end', 'bytes=990-5000', { start: 990, end: 999 }],
  ['a start at the end', 'bytes=1000-', 'unsatisfiable'],
  ['a start beyond any number', `bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
  ['the last zero bytes', 'bytes=-0', 'unsatisfiable'],
  ['backwards', 'bytes=9-3', 'whole'],
  ['several', 'bytes=0-1,5-6', 'whole'],
  ['nothing', 'bytes=-', 'whole'],
  ['another unit', 'pages=1-2', 'whole'],
  ['garbage', 'bytes=0x10-<script>', 'whole'],
] as const)('%s', (_name, header, expected) => {
  expect(parseRange(header, 1000)).toEqual(expected);
});

test('nothing can be asked of an empty file', () => {
  expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
  expect(parseRange('bytes=-1', 0)).toBe('unsatisfiable');
  expect(parseRange(undefined, 0)).toBe('whole');
});
