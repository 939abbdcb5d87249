import type { Instant } from '../contacts/model.ts';

/**
 * The one time axis of a ring. Its seconds count from `zero`, a moment of the MONOTONIC clock, so that segments of
 * several ffmpeg runs, before and after a step of the wall clock, lie where they belong and can be put end to end.
 * ffmpeg itself only knows the wall clock; each run is told the difference that held when it began.
 */
export interface Timeline {
  /** Monotonic milliseconds of second 0. A whole second: it is the name of the timeline's folder. */
  readonly zero: number;
}

/** The sound kept for a new run (see `sound-track.ts`) begins up to 15 s before it; nothing may lie below second 0. */
const LEAD = 20_000;

/** mpegts counts 26.5 h. A contact may stay open for 12 h (`contact.max`), and only between contacts a new timeline begins. */
const RENEW_AFTER = 14 * 3_600_000;

/** Reading two clocks in a row is good to a few milliseconds, a busy machine included. */
const STEP = 100;

export function newTimeline(now: Instant): Timeline {
  return { zero: Math.floor((now.mono - LEAD) / 1000) * 1000 };
}

/** Named so that nothing else below `recording.ring`, whatever that was set to, is ever taken for one and wiped. */
export function folderOf(timeline: Timeline): string {
  return `timeline-${timeline.zero / 1000}`;
}

/** The inverse of `folderOf`; null for any other folder. */
export function timelineOf(folder: string): Timeline | null {
  const seconds = /^timeline-(-?\d+)$/.exec(folder)?.[1];
  return seconds === undefined ? null : { zero: Number(seconds) * 1000 };
}

/** Monotonic milliseconds → seconds of the timeline. */
export function toSeconds(timeline: Timeline, mono: number): number {
  return (mono - timeline.zero) / 1000;
}

/** Seconds of the timeline → monotonic milliseconds. */
export function toMono(timeline: Timeline, seconds: number): number {
  return timeline.zero + seconds * 1000;
}

/** What the wall clock shows beyond the monotonic one. Linux slews both alike: only a step changes it. */
export function wallOffset(now: Instant): number {
  return now.wall - now.mono;
}

/** True when somebody has set the wall clock since `offset` was taken. */
export function stepped(now: Instant, offset: number): boolean {
  return Math.abs(wallOffset(now) - offset) > STEP;
}

/** True when a new timeline must begin at the next moment without a contact. */
export function isOld(timeline: Timeline, mono: number): boolean {
  return mono - timeline.zero > RENEW_AFTER;
}
