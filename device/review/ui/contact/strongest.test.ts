import { expect, test } from 'vitest';
import type { FaceBin, SoundBin } from '../../../../models/readings.ts';
import type { ScoreTimeline } from '../../../store/records.ts';
import { strongestMoment } from './strongest.ts';

const face = (negative: number | null): FaceBin =>
  negative === null
    ? { valence: null, state: 'unknown', untold: 'no-face' }
    : { valence: { negative, neutral: 1 - negative, positive: 0 }, state: 'neutral', untold: null };
const sound = (raised: boolean): SoundBin => ({
  ...{ speech: 1, receptionist: null, level: -30, raised, voice: null, phrases: [] },
});
const faces = (from: number, ...negative: (number | null)[]): ScoreTimeline => ({
  ...{ kind: 'face', from, bins: negative.map(face) },
});
const sounds = (from: number, ...raised: boolean[]): ScoreTimeline => ({
  ...{ kind: 'sound', from, bins: raised.map(sound) },
});

test('nothing scored, or nothing negative: there is no such moment', () => {
  expect(strongestMoment([])).toBeNull();
  expect(strongestMoment([faces(0, null, 0, 0), sounds(0, false)])).toBeNull();
});

test('a stretch wins over one sharp second', () => {
  expect(strongestMoment([faces(0, 0, 0.9, 0, 0, 0.5, 0.5, 0.5)])).toBe(4_000);
});

test('the earliest of equals', () => {
  expect(strongestMoment([faces(0, 0.5, 0, 0, 0, 0.5)])).toBe(0);
});

test('face and voice together, each on its own time', () => {
  // The face begins 2 s later: its second 3 is the voice's second 5.
  const timelines = [faces(2_000, 0.4, 0, 0, 0.4), sounds(0, false, false, false, false, false, true)];
  expect(strongestMoment(timelines)).toBe(5_000);
});

test('a face that could not be told is no evidence', () => {
  const bin: FaceBin = { valence: { negative: 1, neutral: 0, positive: 0 }, state: 'unknown', untold: null };
  expect(strongestMoment([{ kind: 'face', from: 0, bins: [bin] }])).toBeNull();
});
