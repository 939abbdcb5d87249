import { expect, test } from 'vitest';
import { PitchTracker } from './pitch.ts';
import { RATE, WINDOW } from './speech-detector.ts';

/** The pitch after `count` windows of a sound: the sample at time t (s). */
function pitchOf(sample: (t: number) => number, count = 8): number | null {
  const tracker = new PitchTracker();
  for (let n = 0; n < count; n++)
    tracker.hear(Float32Array.from({ length: WINDOW }, (_, i) => sample((n * WINDOW + i) / RATE)));
  return tracker.pitch();
}

/** A voice in so far as it is periodic: partials of these numbers, the lower the louder. */
const voice = (pitch: number, partials: readonly number[]) => (t: number) =>
  partials.reduce((sum, n) => sum + Math.sin(2 * Math.PI * n * pitch * t) / n, 0) / 10;

const PITCHES = [70, 85, 110, 165, 220, 310, 440, 490];

test.each(PITCHES)('a voice of %i Hz', (pitch) => {
  const found = pitchOf(voice(pitch, [1, 2, 3, 4, 5, 6])) ?? 0;
  expect(Math.abs(found / pitch - 1)).toBeLessThan(0.02);
});

test.each([110, 220])('a voice of %i Hz on a telephone, which leaves the fundamental out', (pitch) => {
  expect(Math.abs((pitchOf(voice(pitch, [2, 3, 4, 5])) ?? 0) / pitch - 1)).toBeLessThan(0.02);
});

test('is the same however loud', () => {
  const soft = (t: number) => voice(150, [1, 2, 3])(t) / 1_000;
  expect(Math.abs((pitchOf(soft) ?? 0) / 150 - 1)).toBeLessThan(0.02);
});

test('silence and hiss have none', () => {
  expect(pitchOf(() => 0)).toBeNull();
  let seed = 1;
  const hiss = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  expect(Array.from({ length: 20 }, () => pitchOf(hiss, 3)).filter((pitch) => pitch !== null)).toEqual([]);
});
