import { expect, test } from 'vitest';
import { inboxPath, leftIn, neighbours, orderAround } from './queue.ts';

test('the address says only what is asked', () => {
  expect(inboxPath({ class: null, desk: null, by: 'me' })).toBe('/api/inbox?by=me');
  expect(inboxPath({ class: 'hint', desk: 'a&b', by: 'anybody' }, 'c')).toBe(
    '/api/inbox?by=anybody&class=hint&desk=a%26b&after=c',
  );
});

test('what is left is counted over what is looked at', () => {
  const left = { negative: 2, hint: 3, sample: 4, answered: 5 };
  expect(leftIn({ left }, { class: null, desk: null, by: 'me' })).toBe(9);
  expect(leftIn({ left }, { class: 'hint', desk: null, by: 'me' })).toBe(3);
  expect(leftIn({ left }, { class: 'answered', desk: null, by: 'me' })).toBe(5);
});

test('the next one; after the last of all, the first that is left', () => {
  expect(neighbours(['a', 'b', 'c'], 'b', true)).toEqual({ before: 'a', after: 'c' });
  expect(neighbours(['a', 'b', 'c'], 'c', true)).toEqual({ before: 'b', after: 'a' });
  expect(neighbours(['a'], 'a', true)).toEqual({ before: null, after: null });
});

test('never back to the first row from the end of a page, or from a place that is not known', () => {
  expect(neighbours(['a', 'b', 'c'], 'c', false)).toEqual({ before: 'b', after: null });
  expect(neighbours(['a', 'b'], 'x', true)).toEqual({ before: null, after: null });
});

test('a contact that has left the inbox keeps its place', () => {
  expect(orderAround('b', ['a', 'c', 'd'], ['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
  expect(orderAround('b', ['a', 'd'], ['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'd']);
  expect(orderAround('b', ['b', 'a'], ['a', 'b'])).toEqual(['b', 'a']);
  expect(orderAround('x', ['a'], ['a', 'b'])).toEqual(['a']);
});
