/** How old a press is. The tablet's clock is not ours and may be wrong by years: only durations are taken from it. */
export interface Told {
  /** Milliseconds from the press to this attempt to send it, as the tablet measured. */
  ago: number;
  /** Our monotonic time as the tablet last heard it. */
  stamp: number;
  /** Milliseconds from asking for that stamp to this attempt, as the tablet measured. */
  elapsed: number;
}

/**
 * Milliseconds from the press to `now` (our monotonic time). What was on its way longer than it should have been is that
 * much older: a kernel goes on sending what it was given before the Wi-Fi broke, half a minute later if need be, and
 * the `ago` in it is still that of the first attempt.
 */
export function ageOf({ ago, stamp, elapsed }: Told, now: number): number {
  return ago + Math.max(0, now - stamp - elapsed);
}
