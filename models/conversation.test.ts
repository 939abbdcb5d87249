import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conversationOf, median, total, union } from './conversation.ts';
import type { Stretch } from './speech-stretches.ts';

const of = (patient: Stretch[], receptionist: Stretch[], heard = 20) =>
  conversationOf(patient, receptionist, heard);

describe('interruptions', () => {
  test.each([
    ['one breaks in and goes on', [[1, 5]], [[3, 7]], 0, 1],
    ['the other way round', [[3, 7]], [[1, 5]], 1, 0],
    ['a word thrown in', [[1, 5]], [[3, 3.4]], 0, 0],
    ['a turn taken a little early', [[1, 5]], [[4.8, 8]], 0, 0],
    ['in turn', [[1, 5]], [[5.2, 8]], 0, 0],
    [
      'resuming after a breath is no interruption',
      [[1, 5]],
      [
        [0, 2],
        [2.5, 4],
        [4.4, 8],
      ],
      0,
      0,
    ],
    [
      'who stops only for a breath was not stopped',
      [
        [1, 4],
        [4.5, 8],
      ],
      [[3, 6]],
      0,
      0,
    ],
    ['both begin at once', [[1, 4]], [[1, 6]], 0, 0],
  ] as [string, Stretch[], Stretch[], number, number][])('%s', (_, patient, receptionist, by, other) => {
    expect(of(patient, receptionist).interruptions).toEqual({ byPatient: by, byReceptionist: other });
  });
});

describe('response delay', () => {
  test('runs from the end of the turn, pauses in it left out, to the answer; the median of all', () => {
    const patient: Stretch[] = [
      [0, 1],
      [1.5, 3],
      [6, 7],
      [10, 11],
    ];
    const receptionist: Stretch[] = [
      [3.5, 5],
      [9, 9.5],
      [12, 13],
      [15, 16],
    ];
    // 0.5 s, 2 s and 1 s; the last word answers nobody.
    expect(of(patient, receptionist).responseDelay).toBe(1);
  });

  test('is 0 where the answer came before the end, and a word thrown in is no answer', () => {
    expect(of([[1, 4]], [[3.9, 6]]).responseDelay).toBe(0);
    expect(
      of(
        [[1, 4]],
        [
          [2, 2.5],
          [5, 6],
        ],
      ).responseDelay,
    ).toBe(1);
  });

  test('is null without a change of turns', () => {
    expect(of([[1, 4]], []).responseDelay).toBeNull();
    expect(of([[6, 7]], [[1, 2]]).responseDelay).toBeNull();
  });
});

/** Stretches of one side: in order, apart from each other, in quarters of a second. */
const side = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })), { maxLength: 12 })
  .map((steps) => {
    let at = 0;
    return steps.map(([pause, length]): Stretch => {
      const from = at + pause / 4;
      at = from + length / 4;
      return [from, at];
    });
  });
const HEARD = 120;

describe('whatever two people say', () => {
  test('shares and overlap are those of a clock that ticks each quarter', () => {
    fc.assert(
      fc.property(side, side, (patient, receptionist) => {
        const speaks = (stretches: Stretch[], t: number) =>
          stretches.some(([from, to]) => from <= t && t < to);
        const ticks = Array.from({ length: HEARD * 4 }, (_, n) => n / 4);
        const told = of(patient, receptionist, HEARD);
        expect(told.patient * HEARD * 4).toBeCloseTo(ticks.filter((t) => speaks(patient, t)).length, 6);
        expect(told.overlap * 4).toBeCloseTo(
          ticks.filter((t) => speaks(patient, t) && speaks(receptionist, t)).length,
          6,
        );
        const anybody = ticks.filter((t) => speaks(patient, t) || speaks(receptionist, t)).length;
        expect(total(union(patient, receptionist)) * 4).toBeCloseTo(anybody, 6);
      }),
    );
  });

  test('who changes places with the other changes places in what is told', () => {
    fc.assert(
      fc.property(side, side, (one, other) => {
        const [told, turned] = [of(one, other, HEARD), of(other, one, HEARD)];
        expect(turned.patient).toBe(told.receptionist);
        expect(turned.overlap).toBeCloseTo(told.overlap, 9);
        expect(turned.interruptions.byPatient).toBe(told.interruptions.byReceptionist);
      }),
    );
  });

  test('nobody interrupts without overlap, nor more often than he speaks; an answer is never early', () => {
    fc.assert(
      fc.property(side, side, (patient, receptionist) => {
        const { overlap, interruptions, responseDelay } = of(patient, receptionist, HEARD);
        expect(interruptions.byPatient).toBeLessThanOrEqual(patient.length);
        if (overlap === 0) expect(interruptions).toEqual({ byPatient: 0, byReceptionist: 0 });
        expect(responseDelay ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('when it is does not matter', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 40 }), (patient, receptionist, quarters) => {
        const later = (stretches: Stretch[]) =>
          stretches.map(([from, to]): Stretch => [from + quarters / 4, to + quarters / 4]);
        expect(of(later(patient), later(receptionist), HEARD)).toEqual(of(patient, receptionist, HEARD));
      }),
    );
  });
});

test('the median', () => {
  expect(median([])).toBeNull();
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});
