import { CpuUse, WINDOW } from './cpu-use.ts';

/** The shortest time (ms) between two pictures of one desk: a little less than that of five a second, or a camera's jitter would be taken for haste. */
const SHORTEST = 180;
/** The longest time (ms) between two pictures: so often one is taken even where the budget is too small for it. */
const LONGEST = 5_000;

/**
 * Says when the next picture may be taken, so that all the work together takes no more cores than it may, as a mean
 * over ten seconds. The time between two pictures follows what the last ones took.
 *
 * Pure: all times are monotonic milliseconds, and CPU time is in seconds.
 */
export class CpuPacer {
  readonly #cores: number;
  readonly #all = new CpuUse();
  readonly #pictures = new CpuUse();
  /** What a picture takes (s); null: none has been looked at yet. */
  #typical: number | null = null;
  #takenAt = Number.NEGATIVE_INFINITY;

  constructor(cores: number) {
    this.#cores = cores;
  }

  /** A picture is taken. */
  take(now: number): void {
    this.#takenAt = now;
  }

  /** The picture that was taken last took `cpu`. */
  paid(now: number, cpu: number): void {
    this.#all.add(now, cpu);
    this.#pictures.add(now, cpu);
    this.#typical = this.#pictures.total(now) / this.#pictures.count(now);
  }

  /** Something else took `cpu`, which nobody paces. */
  alsoPaid(now: number, cpu: number): void {
    this.#all.add(now, cpu);
  }

  /**
   * The moment from which the next picture may be taken. `others`: cores that are busy elsewhere, at the cost of the same
   * budget; `desks`: all sessions, each of which may have the highest rate.
   */
  next(now: number, { others, desks }: { others: number; desks: number }): number {
    const typical = this.#typical ?? 0;
    // Room for one more, were it as dear as the dearest.
    const dearest = Math.max(typical, this.#pictures.dearest(now));
    const room = ((this.#cores - others) * WINDOW) / 1_000 - dearest;
    const left = room - (this.#all.total(now) - this.#pictures.total(now));
    const shortest = SHORTEST / Math.max(1, desks);
    const interval = left <= 0 ? LONGEST : Math.max(shortest, (typical / left) * WINDOW);
    const paced = Math.max(this.#takenAt + interval, this.#all.atMost(room, now));
    return Math.min(paced, Math.max(now, this.#takenAt + LONGEST));
  }

  /** CPU seconds a picture; null: none has been looked at yet. */
  get typical(): number | null {
    return this.#typical;
  }

  /** Pictures a second, and cores that were busy with all the work: means over the last ten seconds. */
  rate(now: number): number {
    return this.#pictures.count(now) / (WINDOW / 1_000);
  }

  cores(now: number): number {
    return this.#all.cores(now);
  }
}
