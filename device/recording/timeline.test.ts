import { expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import * as timeline from './timeline.ts';

it('counts seconds from a whole second early enough for the sound that is kept', () => {
  const line = timeline.newTimeline({ mono: 123_456, wall: 0 });
  expect(line.zero % 1000).toBe(0);
  expect(timeline.toSeconds(line, 123_456 - 15_000)).toBeGreaterThan(0);
  expect(timeline.toMono(line, timeline.toSeconds(line, 99_999.5))).toBeCloseTo(99_999.5, 6);
});

it('is found again by the name of its folder', () => {
  for (const mono of [123_456, 3_000]) {
    const line = timeline.newTimeline({ mono, wall: 0 });
    expect(timeline.timelineOf(timeline.folderOf(line))).toEqual(line);
  }
  for (const other of ['clips-Xy12', '1000']) expect(timeline.timelineOf(other)).toBeNull();
});

it('notices that somebody set the wall clock, and not that time passed', () => {
  const clock = new ManualClock();
  const offset = timeline.wallOffset(clock.now());
  clock.advance(3_600_000);
  clock.step(80);
  expect(timeline.stepped(clock.now(), offset)).toBe(false);
  clock.step(-300);
  expect(timeline.stepped(clock.now(), offset)).toBe(true);
});

it('ends early enough that the longest contact does not reach the wrap of mpegts', () => {
  const line = timeline.newTimeline({ mono: 100_000, wall: 0 });
  const hour = 3_600_000;
  const last = Array.from({ length: 27 }, (_, n) => n)
    .filter((n) => !timeline.isOld(line, n * hour))
    .at(-1);
  const wrap = 2 ** 33 / 90_000 / 3600;
  expect((last ?? 99) + 1 + 12).toBeLessThan(wrap + 1);
});
