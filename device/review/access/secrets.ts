import { createHash, randomBytes } from 'node:crypto';

/** What is stored of a secret that nobody could guess: enough to know it again. */
export const sha256 = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A secret for a program, of 256 bits. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** Crockford's base 32: no letter is taken for a digit. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 12;

/** A secret that somebody types once, of 60 bits, such as `7QJ4-ZK0M-3XWD`. */
export function newCode(): string {
  const letters = [...randomBytes(LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
  return letters.replace(/(?<=^(.{4})+)(?=.)/g, '-');
}

/** A code as it was meant, however it was typed; null: it is none. */
export function codeMeant(typed: string): string | null {
  const letters = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const known = letters.length === LENGTH && [...letters].every((letter) => LETTERS.includes(letter));
  return known ? letters : null;
}

/** What is stored of a code; null: it is none. */
export function codeHash(typed: string): Buffer | null {
  const meant = codeMeant(typed);
  return meant === null ? null : sha256(meant);
}
