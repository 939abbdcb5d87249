import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaceResult } from './face-score.ts';
import { ScoreSummary, type Summary } from './summary.ts';

/** The summary of results that are all there. */
function summarise(results: readonly FaceResult[]): Summary {
  const summary = new ScoreSummary();
  for (const result of results) summary.add(result);
  return summary.summary();
}

const score = fc
  .tuple(
    fc.integer({ min: 0, max: 1000 }),
    fc.integer({ min: 0, max: 1000 }),
    fc.integer({ min: 1, max: 1000 }),
  )
  .map(([a, b, c]) => ({ negative: a / (a + b + c), neutral: b / (a + b + c), positive: c / (a + b + c) }));
const result: fc.Arbitrary<FaceResult> = fc.oneof(score, fc.constant('no-face'), fc.constant('dropped'));

test('only pictures looked at are frames, only faces are scored', () => {
  const sad = { negative: 1, neutral: 0, positive: 0 };
  const mixed = { negative: 0, neutral: 0.5, positive: 0.5 };
  const summary = summarise([sad, 'dropped', 'no-face', mixed, 'dropped']);
  expect(summary).toEqual({ frames: 3, scored: 2, negative: 0.5, neutral: 0.25, positive: 0.25 });
});

test('a contact without a face has no means', () => {
  expect(summarise(['no-face', 'dropped'])).toEqual({
    frames: 1,
    scored: 0,
    negative: null,
    neutral: null,
    positive: null,
  });
});

test('means are probabilities again, lie between the extremes, and do not depend on the order', () => {
  fc.assert(
    fc.property(fc.array(result), (results) => {
      const summary = summarise(results);
      const faces = results.filter((r) => typeof r === 'object');
      expect(summary.scored).toBe(faces.length);
      expect(summary.scored).toBeLessThanOrEqual(summary.frames);
      expect(summary.frames).toBeLessThanOrEqual(results.length);
      const { negative, neutral, positive } = summary;
      if (negative === null || neutral === null || positive === null) {
        expect(faces).toEqual([]);
        return;
      }
      expect(negative + neutral + positive).toBeCloseTo(1, 9);
      expect(negative).toBeGreaterThanOrEqual(Math.min(...faces.map((f) => f.negative)) - 1e-9);
      expect(negative).toBeLessThanOrEqual(Math.max(...faces.map((f) => f.negative)) + 1e-9);
      expect(summarise(results.toReversed()).positive).toBeCloseTo(positive, 9);
    }),
  );
});

test('a summary can be asked for at any moment without changing it', () => {
  fc.assert(
    fc.property(fc.array(result), (results) => {
      const running = new ScoreSummary();
      results.forEach((r, index) => {
        running.add(r);
        expect(running.summary()).toEqual(summarise(results.slice(0, index + 1)));
      });
    }),
  );
});
