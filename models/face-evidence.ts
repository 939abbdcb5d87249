import { EVIDENCE_LIMITS, FaceCourse } from './face-course.ts';
import type { FaceBin, FaceReading, FaceState, FaceSummary, Untold, Valence } from './readings.ts';

/** From one picture to the next. `state`: what the face shows in the course of time; `held`: for long enough to count. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly shows: Valence | Untold;
  readonly state: FaceState;
  held: boolean;
}

/**
 * Gathers the readings of one session's face. A single picture proves nothing: what a face shows is smoothed, must
 * hold for 2 s, and to be negative it must be clearly more so than the same face was in its first seconds. So
 * sunglasses or a hat, which the net takes for anger from the first second on, never make a contact negative.
 */
export class FaceEvidence {
  /** All of them, a few megabytes after an hour: what a picture stands for is known only when the next one comes. */
  readonly #readings: FaceReading[] = [];
  #dropped = 0;

  /** The next reading. One that is not later than the last is left out: it says nothing of any time. */
  add(reading: FaceReading): void {
    const last = this.#readings.at(-1);
    if (!last || reading.at > last.at) this.#readings.push(reading);
  }

  /** Pictures that were lost because the machine was busy. */
  dropped(count = 1): void {
    this.#dropped += count;
  }

  /** The session up to `until` seconds, else up to the end of the last picture, which lasts as long as the one before it. */
  summary(until: number = this.#end()): FaceSummary {
    const looked = this.#readings.filter(({ at }) => at < until);
    const stretches = this.#stretches(until);
    const scored = stretches.filter(isScored);
    const valence = meanOf(scored);
    const untold: Partial<Record<Untold, number>> = {};
    for (const { shows, from, to } of stretches) {
      if (typeof shows === 'string') untold[shows] = (untold[shows] ?? 0) + (to - from);
    }
    const coverage = until > 0 ? Math.min(total(scored) / until, 1) : 0;
    const held = (state: FaceState) => total(stretches.filter((s) => s.held && s.state === state));
    return {
      looked: looked.length,
      scored: looked.filter(({ shows }) => typeof shows === 'object').length,
      coverage,
      negative: valence?.negative ?? null,
      neutral: valence?.neutral ?? null,
      positive: valence?.positive ?? null,
      held: { negative: held('negative'), positive: held('positive') },
      verdict: coverage < EVIDENCE_LIMITS['evidence.coverage'] ? 'unknown' : longest(stretches),
      untold,
      others: looked.reduce((sum, { others }) => sum + others, 0),
      dropped: this.#dropped,
    };
  }

  /** One for each second that has begun before `until`. */
  bins(until: number = this.#end()): FaceBin[] {
    // A second that only rounding has begun is none.
    const seconds = Array.from({ length: Math.max(Math.ceil(until - 1e-6), 0) }, (): Stretch[] => []);
    for (const stretch of this.#stretches(until)) {
      for (let n = Math.max(Math.floor(stretch.from), 0); n < stretch.to; n++) {
        const part = { ...stretch, from: Math.max(stretch.from, n), to: Math.min(stretch.to, n + 1) };
        if (lasts(part) > 0) seconds[n]?.push(part);
      }
    }
    return seconds.map(binOf);
  }

  #end(): number {
    const [before, last] = [this.#readings.at(-2), this.#readings.at(-1)];
    if (!last) return 0;
    const { 'evidence.reach': reach } = EVIDENCE_LIMITS;
    return last.at + (before ? Math.min(last.at - before.at, reach) : reach);
  }

  #stretches(until: number): Stretch[] {
    const readings = this.#readings.filter(({ at }) => at < until);
    const { 'evidence.reach': reach, 'evidence.hold': hold } = EVIDENCE_LIMITS;
    const stretches: Stretch[] = [];
    let course: FaceCourse | null = null;
    let run: Stretch[] = [];
    readings.forEach(({ at, shows, face }, index) => {
      const to = Math.min(readings[index + 1]?.at ?? until, at + reach, until);
      if (typeof shows === 'string') {
        stretches.push({ from: at, to, shows, state: 'unknown', held: false });
        return;
      }
      if (course?.face !== face) course = new FaceCourse(face);
      const steady = course.reaches(at);
      const stretch = { from: at, to, shows, state: course.at(at, to - at, shows), held: false };
      stretches.push(stretch);
      if (!steady || run[0]?.state !== stretch.state) run = [];
      run.push(stretch);
      // The whole run counts once it has held, from its first picture on.
      if (run[0]?.held) stretch.held = true;
      else if (at - (run[0]?.from ?? at) >= hold) for (const part of run) part.held = true;
    });
    return stretches;
  }
}

type Scored = Stretch & { readonly shows: Valence };

const isScored = (stretch: Stretch): stretch is Scored => typeof stretch.shows === 'object';
const lasts = ({ from, to }: Stretch) => to - from;
const total = (stretches: readonly Stretch[]) => stretches.reduce((sum, s) => sum + lasts(s), 0);

/** The key with the largest value above 0. */
function most<Key>(values: Iterable<readonly [Key, number]>): Key | null {
  let best: readonly [Key, number] | null = null;
  for (const entry of values) if (entry[1] > (best?.[1] ?? 0)) best = entry;
  return best?.[0] ?? null;
}

/** The state that held longest; unknown when none did. */
function longest(stretches: readonly Stretch[]): FaceState {
  const held = stretches.filter((s) => s.held);
  const states = ['negative', 'neutral', 'positive'] as const;
  return most(states.map((state) => [state, total(held.filter((s) => s.state === state))])) ?? 'unknown';
}

function binOf(parts: readonly Stretch[]): FaceBin {
  const scored = parts.filter(isScored);
  const valence = meanOf(scored);
  const reasons = Map.groupBy(parts, ({ shows }) => (typeof shows === 'string' ? shows : null));
  const untold = most([...reasons].map(([reason, some]) => [reason, total(some)]));
  return { valence, state: longest(parts), untold: valence ? null : untold };
}

/** Weighed by time: pictures come as fast as the machine can look at them. */
function meanOf(scored: readonly Scored[]): Valence | null {
  const time = total(scored);
  if (time === 0) return null;
  const mean = (of: keyof Valence) => scored.reduce((sum, s) => sum + s.shows[of] * lasts(s), 0) / time;
  return { negative: mean('negative'), neutral: mean('neutral'), positive: mean('positive') };
}
