/** What one device is found to be. `NOT TRIED`: it was not opened, for a reason that `state` gives. */
export type Verdict = 'OK' | 'NOTHING HEARD' | 'FAULT' | 'NOT TRIED';

/** One device, as it is told to the technician and to programs. Never anything personal in it. */
export interface Row {
  readonly kind: 'input' | 'lamp' | 'acknowledge' | 'camera' | 'microphone' | 'service';
  /** The `driver` of the config. */
  readonly driver: string;
  readonly name: string;
  /** A word or two that can be read from a ladder. */
  readonly state: string;
  /** Short sentences about it. */
  readonly facts: readonly string[];
  /** What was wrong last, whether or not it still is. */
  readonly lastFault: string | null;
  readonly verdict: Verdict;
  /** What to do, where it is not OK. */
  readonly remedy: string | null;
  /** What programs are told beside all this. */
  readonly figures: Readonly<Record<string, unknown>>;
}

/** The devices of each desk. */
export type Rows = Readonly<Record<string, readonly Row[]>>;

/** True when nothing that was tried is wrong. Pure. */
export function allWell(rows: Rows): boolean {
  return Object.values(rows)
    .flat()
    .every(({ verdict }) => verdict === 'OK' || verdict === 'NOT TRIED');
}

/** A device that is not opened, and why. Pure. */
export function notTried(at: Pick<Row, 'kind' | 'driver' | 'name'>, why: string, facts: string[] = []): Row {
  return { ...at, state: why, facts, lastFault: null, verdict: 'NOT TRIED', remedy: null, figures: {} };
}

/** "0.4 s ago", "3 min ago". Pure. `ms`: since then. */
export function ago(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s ago`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s ago`;
  return `${Math.round(ms / 60_000)} min ago`;
}
