import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../device/clock.ts';

/** Wrong codes that one address may try within `WITHIN` ms. A tablet with an outdated address asks less often. */
const TRIES = 10;
const WITHIN = 60_000;
/** Addresses remembered: more than a clinic's network has that would try. */
const ADDRESSES = 256;

/** Whether two codes are the same. It takes as long for one that is nearly right as for one that is not. */
export function sameCode(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Who tries codes is refused for a while, also with the right one: else trying would go on unhindered. */
export class WrongCodes {
  readonly #clock: Clock;
  readonly #tries = new Map<string, { since: number; count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  refused(address: string): boolean {
    return (this.#recent(address)?.count ?? 0) >= TRIES;
  }

  add(address: string): void {
    const tries = this.#recent(address) ?? { since: this.#clock.now().mono, count: 0 };
    tries.count++;
    this.#tries.set(address, tries);
    const oldest = this.#tries.keys().next();
    if (this.#tries.size > ADDRESSES && !oldest.done) this.#tries.delete(oldest.value);
  }

  #recent(address: string) {
    const tries = this.#tries.get(address);
    if (tries && this.#clock.now().mono - tries.since >= WITHIN) this.#tries.delete(address);
    return this.#tries.get(address);
  }
}
