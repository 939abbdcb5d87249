import type { ChangedLine } from './review/settings/settings.ts';

/** The lines that only one of two texts has, in their order; one that took the place of another stands beside it. */
export function changedLines(before: string, after: string): ChangedLine[] {
  const [a, b] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  const common = commonLines(a, b);
  const lines: ChangedLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const same = common[i]?.[j] ?? 0;
    const gone = i < a.length && (common[i + 1]?.[j] ?? 0) === same;
    const come = j < b.length && (common[i]?.[j + 1] ?? 0) === same;
    if (!gone && !come) {
      i++;
      j++;
      continue;
    }
    // One for another, unless the one that comes is only put in between.
    const both = gone && come && (common[i + 1]?.[j + 1] ?? 0) === same;
    const takes = both || gone;
    const puts = both || !gone;
    lines.push({ line: i + 1, before: takes ? (a[i] ?? '') : null, after: puts ? (b[j] ?? '') : null });
    if (takes) i++;
    if (puts) j++;
  }
  return lines;
}

/** How many lines the rests of both texts have in common, from each line of the one and of the other. */
function commonLines(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const [here, below] = [table[i], table[i + 1]];
      if (!here || !below) continue;
      here[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, here[j + 1] ?? 0);
    }
  return table;
}
