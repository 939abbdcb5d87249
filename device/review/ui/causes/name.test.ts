import { expect, test } from 'vitest';
import { causeName, causeNames } from './name.ts';

const QUEUE = { id: 'queue', names: { lt: 'Eilė', en: 'A queue' } };

test('a name in another language is better than none, English better than any other', () => {
  expect(causeName(QUEUE, 'lt')).toBe('Eilė');
  expect(causeName(QUEUE, 'pl')).toBe('A queue');
  expect(causeName({ id: 'queue', names: { lt: 'Eilė' } }, 'pl')).toBe('Eilė');
});

test('by id, and by nothing but the id before the causes are there', () => {
  expect(['queue', 'gone'].map(causeNames([QUEUE]))).toEqual(['A queue', 'gone']);
  expect(causeNames(undefined)('queue')).toBe('queue');
});
