import { expect, test } from 'vitest';
import { RATE, WINDOW } from './speech-detector.ts';
import { alphaRatio, decibels, SILENT } from './voice-effort.ts';

/** Tones of so many Hz, each with its amplitude. */
const tones = (...parts: readonly [hertz: number, amplitude: number][]) =>
  Float32Array.from({ length: WINDOW }, (_, n) =>
    parts.reduce(
      (sum, [hertz, amplitude]) => sum + amplitude * Math.sin((2 * Math.PI * hertz * n) / RATE),
      0,
    ),
  );

test('compares what is above 1 kHz with what is below, in dB', () => {
  expect(alphaRatio(tones([500, 0.2], [2_500, 0.2]))).toBeCloseTo(0, 1);
  expect(alphaRatio(tones([500, 0.2], [2_500, 0.02]))).toBeCloseTo(-20, 1);
  expect(alphaRatio(tones([200, 0.02], [800, 0.02], [1_500, 0.1], [4_500, 0.1]))).toBeCloseTo(14, 0);
});

test('is the same however loud the microphone', () => {
  const [soft, loud] = [0.001, 0.9].map((gain) => alphaRatio(tones([500, gain * 0.5], [2_500, gain * 0.3])));
  expect(soft).toBeCloseTo(loud ?? 0, 2);
});

test('hum of the mains and hiss above 5 kHz do not count', () => {
  const voice = [
    [500, 0.1],
    [2_500, 0.1],
  ] as [number, number][];
  expect(alphaRatio(tones(...voice, [0, 1], [6_500, 0.5]))).toBeCloseTo(alphaRatio(tones(...voice)), 1);
});

test('full scale is 0 dBFS, a sine 3 dB less, and silence has a floor', () => {
  expect(decibels(1)).toBeCloseTo(0, 9);
  expect(decibels(0.5)).toBeCloseTo(-3.01, 2);
  expect(decibels(0)).toBe(SILENT);
});
