import { expect, test } from 'vitest';
import type { Cause } from '../../inbox/schema.ts';
import { choices } from './cause-list.ts';

const cause = (id: string, names: Cause['names'], more: Partial<Cause> = {}): Cause => ({
  ...{ id, names, group: 'waiting', retired: false, mergedInto: null, uses: 0, ...more },
});
const CAUSES = [
  cause('long', { en: 'Long wait', pl: 'Długie czekanie', lt: 'Ilgai laukė' }),
  cause('rude', { en: 'Rude words' }, { group: 'manner' }),
  cause('queue', { en: 'A queue' }),
  cause('old', { en: 'Old' }, { retired: true }),
  cause('same', { en: 'Same' }, { mergedInto: 'long' }),
];
const found = (typed: string, chosen: string[] = [], language: 'en' | 'lt' = 'en') =>
  choices(CAUSES, { typed, chosen, language }).map(({ id }) => id);

test('by group and name, without what is retired or merged', () => {
  expect(found('')).toEqual(['queue', 'long', 'rude']);
});

test('each typed word is somewhere in the name, without its signs', () => {
  expect(found('WAI lo')).toEqual(['long']);
  expect(found('lauke', [], 'lt')).toEqual(['long']);
  expect(found('x')).toEqual([]);
});

test('what is chosen stays to be seen, though it was retired since', () => {
  expect(found('', ['old'])).toEqual(['queue', 'long', 'old', 'rude']);
});
