import { expect, test } from 'vitest';
import { joined } from './more.ts';

const ids = (letters: string) => [...letters].map((id) => ({ id }));
const shown = (first: string, before: string) =>
  joined(ids(first), ids(before), ({ id }) => id)
    .map(({ id }) => id)
    .join('');

test('what comes to the first page meanwhile loses nothing and shows nothing twice', () => {
  expect(shown('fed', '')).toBe('fed');
  expect(shown('fed', 'fedcba')).toBe('fedcba');
  expect(shown('hgf', 'fedcba')).toBe('hgfedcba');
});
