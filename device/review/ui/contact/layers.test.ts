import { expect, test } from 'vitest';
import type { FaceBin, SoundBin } from '../../../../models/readings.ts';
import { type Axis, axisOf, layersOf, spansOf, wavePath } from './layers.ts';

const axis: Axis = { duration: 12_000, arrival: 5_000, departure: 10_000 };
const face = (state: FaceBin['state'], negative = 0.5): FaceBin => ({
  ...{ valence: state === 'unknown' ? null : { negative, neutral: 0, positive: 1 - negative } },
  ...{ state, untold: null },
});
const sound = (speech: number, receptionist: number | null, raised = false): SoundBin => ({
  ...{ speech, receptionist, level: -30, raised, voice: null, phrases: [] },
});

test('seconds alike are one stretch, at their place in the clip', () => {
  expect(spansOf(['a', 'a', 'b', null], 0, axis, (bin) => bin)).toEqual([
    { what: 'a', from: 5_000, to: 7_000 },
    { what: 'b', from: 7_000, to: 8_000 },
  ]);
});

test('what lies outside the clip is cut off', () => {
  expect(spansOf(Array(20).fill('a'), -7_000, axis, () => 'a')).toEqual([{ what: 'a', from: 0, to: 12_000 }]);
});

test('one microphone: nobody is told apart, and nothing overlaps', () => {
  const layers = layersOf(
    [{ kind: 'sound', from: 0, bins: [sound(1, null, true), sound(0, null)] }],
    [],
    axis,
  );
  expect(layers.speech).toEqual({
    patient: [{ what: 'speech', from: 5_000, to: 6_000, share: 1 }],
    receptionist: null,
  });
  expect(layers.overlaps).toEqual([]);
  expect(layers.raised).toEqual([{ what: 'raised', from: 5_000, to: 6_000 }]);
  expect(layers.face).toBeNull();
});

test('two microphones: only what must overlap is said to', () => {
  const bins = [sound(0.5, 0.5), sound(0.8, 0.5), sound(0, 1)];
  const layers = layersOf([{ kind: 'sound', from: 0, bins }], [], axis);
  expect(layers.overlaps).toEqual([{ what: 'overlap', from: 6_000, to: 7_000 }]);
  expect(layers.speech?.receptionist?.map(({ share }) => share)).toEqual([0.5, 0.5, 1]);
});

test('the curve of the face breaks where it could not be told', () => {
  const bins = [face('negative', 0.75), face('unknown'), face('positive', 0)];
  const layers = layersOf([{ kind: 'face', from: 0, bins }], [], axis);
  expect(layers.face?.curves).toEqual([[{ at: 5_500, lean: -0.5 }], [{ at: 7_500, lean: 1 }]]);
  expect(layers.face?.states.map(({ what }) => what)).toEqual(['negative', 'unknown', 'positive']);
});

test('where the arrival and the departure lie in the clip', () => {
  const clip = { duration: 12_000, preRoll: 5_000 } as never;
  expect(axisOf({ clip, duration: 5_000 })).toEqual(axis);
  expect(axisOf({ clip: null, duration: 5_000 })).toBeNull();
});

test('a waveform stays within its height, and silence is a line', () => {
  expect(wavePath([0, 255], 100, 40)).toBe('M0 20L25 19.5L75 0L100 20L75 40L25 20.5Z');
  expect(wavePath([], 100, 40)).toBe('');
});
