import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { foldedName } from '../../store/page/accounts.ts';
import { Refusal } from '../refusal.ts';

/** OWASP, Password Storage Cheat Sheet: scrypt with N=2^15, r=8, p=1 takes 32 MB and, on a Raspberry Pi 4, about 0.2 s. */
const COST = { log2N: 15, r: 8, p: 1 };
const SALT = 16;
const KEY = 32;
/** Hashes computed at a time: 32 MB each, and the threads of the pool are those that write clips. */
const AT_A_TIME = 2;
/** Those that may wait; more come from nobody who types. */
const WAITING = 20;

/** Characters of a password, at least; NIST SP 800-63B asks for no mixture of kinds. */
export const SHORTEST = 10;
export const LONGEST = 200;

/** A password as it is compared: the same letters typed on different machines are the same. NIST SP 800-63B, 3.1.1.2. */
const typed = (password: string) => password.normalize('NFKC');

/** @throws Refusal where the password is too easily guessed */
export function checkPassword(password: string, name: string): void {
  if ([...typed(password)].length < SHORTEST)
    throw new Refusal(400, 'password-short', `A password has at least ${SHORTEST} characters.`);
  const bare = foldedName(password);
  if (bare.replaceAll(foldedName(name), '').length < SHORTEST / 2 || new Set(bare).size < SHORTEST / 2)
    throw new Refusal(400, 'password-easy', 'This password is easily guessed: take a few words.');
}

/** Hashes passwords, and compares them with their hashes. */
export class Passwords {
  readonly #cost: typeof COST;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** What the password of a name that nobody has is compared with: that takes as long as any other. */
  #dummy: string | null = null;

  /** `log2N`: binary logarithm of scrypt's N, of the hashes that are made. */
  constructor(log2N = COST.log2N) {
    this.#cost = { ...COST, log2N };
  }

  /** Returns what is stored: the way, its cost, salt and key. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT);
    const key = await this.#derive(password, salt, this.#cost, KEY);
    return stored(this.#cost, salt.toString('base64url'), key.toString('base64url'));
  }

  /** Whether it is the password of that hash. `hash` null: there is none, and it takes as long to say no. */
  async matches(password: string, hash: string | null): Promise<boolean> {
    this.#dummy ??= stored(this.#cost, 'A'.repeat(22), 'A'.repeat(43));
    const [way, log2N, r, p, salt = '', key = ''] = (hash ?? this.#dummy).split('$');
    if (way !== 'scrypt') throw new Error('the way this password was hashed is not known');
    const expected = Buffer.from(key, 'base64url');
    const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
    const derived = await this.#derive(password, Buffer.from(salt, 'base64url'), cost, expected.length);
    return timingSafeEqual(derived, expected) && hash !== null;
  }

  async #derive(password: string, salt: Buffer, cost: typeof COST, length: number): Promise<Buffer> {
    if (this.#running >= AT_A_TIME) {
      if (this.#waiting.length >= WAITING)
        throw new Refusal(503, 'busy', 'Too many sign in at this moment: try again.');
      // Whoever ends hands their place on.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      const N = 2 ** cost.log2N;
      const maxmem = 256 * N * cost.r;
      return await derive(typed(password), salt, length, { N, r: cost.r, p: cost.p, maxmem });
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

const stored = ({ log2N, r, p }: typeof COST, salt: string, key: string) =>
  ['scrypt', log2N, r, p, salt, key].join('$');

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);
