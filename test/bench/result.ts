/** What one benchmark says of one name. */
export interface Result {
  name: string;
  value: number;
  /** Of value and floor. */
  unit: string;
  /** The same work done without the service, measured in the same run. */
  floor: number;
  better: 'lower' | 'higher';
}

/** A row of the table in `bench.ts`. */
export interface Benchmark {
  /** All that one run gives. */
  names: readonly string[];
  /** What value and floor are, in a line or two. */
  about: string;
  run(): Promise<Result[]>;
}

/** The `share` (0 to 1) quantile of a sample, interpolated. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN];
  return low + (high - low) * (place - Math.floor(place));
}
