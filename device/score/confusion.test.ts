import { expect, test } from 'vitest';
import { type Answer, agreementOf, type Judged, type Label } from './confusion.ts';

/** So many recordings with a label and an answer. */
const judged = (...rows: [Label, Answer, number][]): Judged[] =>
  rows.flatMap(([label, answer, times]) => Array.from({ length: times }, () => ({ label, answer })));

test('a matrix worked out by hand', () => {
  const agreement = agreementOf(
    judged(
      ['negative', 'negative', 3],
      ['negative', 'neutral', 1],
      ['negative', 'unknown', 2],
      ['neutral', 'neutral', 4],
      ['neutral', 'negative', 1],
      ['positive', 'positive', 5],
      ['positive', 'neutral', 2],
      ['positive', 'unknown', 2],
    ),
  );
  expect(agreement.matrix).toEqual({
    negative: { negative: 3, neutral: 1, positive: 0, unknown: 2 },
    neutral: { negative: 1, neutral: 4, positive: 0, unknown: 0 },
    positive: { negative: 0, neutral: 2, positive: 5, unknown: 2 },
  });
  // negative: 3 right, 3 missed (2 of them unknown), 1 false alarm; neutral: 4, 1, 3; positive: 5, 4, 0.
  const { negative, neutral, positive } = agreement.classes;
  expect(negative).toEqual({ examples: 6, precision: 3 / 4, recall: 3 / 6, f1: 6 / 10 });
  expect(neutral).toEqual({ examples: 5, precision: 4 / 7, recall: 4 / 5, f1: 8 / 12 });
  expect(positive).toEqual({ examples: 9, precision: 1, recall: 5 / 9, f1: 10 / 14 });
  expect(agreement.macroF1).toBeCloseTo((0.6 + 2 / 3 + 5 / 7) / 3, 12);
  expect(agreement.accuracy).toBe(12 / 20);
  expect(agreement.unknown).toBe(4 / 20);
});

test('all right: 1; who never answers: 0', () => {
  const right = judged(['negative', 'negative', 1], ['neutral', 'neutral', 9], ['positive', 'positive', 2]);
  expect(agreementOf(right)).toMatchObject({ macroF1: 1, accuracy: 1, unknown: 0 });
  const silent = right.map(({ label }): Judged => ({ label, answer: 'unknown' }));
  expect(agreementOf(silent)).toMatchObject({ macroF1: 0, accuracy: 0, unknown: 1 });
  expect(agreementOf(silent).classes.neutral).toEqual({ examples: 9, precision: null, recall: 0, f1: 0 });
});

test('a class without examples is left out of the mean; what was said to be of it is missed elsewhere', () => {
  const agreement = agreementOf(
    judged(['neutral', 'neutral', 1], ['neutral', 'negative', 1], ['positive', 'positive', 1]),
  );
  expect(agreement.classes.negative).toEqual({ examples: 0, precision: 0, recall: null, f1: null });
  expect(agreement.macroF1).toBeCloseTo((2 / 3 + 1) / 2, 12);
});

test('a class that has examples and is never said counts as 0', () => {
  expect(agreementOf(judged(['negative', 'neutral', 1], ['neutral', 'neutral', 1])).macroF1).toBeCloseTo(
    1 / 3,
    12,
  );
});

test('without any recording nothing can be said', () => {
  expect(agreementOf([])).toMatchObject({ macroF1: null, accuracy: null, unknown: null });
});
