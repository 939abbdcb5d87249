import { expect, it } from 'vitest';
import { Coverage } from './coverage.ts';
import type { TsIndex } from './ts-index.ts';

type Gaps = [from: number, to: number][];

const video = (first: number, last: number, gaps: Gaps = [], interval: number | null = 0.1) => ({
  ...{ first, last, gaps, interval },
  keys: [first],
});
const audio = (first: number, last: number, gaps: Gaps = []) => ({ first, last, gaps });

/** Segments of a clip that begins at 10. */
function covered(...indexes: Partial<TsIndex>[]): Coverage {
  const coverage = new Coverage(10);
  for (const index of indexes) coverage.add({ video: null, audio: null, ...index });
  return coverage;
}

it('tells no gaps where one segment follows the other', () => {
  const coverage = covered(
    { video: video(8, 9.9), audio: audio(8, 9.95) },
    { video: video(10, 11.9), audio: audio(10, 11.95) },
    { video: video(12, 13.9), audio: audio(12, 13.95) },
  );
  expect(coverage.tracks).toEqual(['video', 'audio']);
  expect(coverage.interval).toBe(0.1);
  expect(coverage.gaps(13)).toEqual([]);
});

it('tells what is missing of each track between segments, and within one', () => {
  const coverage = covered(
    { video: video(10, 11.9), audio: audio(10, 11.95) },
    { audio: audio(12, 13.95) },
    { video: video(15, 18, [[15.5, 17]]), audio: audio(16, 18, [[16.5, 17.6]]) },
  );
  expect(coverage.gaps(18)).toEqual([
    { track: 'video', from: 11.9, to: 15 },
    { track: 'video', from: 15.5, to: 17 },
    { track: 'audio', from: 13.95, to: 16 },
    { track: 'audio', from: 16.5, to: 17.6 },
  ]);
});

it('does not call the rhythm of a slow camera, or a picture lost, a gap', () => {
  expect(covered({ video: video(10, 11) }, { video: video(12, 13) }).gaps(13)).toEqual([]);
});

it('tells a beginning and an end that are missing of one track', () => {
  const coverage = covered({ audio: audio(10, 12) }, { video: video(13, 14), audio: audio(12, 20) });
  expect(coverage.gaps(18)).toEqual([
    { track: 'video', from: 10, to: 13 },
    { track: 'video', from: 14, to: 18 },
  ]);
});

it('tells of a track that was never there that it is not there, instead of one gap', () => {
  const coverage = covered({ audio: audio(10, 12) });
  expect(coverage.tracks).toEqual(['audio']);
  expect(coverage.interval).toBe(0);
  expect(coverage.gaps(12)).toEqual([]);
});

it('knows nothing of a track that ended before the clip begins', () => {
  expect(covered({ video: video(6, 7), audio: audio(6, 12) }).tracks).toEqual(['audio']);
});

it('tells of a gap only what lies in the clip', () => {
  expect(covered({ video: video(6, 7) }, { video: video(12, 13) }).gaps(13)).toEqual([
    { track: 'video', from: 10, to: 12 },
  ]);
  expect(covered({ video: video(8, 13, [[8.5, 12]]) }).gaps(13)).toEqual([
    { track: 'video', from: 10, to: 12 },
  ]);
  // After the end.
  expect(covered({ video: video(10, 12) }, { video: video(15, 16) }).gaps(12)).toEqual([]);
});

it('takes the sound that a new run repeats for what it is: no gap, and not the end', () => {
  const coverage = covered(
    { audio: audio(10, 16) },
    { video: video(15, 15.9), audio: audio(14, 14.9) },
    { video: video(16, 17), audio: audio(16, 17) },
  );
  expect(coverage.gaps(17)).toEqual([{ track: 'video', from: 10, to: 15 }]);
});

it('keeps the distance of two pictures when a segment has one picture alone', () => {
  expect(covered({ video: video(10, 11.9) }, { video: video(12, 12, [], null) }).interval).toBe(0.1);
});
