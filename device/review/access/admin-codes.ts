import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { codeHash, newCode } from './secrets.ts';

/** How long a code that the command line asked for counts, ms. */
const LASTING = 3_600_000;

interface AdminCode {
  readonly hash: Buffer;
  /** Monotonic ms; null: until there is an account. */
  readonly until: number | null;
}

/** Codes with which somebody makes themselves an administrator. In memory alone, once each: who reads them is at the device. */
export class AdminCodes {
  readonly #clock: Clock;
  #codes: AdminCode[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new code. `lasting`: until there is an account, else for an hour. */
  make(lasting: 'until-set-up' | 'hour'): string {
    const code = newCode();
    const hash = codeHash(code) as Buffer;
    const until = lasting === 'hour' ? this.#clock.now().mono + LASTING : null;
    this.#codes = [
      ...this.#valid(true).filter((other) => until !== null || other.until !== null),
      { hash, until },
    ];
    return code;
  }

  /** Whether `code` makes an administrator. `empty`: there is no account yet. */
  knows(code: string, empty: boolean): boolean {
    return this.#find(code, empty) !== undefined;
  }

  /** The same, and it is used up. */
  take(code: string, empty: boolean): boolean {
    const found = this.#find(code, empty);
    this.#codes = this.#codes.filter((other) => other !== found);
    return found !== undefined;
  }

  #find(code: string, empty: boolean): AdminCode | undefined {
    const hash = codeHash(code);
    return hash === null ? undefined : this.#valid(empty).find((known) => timingSafeEqual(known.hash, hash));
  }

  #valid(empty: boolean): AdminCode[] {
    const { mono } = this.#clock.now();
    return this.#codes.filter(({ until }) => (until === null ? empty : mono < until));
  }
}
