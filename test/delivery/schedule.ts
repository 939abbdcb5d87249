/**
 * What can go wrong, by what it befalls. `killed`: SIGKILL. `frozen`: SIGSTOP, the machine swaps. Of links: `cut`
 * refuses, `stalled` is half-open and comes back, `lost` is half-open and then reset, `throttled` is a modem. `disk
 * full`: no write of the service grows a file. `wrong`: the service has another password than the broker knows.
 * `swapped`: it has a certificate that somebody else has signed.
 */
export const FAULTS = {
  service: ['killed', 'frozen', 'disk full'],
  broker: ['killed', 'frozen'],
  hub: ['killed', 'frozen'],
  database: ['killed'],
  'device link': ['cut', 'stalled', 'lost', 'throttled', 'reset'],
  'hub link': ['cut', 'stalled', 'lost', 'throttled', 'reset'],
  'database link': ['cut', 'stalled', 'lost', 'throttled', 'reset'],
  password: ['wrong'],
  certificate: ['swapped'],
  // At the same moment: the power of the whole house.
  everything: ['killed'],
} as const;

export type Part = keyof typeof FAULTS;
export const PARTS = Object.keys(FAULTS) as Part[];

/** One fault: when it begins and for how long it lasts, ms. */
export interface Act {
  readonly part: Part;
  readonly kind: string;
  readonly at: number;
  readonly lasts: number;
}

/**
 * Faults of all parts for so many ms, in the order in which they begin. Each part has its own time, so that several
 * are in trouble at once; one part has one fault at a time, and each of its kinds at least once.
 */
export function scheduleOf(random: () => number, ms: number): Act[] {
  return PARTS.flatMap((part) => actsOf(part, random, ms)).sort((a, b) => a.at - b.at);
}

/** Mean time (ms) between two faults of a part, where that gives more than one of each kind; of the whole house. */
const MEAN = 9_000;
const MEAN_OF_ALL = 25_000;

function actsOf(part: Part, random: () => number, ms: number): Act[] {
  const kinds: readonly string[] = FAULTS[part];
  const mean = part === 'everything' ? MEAN_OF_ALL : MEAN;
  const count = Math.max(kinds.length, Math.round((ms / mean) * (0.5 + random())));
  const slot = ms / count;
  const left: string[] = [];
  return Array.from({ length: count }, (_, n) => {
    if (left.length === 0) left.push(...kinds);
    const [kind = ''] = left.splice(Math.floor(random() * left.length), 1);
    const after = random() * 0.5 * slot;
    const lasts = (0.05 + random() * 0.9) * (slot - after);
    return {
      part,
      kind,
      at: Math.round(n * slot + after),
      lasts: Math.round(Math.min(lasts, longest(part))),
    };
  });
}

/** Who is dead makes no contacts. */
function longest(part: Part): number {
  return part === 'service' || part === 'everything' ? 1_200 : Infinity;
}
