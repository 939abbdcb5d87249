import { expect, test } from 'vitest';
import type { Axis, Layers } from './layers.ts';
import { momentsOf, nextPress, type PressMark, pressMarks } from './moments.ts';

const axis: Axis = { duration: 12_000, arrival: 5_000, departure: 10_000 };
const nothing: Layers = { speech: null, overlaps: [], raised: [], face: null, gaps: [] };
const startedAt = '2026-11-20T10:00:00.000Z';
const press = (id: string, at: number): PressMark => ({ id, at, rating: 1, tag: 'negative' });

test('a press lies at its time in the clip, one of after its end at its end', () => {
  const pressed = (id: string, time: string) => ({ id, time, rating: 1, tag: 'negative' as const });
  const presses = [pressed('a', '2026-11-20T10:00:03.000Z'), pressed('b', '2026-11-20T10:00:30.000Z')];
  expect(pressMarks({ presses, startedAt }, axis).map(({ at }) => at)).toEqual([8_000, 12_000]);
});

test('the next press is after where we are, and after the last comes the first', () => {
  const presses = [press('a', 6_000), press('b', 8_000)];
  expect(nextPress(presses, 0)?.id).toBe('a');
  expect(nextPress(presses, 5_990)?.id).toBe('b');
  expect(nextPress(presses, 8_000)?.id).toBe('a');
  expect(nextPress([], 0)).toBeNull();
});

test('the table tells all that is drawn, in its order', () => {
  const layers: Layers = {
    speech: {
      patient: [
        { what: 'speech', from: 6_000, to: 7_000, share: 0.5 },
        { what: 'speech', from: 7_000, to: 8_000, share: 1 },
      ],
      receptionist: [{ what: 'speech', from: 9_000, to: 10_000, share: 1 }],
    },
    overlaps: [],
    raised: [{ what: 'raised', from: 7_000, to: 8_000 }],
    face: {
      states: [
        { what: 'neutral', from: 5_000, to: 6_000 },
        { what: 'negative', from: 6_000, to: 9_000 },
      ],
      curves: [],
    },
    gaps: [{ what: 'video', from: 0, to: 1_000 }],
  };
  expect(
    momentsOf(layers, [press('a', 8_500)], axis).map(({ at, until, word }) => [at, until, word]),
  ).toEqual([
    [0, 1_000, 'moment.gap.video'],
    [5_000, null, 'arrival'],
    [6_000, 9_000, 'moment.negative'],
    [6_000, 8_000, 'moment.speech'],
    [7_000, 8_000, 'moment.raised'],
    [8_500, null, 'press'],
    [9_000, 10_000, 'moment.receptionist'],
    [10_000, null, 'departure'],
  ]);
});

test('a clip that begins after the arrival does not show it', () => {
  const late: Axis = { duration: 5_000, arrival: -1_000, departure: 9_000 };
  expect(momentsOf(nothing, [], late)).toEqual([]);
});
