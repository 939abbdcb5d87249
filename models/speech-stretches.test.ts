import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RATE, WINDOW } from './speech-detector.ts';
import { FRAMES, FrameLevels, SpeechStretches, type Stretch } from './speech-stretches.ts';

const LENGTH = WINDOW / RATE;

interface Heard {
  /** Level at a time, and whether the detector is sure of a window that begins at a time. */
  level(t: number): number;
  sure(t: number): boolean;
  seconds?: number;
}

function stretchesOf({ level, sure, seconds = 6 }: Heard): Stretch[] {
  const stretches = new SpeechStretches();
  const all: Stretch[] = [];
  for (let n = 0; n < seconds / LENGTH; n++) {
    const levels = Array.from({ length: FRAMES }, (_, frame) => level((n + frame / FRAMES) * LENGTH));
    all.push(...stretches.hear(sure(n * LENGTH), levels));
  }
  return [...all, ...stretches.end()];
}

const within = (from: number, to: number) => (t: number) => t >= from && t < to;
const NOISE = -60;
const voice =
  (...times: ((t: number) => boolean)[]) =>
  (t: number) =>
    times.some((speaks) => speaks(t)) ? -25 : NOISE;

test('edges are where the level says, though the detector is late', () => {
  const [[from = 0, to = 0] = []] = stretchesOf({ level: voice(within(2, 4)), sure: within(2.2, 4.15) });
  expect(Math.abs(from - 2)).toBeLessThan(0.03);
  expect(Math.abs(to - 4)).toBeLessThan(0.03);
});

test('sound without the detector is none, nor the detector without sound', () => {
  expect(stretchesOf({ level: voice(within(2, 4)), sure: () => false })).toEqual([]);
  expect(stretchesOf({ level: () => -50, sure: within(2, 4) })).toEqual([]);
  // Far too soft for somebody at the desk, though well above a noiseless microphone.
  expect(stretchesOf({ level: (t) => (within(2, 4)(t) ? -80 : -100), sure: within(2, 4) })).toEqual([]);
});

test('a catch in the voice does not divide it, a pause does', () => {
  const level = voice(within(1, 2), within(2.15, 3), within(3.4, 4));
  expect(stretchesOf({ level, sure: within(1, 4) })).toHaveLength(2);
});

test('a click is not speech', () => {
  expect(stretchesOf({ level: voice(within(2, 2.06)), sure: within(2, 2.1) })).toEqual([]);
});

test('where the other side is heard, nobody speaks here', () => {
  const [one, ...more] = stretchesOf({
    level: (t) => (within(2, 3)(t) ? -Infinity : voice(within(1, 4))(t)),
    sure: within(1, 4),
  });
  expect(Math.abs((one?.[1] ?? 0) - 2)).toBeLessThan(0.03);
  expect(more).toHaveLength(1);
});

test('what is settled never changes, and settles soon', () => {
  const bit = fc.constantFrom('speech', 'noise', 'other');
  fc.assert(
    fc.property(fc.array(fc.tuple(bit, fc.boolean()), { maxLength: 150 }), (windows) => {
      const stretches = new SpeechStretches();
      const told: Stretch[] = [];
      const known: boolean[] = [];
      const speaks = (t: number) =>
        [...told, ...(stretches.open ? [stretches.open] : [])].some(([from, to]) => from <= t && t < to);
      let settled = 0;
      for (const [n, [what, sure]] of windows.entries()) {
        const level = what === 'speech' ? -20 : what === 'noise' ? NOISE : -Infinity;
        told.push(...stretches.hear(sure, Array(FRAMES).fill(level)));
        expect(stretches.settled).toBeGreaterThanOrEqual(settled);
        settled = stretches.settled;
        expect((n + 1) * LENGTH - settled).toBeLessThan(0.65);
        // In the middle of each frame of 8 ms.
        while ((known.length + 0.5) * 0.008 < settled) known.push(speaks((known.length + 0.5) * 0.008));
      }
      told.push(...stretches.end());
      expect(known.map((_, frame) => speaks((frame + 0.5) * 0.008))).toEqual(known);
      for (const [n, [from, to]] of told.entries()) {
        expect(to - from).toBeGreaterThanOrEqual(0.096 - 1e-9);
        expect(from).toBeGreaterThan(told[n - 1]?.[1] ?? -1);
      }
    }),
  );
});

test('levels are those of the last 32 ms, without what rumbles', () => {
  const sine = (hertz: number) =>
    Float32Array.from({ length: WINDOW }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hertz * n) / RATE));
  const levels = new FrameLevels();
  levels.of(sine(1_000));
  for (const level of levels.of(sine(1_000))) expect(Math.abs(level + 9)).toBeLessThan(1.2);
  levels.of(sine(62.5));
  expect(levels.of(sine(62.5)).at(-1)).toBeLessThan(-20);
});
