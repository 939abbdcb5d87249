import { expect, test } from 'vitest';
import { ApiError } from './api.ts';
import { errorWords, reasonOf } from './error-words.ts';

test('one code with two meanings is told apart by its status', () => {
  const tooMany = (status: number) => reasonOf(new ApiError(status, 'too-many', 'Too many.'));
  expect(tooMany(429)).toBe(errorWords.en['too-many']);
  expect(tooMany(409)).toBe(errorWords.en['too-many-409']);
});

test('what has no words is told in the words of the service', () => {
  expect(reasonOf(new ApiError(500, 'CA_CLIP_DAMAGED', 'The clip is damaged.'))).toBe('The clip is damaged.');
  expect(reasonOf(new TypeError('no'))).toBe('no');
  expect(reasonOf(new ApiError(409, 'CA_CONFIG_INVALID', 'age: too high'))).toContain('age: too high');
});
