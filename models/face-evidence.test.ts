import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FaceEvidence } from './face-evidence.ts';
import { type FaceReading, UNTOLD, type Untold, type Valence } from './readings.ts';

const SAD: Valence = { negative: 0.9, neutral: 0.1, positive: 0 };
const CALM: Valence = { negative: 0.1, neutral: 0.8, positive: 0.1 };
const GLAD: Valence = { negative: 0, neutral: 0.1, positive: 0.9 };

/** Phases of so many seconds each, at `rate` pictures a second. */
type Phase = readonly [seconds: number, shows: Valence | Untold, face?: number];
function evidence(rate: number, ...phases: Phase[]): FaceEvidence {
  const gathered = new FaceEvidence();
  let [begin, n] = [0, 0];
  for (const [seconds, shows, face = 1] of phases) {
    for (; n / rate < begin + seconds - 1e-9; n++) gathered.add(reading(n / rate, shows, face));
    begin += seconds;
  }
  return gathered;
}

function reading(at: number, shows: Valence | Untold, face: number | null = 1): FaceReading {
  return { at, shows, face, others: 0, detected: true };
}

const letters = (of: FaceEvidence) =>
  of
    .bins()
    .map(({ state }) => state.slice(0, 3))
    .join(' ');

test('nothing was looked at, nothing is known', () => {
  expect(new FaceEvidence().bins()).toEqual([]);
  expect(new FaceEvidence().bins(1.2)).toEqual(
    Array(2).fill({ valence: null, state: 'unknown', untold: null }),
  );
  expect(new FaceEvidence().summary(60)).toEqual({
    looked: 0,
    scored: 0,
    coverage: 0,
    negative: null,
    neutral: null,
    positive: null,
    held: { negative: 0, positive: 0 },
    verdict: 'unknown',
    untold: {},
    others: 0,
    dropped: 0,
  });
});

describe.each([5, 2, 1])('at %d pictures a second', (rate) => {
  test('a face that becomes negative and stays so is found', () => {
    const gathered = evidence(rate, [5, CALM], [6, SAD]);
    expect(gathered.summary().held.negative).toBeGreaterThanOrEqual(5);
    expect(gathered.summary().held.negative).toBeLessThanOrEqual(6);
    expect(gathered.summary().verdict).toBe('negative');
    expect(letters(gathered)).toMatch(/^(neu ){5}(unk |neu )?neg neg neg neg neg( neg)?$/);
  });

  test('one that was so from its first second on is not, and cannot be told', () => {
    const gathered = evidence(rate, [20, SAD]);
    expect(gathered.summary()).toMatchObject({ held: { negative: 0 }, verdict: 'unknown', coverage: 1 });
  });

  test('a moment counts for nothing', () => {
    const gathered = evidence(rate, [5, CALM], [1, SAD], [6, CALM], [1, GLAD], [5, CALM]);
    expect(gathered.summary()).toMatchObject({ held: { negative: 0, positive: 0 }, verdict: 'neutral' });
  });

  test('a state does not hold across a gap, nor from one face to another', () => {
    const apart = Array.from({ length: 6 }, (): Phase[] => [
      [1.4, SAD],
      [1.6, 'no-face'],
    ]).flat();
    expect(evidence(rate, [5, CALM], ...apart).summary().held.negative).toBe(0);
    expect(evidence(rate, [5, CALM, 1], [20, SAD, 2]).summary().held.negative).toBe(0);
    const both = evidence(rate, [5, CALM, 1], [10, SAD, 2], [4, CALM, 3], [4, SAD, 3]).summary().held;
    expect(both.negative).toBeGreaterThanOrEqual(3);
    expect(both.negative).toBeLessThanOrEqual(4);
  });

  test('a happy face is, from the first second on', () => {
    const { held, verdict, positive } = evidence(rate, [6, GLAD]).summary();
    expect(held.positive).toBeCloseTo(6, 9);
    expect(verdict).toBe('positive');
    expect(positive).toBeCloseTo(0.9, 9);
  });

  test('what could not be told is told in seconds, by why', () => {
    const gathered = evidence(rate, [3, GLAD], [2, 'bent'], [4, 'dark'], [1, GLAD]);
    const { coverage, untold } = gathered.summary();
    expect(coverage).toBeCloseTo(0.4, 9);
    expect(untold).toEqual({ bent: expect.closeTo(2, 9), dark: expect.closeTo(4, 9) });
    expect(gathered.bins().map((bin) => bin.untold)).toEqual([
      ...[null, null, null],
      ...['bent', 'bent'],
      ...['dark', 'dark', 'dark', 'dark'],
      null,
    ]);
  });
});

test('a short gap does not end what holds', () => {
  const { held } = evidence(5, [5, CALM], [2, SAD], [0.8, 'turned'], [2, SAD]).summary();
  expect(held.negative).toBeGreaterThan(3);
  expect(held.negative).toBeLessThanOrEqual(4);
});

test('more negative than usual means clearly more', () => {
  const sullen = { negative: 0.4, neutral: 0.6, positive: 0 };
  const worse = { negative: 0.7, neutral: 0.3, positive: 0 };
  expect(evidence(5, [5, sullen], [8, worse]).summary().held.negative).toBe(0);
  expect(evidence(5, [5, sullen], [8, SAD]).summary().held.negative).toBeGreaterThan(6);
});

test('a verdict needs a tenth of the time', () => {
  const glimpse = evidence(5, [3, GLAD]);
  expect(glimpse.summary(42)).toMatchObject({ verdict: 'positive' });
  expect(glimpse.summary(44)).toMatchObject({
    verdict: 'unknown',
    held: { positive: expect.closeTo(4.3, 9) },
  });
});

test('pictures weigh as long as they stand, and none for more than 1.5 s', () => {
  const gathered = new FaceEvidence();
  for (const [at, shows] of [
    [0, GLAD],
    [0.5, CALM],
    [1.5, GLAD],
    [9, CALM],
  ] as const)
    gathered.add(reading(at, shows));
  const { positive, coverage } = gathered.summary(10);
  expect(coverage).toBeCloseTo((0.5 + 1 + 1.5 + 1) / 10, 9);
  expect(positive).toBeCloseTo((0.9 * 2 + 0.1 * 2) / 4, 9);
  expect(gathered.bins(10)[5]).toEqual({ valence: null, state: 'unknown', untold: null });
});

test('others and lost pictures are counted; a reading of the past is not heard', () => {
  const gathered = new FaceEvidence();
  gathered.add({ ...reading(1, GLAD), others: 2 });
  gathered.add({ ...reading(2, 'turned'), others: 1 });
  gathered.add({ ...reading(2, SAD), others: 9 });
  gathered.dropped();
  gathered.dropped(3);
  expect(gathered.summary()).toMatchObject({ looked: 2, scored: 1, others: 3, dropped: 4 });
});

const shows = fc.oneof(
  fc.constantFrom(...UNTOLD),
  fc
    .tuple(
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 1, max: 100 }),
    )
    .map(([a, b, c]) => ({ negative: a / (a + b + c), neutral: b / (a + b + c), positive: c / (a + b + c) })),
);
const course = fc
  .array(fc.tuple(fc.integer({ min: 50, max: 3000 }), shows, fc.integer({ min: 1, max: 2 })), {
    maxLength: 60,
  })
  .map((steps) => {
    let at = 0;
    return steps.map(([ms, shown, face]) => {
      at += ms / 1000;
      return reading(at, shown, face);
    });
  });

test('whatever comes: shares are shares, the bins agree with the summary, nothing holds longer than it is scored', () => {
  fc.assert(
    fc.property(course, fc.double({ min: 0, max: 100, noNaN: true }), (readings, until) => {
      const gathered = new FaceEvidence();
      for (const one of readings) gathered.add(one);
      const { coverage, negative, neutral, positive, held, untold } = gathered.summary(until);
      expect(coverage).toBeLessThanOrEqual(1);
      expect(held.negative + held.positive).toBeLessThanOrEqual(coverage * until + 1e-9);
      const told = Object.values(untold).reduce((sum, seconds) => sum + seconds, 0);
      expect(coverage * until + told).toBeLessThanOrEqual(until + 1e-9);
      const bins = gathered.bins(until);
      expect(Math.abs(bins.length - until - 0.5)).toBeLessThanOrEqual(0.5 + 1e-6);
      if (negative === null || neutral === null || positive === null) {
        expect(bins.every(({ valence, state }) => valence === null && state === 'unknown')).toBe(true);
      } else {
        expect(negative + neutral + positive).toBeCloseTo(1, 9);
        for (const { valence } of bins) {
          if (valence) expect(valence.negative + valence.neutral + valence.positive).toBeCloseTo(1, 9);
        }
      }
      // A second says so only where the whole does.
      if (held.negative === 0) expect(bins.some(({ state }) => state === 'negative')).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test('a face that never exceeds its usual by much is never negative, however negative it is', () => {
  const level = fc
    .integer({ min: 60, max: 100 })
    .map((n) => ({ negative: n / 100, neutral: 1 - n / 100, positive: 0 }));
  fc.assert(
    fc.property(fc.array(level, { minLength: 30, maxLength: 60 }), (levels) => {
      const gathered = new FaceEvidence();
      for (const [n, shown] of levels.entries()) gathered.add(reading(n / 3, shown));
      expect(gathered.summary().held.negative).toBe(0);
      expect(gathered.bins().map(({ state }) => state)).not.toContain('negative');
    }),
    { numRuns: 30 },
  );
});
