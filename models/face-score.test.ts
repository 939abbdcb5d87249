import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EXPRESSIONS, type Expression, valenceOf } from './face-score.ts';

const nothing = Object.fromEntries(EXPRESSIONS.map((name) => [name, 0])) as Expression;

test.each([
  ['angry', 'negative'],
  ['disgusted', 'negative'],
  ['fearful', 'negative'],
  ['sad', 'negative'],
  ['neutral', 'neutral'],
  ['surprised', 'neutral'],
  ['happy', 'positive'],
] as const)('%s is %s', (expression, sign) => {
  expect(valenceOf({ ...nothing, [expression]: 1 })).toEqual({
    negative: 0,
    neutral: 0,
    positive: 0,
    [sign]: 1,
  });
});

test('no probability is lost', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 7, maxLength: 7 }),
      (parts) => {
        const sum = parts.reduce((a, b) => a + b);
        const expression = Object.fromEntries(
          EXPRESSIONS.map((name, n) => [name, (parts[n] ?? 0) / sum]),
        ) as Expression;
        const { negative, neutral, positive } = valenceOf(expression);
        expect(negative + neutral + positive).toBeCloseTo(1, 9);
      },
    ),
  );
});
