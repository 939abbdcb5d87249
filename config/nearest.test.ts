import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

test.each([
  ['baud', 'baud', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['pasword', 'password', 1],
  ['buad', 'baud', 1],
  ['dv', 'driver', 4],
])('from %s to %s it is %i', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
});

test('is the same both ways, and 0 only for the same word', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('finds the word that was meant, whatever its case, and none when none is near', () => {
  const known = ['arrival', 'departure', 'contact', 'preRoll', 'postRoll', 'url'];
  expect(nearest('arival', known)).toBe('arrival');
  expect(nearest('preroll', known)).toBe('preRoll');
  expect(nearest('ulr', known)).toBe('url');
  expect(nearest('retention', known)).toBeUndefined();
});
