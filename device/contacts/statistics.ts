import { wilson } from './indices.ts';

/** `k` of `n`. */
export interface Share {
  readonly k: number;
  readonly n: number;
}

/** How two shares differ: after − before, with its 95 % interval, all in [−1, 1]. */
export interface Difference {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided p of Fisher's exact test. */
  readonly p: number;
  /** `too-few`: one of both has fewer than `FEWEST`; `none`: no difference can be told. */
  readonly verdict: 'too-few' | 'none' | 'lower' | 'higher';
}

/** With fewer contacts than this on one side nothing is said of a difference. */
export const FEWEST = 20;
const SIGNIFICANT = 0.05;

/**
 * The difference of two independent shares. Interval: Newcombe's hybrid of two Wilson intervals (R. G. Newcombe, Statistics
 * in Medicine 17, 1998, 873–890, method 10). A difference is told only where the interval and the exact test both
 * tell it; null where one side has nothing.
 */
export function difference(before: Share, after: Share): Difference | null {
  const [was, is] = [wilson(before.k, before.n), wilson(after.k, after.n)];
  if (!was || !is) return null;
  const value = is.value - was.value;
  const low = value - Math.hypot(is.value - is.low, was.high - was.value);
  const high = value + Math.hypot(is.high - is.value, was.value - was.low);
  const p = fisher(before, after);
  const told = p < SIGNIFICANT && (low > 0 || high < 0);
  const verdict =
    Math.min(before.n, after.n) < FEWEST ? 'too-few' : !told ? 'none' : value < 0 ? 'lower' : 'higher';
  return { value, low, high, p, verdict };
}

/**
 * Fisher's exact test of two shares, two-sided: the probability, both margins given, of all tables that are no likelier
 * than the one there is (R. A. Fisher, Statistical Methods for Research Workers, §21.02).
 */
export function fisher(a: Share, b: Share): number {
  const hits = a.k + b.k;
  const from = Math.max(0, hits - b.n);
  const to = Math.min(hits, a.n);
  // Each table by the ratio to the one before it, from the likeliest on: no factorials, nothing that overflows.
  const mode = Math.min(to, Math.max(from, Math.floor(((hits + 1) * (a.n + 1)) / (a.n + b.n + 2))));
  const likelihood = new Float64Array(to - from + 1);
  likelihood[mode - from] = 1;
  const up = (k: number) => ((a.n - k) * (hits - k)) / ((k + 1) * (b.n - hits + k + 1));
  for (let k = mode; k < to; k++) likelihood[k + 1 - from] = (likelihood[k - from] ?? 0) * up(k);
  for (let k = mode; k > from; k--) likelihood[k - 1 - from] = (likelihood[k - from] ?? 0) / up(k - 1);
  // Equal likelihoods may differ in their last digits.
  const limit = (likelihood[a.k - from] ?? 0) * (1 + 1e-7);
  let all = 0;
  let extreme = 0;
  for (const one of likelihood) {
    all += one;
    if (one <= limit) extreme += one;
  }
  return Math.min(1, extreme / all);
}

/** Where the bars of the distribution begin, ms; the last has no end. */
export const BARS = [0, 15, 30, 60, 120, 180, 300, 600, 900, 1_800, 3_600].map((s) => s * 1_000);

/** Where the bins begin that durations are counted in, ms: whole seconds up to 15 s, then each at most 5 % longer than the one before, so that the bars are made of whole bins. */
export const BINS: readonly number[] = BARS.flatMap((low, i) => {
  const high = BARS[i + 1];
  if (high === undefined) return [low];
  if (low === 0) return Array.from({ length: 15 }, (_, s) => s * 1_000);
  const steps = Math.ceil(Math.log(high / low) / Math.log(1.05));
  return Array.from({ length: steps }, (_, n) => low * (high / low) ** (n / steps));
});

/** The bin of a duration (ms). */
export function binOf(duration: number): number {
  let low = 0;
  let high = BINS.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((BINS[middle] ?? 0) <= duration) low = middle;
    else high = middle;
  }
  return low;
}

/** The `share` quantile (ms) of durations counted in bins, to a bin's width: 5 %; null: there are none. */
export function quantileOfBins(counts: ArrayLike<number>, share: number): number | null {
  let all = 0;
  for (let i = 0; i < counts.length; i++) all += counts[i] ?? 0;
  if (all === 0) return null;
  let before = 0;
  for (let i = 0; i < counts.length; i++) {
    const here = counts[i] ?? 0;
    if (here > 0 && before + here >= share * all) {
      const low = BINS[i] ?? 0;
      return low + ((BINS[i + 1] ?? low) - low) * ((share * all - before) / here);
    }
    before += here;
  }
  return BINS.at(-1) ?? null;
}

/** How many lie in each bar. */
export function barsOfBins(counts: ArrayLike<number>): number[] {
  const bars = BARS.map(() => 0);
  let bar = 0;
  for (let i = 0; i < counts.length; i++) {
    while (bar + 1 < BARS.length && (BINS[i] ?? 0) >= (BARS[bar + 1] ?? 0)) bar++;
    bars[bar] = (bars[bar] ?? 0) + (counts[i] ?? 0);
  }
  return bars;
}
