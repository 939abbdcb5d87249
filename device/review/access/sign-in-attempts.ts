import type { Clock } from '../../clock.ts';
import { Attempts, MOST, waiting } from './attempts.ts';

const HOUR = 3_600_000;
/** Wrong ones of a name in an hour, from wherever; beyond them one is let through in so many ms. */
const FREE = 20;
const PAUSE = 5_000;

interface Tries {
  count: number;
  /** Monotonic: when the hour began, and when the last one was. */
  since: number;
  last: number;
}

/**
 * Guards passwords against being guessed, and names against being locked out by who guesses: wrong ones count for the
 * name from that address. Of whoever has many addresses, the name itself is let through slowly; but not to wait behind
 * them, an address from which its owner has come in before is only held back by its own.
 */
export class SignInAttempts {
  readonly #clock: Clock;
  readonly #pairs: Attempts;
  readonly #names = new Map<string, Tries>();
  readonly #known = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#pairs = new Attempts(clock);
  }

  /** As `Attempts.begin`, of a login name from an address. @throws Refusal while one has to wait */
  begin(name: string, address: string): { locks: boolean } {
    const { mono } = this.#clock.now();
    const [key, pair] = keysOf(name, address);
    const before = this.#names.get(key);
    const tries = before && mono - before.since < HOUR ? before : { count: 0, since: mono, last: mono };
    const free = tries.count < FREE || this.#known.has(pair);
    if (!free && mono - tries.last < PAUSE) throw waiting(tries.last + PAUSE - mono);
    const begun = this.#pairs.begin(pair);
    this.#names.delete(key);
    this.#names.set(key, { ...tries, count: tries.count + 1, last: mono });
    forgetOldest(this.#names);
    return begun;
  }

  /** It was right: what others have tried at the name stays counted. */
  succeeded(name: string, address: string): void {
    const [key, pair] = keysOf(name, address);
    this.#pairs.succeeded(pair);
    const tries = this.#names.get(key);
    if (tries) tries.count -= 1;
    this.#known.delete(pair);
    this.#known.add(pair);
    forgetOldest(this.#known);
  }
}

const keysOf = (name: string, address: string) => {
  const key = name.normalize('NFKC').toLowerCase();
  return [key, `${key} from ${address}`] as const;
};

function forgetOldest(kept: Map<string, unknown> | Set<string>): void {
  const [oldest] = kept.keys();
  if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
}
