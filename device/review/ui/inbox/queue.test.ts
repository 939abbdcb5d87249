import { expect, test } from 'vitest';
import { inboxPath, leftIn, neighbours } from './queue.ts';

test('the address says only what is asked', () => {
  expect(inboxPath({ class: null, desk: null, by: 'me' })).toBe('/api/inbox?by=me');
  expect(inboxPath({ class: 'hint', desk: 'a&b', by: 'anybody' }, 'c')).toBe(
    '/api/inbox?by=anybody&class=hint&desk=a%26b&after=c',
  );
});

test('what is left is counted over what is looked at', () => {
  const left = { negative: 2, hint: 3, sample: 4 };
  expect(leftIn({ left }, { class: null, desk: null, by: 'me' })).toBe(9);
  expect(leftIn({ left }, { class: 'hint', desk: null, by: 'me' })).toBe(3);
});

test('the next one; after the last, the first that is left', () => {
  expect(neighbours(['a', 'b', 'c'], 'b')).toEqual({ before: 'a', after: 'c' });
  expect(neighbours(['a', 'b', 'c'], 'c')).toEqual({ before: 'b', after: 'a' });
  expect(neighbours(['a'], 'a')).toEqual({ before: null, after: null });
  expect(neighbours(['a'], 'x')).toEqual({ before: null, after: 'a' });
  expect(neighbours([], 'x')).toEqual({ before: null, after: null });
});
