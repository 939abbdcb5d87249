import type { ApiError } from '../api.ts';
import type { Translate } from '../words.ts';
import type { signInWords } from './sign-in-words.ts';

type Words = (typeof signInWords)['en'];

const REASONS: Readonly<Record<string, keyof Words>> = {
  wrong: 'wrong',
  'wrong-code': 'wrongCode',
  'too-many': 'tooMany',
  'password-short': 'passwordShort',
  'password-easy': 'passwordEasy',
  'name-taken': 'nameTaken',
  unreachable: 'unreachable',
  // Nothing else that somebody types here has a form of its own.
  'bad-request': 'badName',
};

/** Why a name, a password or a code was refused, in the language of the page. */
export function reasonOf(t: Translate<Words>, { code, message }: ApiError): string {
  const known = REASONS[code];
  return known ? t(known) : t('other', { why: message });
}
