import { expect, test } from 'vitest';
import type { ContactRecord } from '../../device/store/records.ts';
import { contact } from '../uploader/rig.ts';
import { type Had, type Told, verdictOf } from './verdict.ts';

// A judge that sees nothing would let everything pass.
const people = ['a', 'b', 'c'].map((id, n): ContactRecord => {
  const minute = (later: number) => `2026-01-05T08:0${n * 2 + later}:00.000Z`;
  return { ...contact(id), startedAt: minute(0), endedAt: minute(1) };
});
const presses = people.flatMap((person) => person.presses);
const told: Told = {
  ...{ contacts: people, presses, sequences: [1, 2, 3], newest: 3, acknowledged: 3, waiting: 0 },
  closed: new Map([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]),
};
const whole = people.map((record, n) => ({ sequence: n + 1, record }));
const had: Had = { contacts: whole, presses, upTo: 3, oddities: [] };
const [a, b, c] = whole as [(typeof whole)[0], (typeof whole)[0], (typeof whole)[0]];

const wrong = (differs: Partial<Had>, of: Partial<Told> = {}) =>
  verdictOf({ ...told, ...of }, { ...had, ...differs });

test('it is content with what is whole', () => {
  expect(wrong({})).toEqual([]);
});

test('it sees a contact that is missing, doubled, of nobody or changed', () => {
  expect(wrong({ contacts: [a, c] })).toEqual(['contact b is missing']);
  expect(wrong({ contacts: [a, b, b, c] })).toEqual(['contact b is there twice']);
  const stranger = { sequence: 4, record: { ...c.record, id: 'd' } };
  expect(wrong({ contacts: [...whole, stranger] })).toContain('contact d is of nobody');
  const other = { ...b, record: { ...b.record, tag: 'positive' as const } };
  expect(wrong({ contacts: [a, other, c] })).toEqual(['contact b: tag "negative" → "positive"']);
  const { hint: _, ...less } = b.record;
  const lacking = { ...b, record: less as ContactRecord };
  expect(wrong({ contacts: [a, lacking, c] })).toEqual(['contact b: hint null → undefined']);
});

test('it sees another order', () => {
  const turned = [a, { ...c, sequence: 2 }, { ...b, sequence: 3 }];
  const closed = new Map([
    ['a', 1],
    ['c', 2],
    ['b', 3],
  ]);
  expect(wrong({ contacts: turned }, { closed })).toEqual([
    'front: contact b came before c and is told after it',
  ]);
  expect(wrong({ contacts: [a, b, { ...c, sequence: 2 }] })).toEqual(['contact c by 2, told last by 3']);
});

test('it sees a press that is missing or changed', () => {
  const [first, ...rest] = presses;
  expect(wrong({ presses: rest })).toEqual(['press a-p is missing']);
  expect(wrong({ presses: first ? [{ ...first, rating: 5 }, ...rest] : [] })).toEqual([
    'press a-p: rating 1 → 5',
  ]);
});

test('it sees what still waits, what is not acknowledged, a gap, and what the hub found odd', () => {
  expect(wrong({}, { waiting: 1 })).toHaveLength(1);
  expect(wrong({}, { acknowledged: 2 })).toHaveLength(1);
  expect(wrong({ upTo: 2 })).toHaveLength(1);
  expect(wrong({}, { sequences: [1, 3] })).toHaveLength(1);
  expect(wrong({ oddities: ['a hole'] })).toEqual(['a hole']);
});
