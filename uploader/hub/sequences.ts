/**
 * Which events of a store are there. A sequence has no gaps, so two facts say it all: up to where nothing is missing,
 * and what has come beyond that.
 */

/** From `first` to `last`, both included. */
export type Range = readonly [first: number, last: number];

export interface Arrived {
  /** Nothing up to this sequence is missing; 0: nothing has come. */
  readonly upTo: number;
  /** What is there beyond a gap: in order, apart from each other and from `upTo` by at least one sequence. */
  readonly ahead: readonly Range[];
}

export const NOTHING: Arrived = { upTo: 0, ahead: [] };

/** What is there once `come` have come as well, in any order, however often. */
export function arrive(before: Arrived, come: readonly Range[]): Arrived {
  let upTo = before.upTo;
  const ahead: [first: number, last: number][] = [];
  for (const [first, last] of [...before.ahead, ...come].sort(([a], [b]) => a - b)) {
    const end = ahead.at(-1);
    if (first <= upTo + 1) upTo = Math.max(upTo, last);
    else if (end && first <= end[1] + 1) end[1] = Math.max(end[1], last);
    else ahead.push([first, last]);
  }
  return { upTo, ahead };
}

export function has({ upTo, ahead }: Arrived, sequence: number): boolean {
  return sequence <= upTo || ahead.some(([first, last]) => first <= sequence && sequence <= last);
}

/** The highest that has come. */
export function highest({ upTo, ahead }: Arrived): number {
  return ahead.at(-1)?.[1] ?? upTo;
}

/** What is missing from `first` to `last`. */
export function missing({ upTo, ahead }: Arrived, [first, last]: Range): Range[] {
  const gaps: Range[] = [];
  let next = Math.max(first, upTo + 1);
  for (const [from, to] of ahead) {
    if (from > last) break;
    if (from > next) gaps.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= last) gaps.push([next, last]);
  return gaps;
}
