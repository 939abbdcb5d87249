import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hintOf, LEAST_COVERAGE } from './hint.ts';
import type { Conversation, FaceSummary, SoundSummary } from './readings.ts';

const face = (negative: number, about: Partial<FaceSummary> = {}): FaceSummary => ({
  ...{ looked: 100, scored: 80, coverage: 0.8, negative: 0.3, neutral: 0.5, positive: 0.2, others: 0 },
  ...{ held: { negative, positive: 0 }, verdict: 'neutral', untold: {}, dropped: 0 },
  ...about,
});
const both: Conversation = {
  ...{ patient: 0.3, receptionist: 0.3, overlap: 1, responseDelay: 0.5 },
  interruptions: { byPatient: 0, byReceptionist: 0 },
};
const sound = (
  raised: number,
  longestSilence = 5,
  conversation: SoundSummary['conversation'] = both,
): SoundSummary => ({
  ...{ heard: 60, speech: 0.5, level: -30, conversation, voice: null, phrases: null },
  ...{ raised, longestSilence, dropped: 0 },
});

test.each([
  ['nothing scored', null, null, null],
  ['a calm contact', face(0), sound(0), null],
  ['a negative face that held', face(2), null, 'suspected-negative'],
  ['one that did not hold long enough', face(1.9), sound(2.9), null],
  ["the patient's raised voice", null, sound(3), 'suspected-negative'],
  ['a raised voice that may be the receptionist’s', null, sound(60, 5, 'not available'), null],
  ['a face that could hardly be told', face(20, { coverage: LEAST_COVERAGE - 0.01 }), null, null],
  ['a long silence alone', face(0), sound(0, 120), null],
])('%s', (_, f, s, kind) => {
  expect(hintOf(f, s).kind).toBe(kind);
});

test('whosever voice it was: it comes earlier in the queue', () => {
  const { priority, reasons } = hintOf(null, sound(6, 5, 'not available'));
  expect(priority).toBe(hintOf(null, sound(6)).priority);
  expect(reasons).toEqual(['a voice was raised for 6 s']);
});

test('two signs come before one, and a positive face after both', () => {
  const [more, one] = [hintOf(face(6), sound(6)), hintOf(face(6), sound(0))];
  expect(more.priority).toBeGreaterThan(one.priority);
  expect(hintOf(face(6, { verdict: 'positive' }), null).priority).toBeCloseTo(one.priority / 2, 2);
  expect(more.reasons).toEqual(['the face looked negative for 6 s', 'a voice was raised for 6 s']);
  // Nothing to be suspected of, and yet somebody may look when there is nothing else.
  expect(hintOf(face(0), sound(0, 120))).toMatchObject({ kind: null, reasons: ['nobody spoke for 120 s'] });
  expect(hintOf(face(0), sound(0, 120)).priority).toBeGreaterThan(0);
});

test('the priority is a share, grows with every sign, and what is suspected has one', () => {
  const seconds = fc.double({ min: 0, max: 600, noNaN: true });
  fc.assert(
    fc.property(seconds, seconds, seconds, seconds, (negative, raised, silence, more) => {
      const { kind, priority } = hintOf(face(negative), sound(raised, silence));
      expect(priority).toBeGreaterThanOrEqual(0);
      expect(priority).toBeLessThanOrEqual(1);
      if (kind) expect(priority).toBeGreaterThan(0);
      expect(hintOf(face(negative + more), sound(raised, silence)).priority).toBeGreaterThanOrEqual(priority);
      expect(hintOf(face(negative), sound(raised + more, silence)).priority).toBeGreaterThanOrEqual(priority);
    }),
  );
});
