/** What is looked back on: milliseconds. */
export const WINDOW = 10_000;

/** How much CPU time something took of late. */
export class CpuUse {
  readonly #spent: { readonly at: number; readonly cpu: number }[] = [];

  /** `cpu` seconds were spent, as is known at the moment `at` (monotonic ms, not before the last one). */
  add(at: number, cpu: number): void {
    this.#forget(at);
    this.#spent.push({ at, cpu });
  }

  /** How often something was added within the window. */
  count(now: number): number {
    this.#forget(now);
    return this.#spent.length;
  }

  /** CPU seconds within the window. */
  total(now: number): number {
    this.#forget(now);
    return this.#spent.reduce((sum, { cpu }) => sum + cpu, 0);
  }

  /** Cores that were busy with it: the mean over the window. */
  cores(now: number): number {
    return this.total(now) / (WINDOW / 1_000);
  }

  /** The dearest of the window, in seconds; 0 without any. */
  dearest(now: number): number {
    this.#forget(now);
    return this.#spent.reduce((most, { cpu }) => Math.max(most, cpu), 0);
  }

  /** The moment (monotonic ms, not before `now`) at which no more than `limit` seconds are left in the window. */
  atMost(limit: number, now: number): number {
    let left = this.total(now);
    if (left <= limit) return now;
    for (const { at, cpu } of this.#spent) {
      left -= cpu;
      if (left <= limit) return at + WINDOW;
    }
    return now + WINDOW;
  }

  #forget(now: number): void {
    while (this.#spent[0] && this.#spent[0].at <= now - WINDOW) this.#spent.shift();
  }
}
