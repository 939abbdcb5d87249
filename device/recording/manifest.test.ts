import { expect, it } from 'vitest';
import { Coverage } from './coverage.ts';
import { finished } from './manifest.ts';
import type { Stretch } from './sound-track.ts';

/** Second 0 of the timeline. The patient came at its second 10 and left at 17; asked for is 5 to 19. */
const timeline = { zero: 100_000 };
const mono = (seconds: number) => timeline.zero + seconds * 1_000;
const wanted = { contactId: 'c', startedAt: { mono: mono(10), wall: 0 }, from: mono(5) };
const stored = { file: '2026-01-05/c.mp4', bytes: 1, sha256: '00', mediaType: 'video/mp4' as const };

/** Of a clip whose tracks were captured from `first` to `last`, with gaps in the pictures. */
function told(
  [first, last]: [number, number],
  about: { gaps?: [number, number][]; silences?: Stretch[]; recovered?: boolean; seen?: number } = {},
) {
  const { gaps = [], seen = last, ...rest } = about;
  const coverage = new Coverage(first);
  coverage.add({
    video: { first, last: seen, gaps, keys: [first], interval: 0.1 },
    // What begins last sounds for as long as ffmpeg puts frames together.
    audio: { first, last: last - 0.3, gaps: [] },
  });
  const to = Math.min(19, last + 0.1);
  const built = { ...stored, from: first, to, last: to, coverage };
  return finished({
    ...{ wanted, timeline, built, until: mono(19), postRoll: 2_000, keyId: '0123456789abcdef' },
    ...{ silences: [], recovered: false, ...rest },
  });
}

it('tells where the clip lies against the contact, and against what was asked', () => {
  expect(told([4.4, 20])).toEqual({
    ...stored,
    duration: 14_600,
    preRoll: 5_600,
    manifest: {
      ...{ preRoll: 5_600, postRoll: 2_000, startError: -600, endError: 0 },
      ...{ tracks: ['video', 'audio'], gaps: [], recovered: false, keyId: '0123456789abcdef' },
    },
  });
});

it('tells what is missing at both ends', () => {
  expect(told([12, 15.9])).toMatchObject({
    duration: 4_000,
    // Of what is before the arrival there is nothing, and less than nothing is no length.
    preRoll: 0,
    manifest: { preRoll: -2_000, postRoll: -1_000, startError: 7_000, endError: -3_000 },
  });
});

it('tells gaps, and silence that stands for a microphone, in milliseconds of the clip and in their order', () => {
  const { manifest } = told([5, 20], {
    gaps: [[9, 11.5]],
    silences: [
      { from: mono(6), to: mono(8) },
      { from: mono(10), to: mono(10.9) },
    ],
    recovered: true,
  });
  expect(manifest.recovered).toBe(true);
  expect(manifest.gaps).toEqual([
    { track: 'audio', from: 1_000, to: 3_000 },
    { track: 'video', from: 4_000, to: 6_500 },
  ]);
});

it('tells of gaps and silences only what lies in the clip', () => {
  const { manifest } = told([5, 25], {
    gaps: [
      [18, 22],
      [23, 24.5],
    ],
    silences: [
      { from: mono(1), to: mono(4) },
      { from: mono(2), to: mono(7) },
      { from: mono(16), to: mono(30) },
      { from: mono(31), to: mono(40) },
    ],
  });
  expect(manifest.gaps).toEqual([
    { track: 'audio', from: 0, to: 2_000 },
    { track: 'audio', from: 11_000, to: 14_000 },
    { track: 'video', from: 13_000, to: 14_000 },
  ]);
});

it('tells of pictures that do not come back that they are missing up to the end of the sound', () => {
  expect(told([5, 18.9], { seen: 12 }).manifest.gaps).toEqual([{ track: 'video', from: 7_000, to: 14_000 }]);
});

it('tells whole milliseconds', () => {
  const { duration, preRoll, manifest } = told([5.00005, 18.00009], { gaps: [[9.00001, 11.33333]] });
  const { postRoll, startError, endError, gaps } = manifest;
  const figures = [
    duration,
    preRoll,
    postRoll,
    startError,
    endError,
    ...gaps.flatMap(({ from, to }) => [from, to]),
  ];
  expect(figures.map(Number.isInteger)).toEqual(figures.map(() => true));
});
