import { expect, test } from 'vitest';
import { combinedLevel } from './sources.ts';

test('any sensor is enough; a deaf one says nothing; all deaf is not knowing', () => {
  expect(combinedLevel([false, true, null])).toBe(true);
  expect(combinedLevel([false, null])).toBe(false);
  expect(combinedLevel([null, null])).toBeNull();
  expect(combinedLevel([])).toBeNull();
});
