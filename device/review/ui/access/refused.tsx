import type { ApiError } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { signInWords } from './sign-in-words.ts';

/** Why a name, a password, a code or a change of an account was refused; nothing where nothing was. */
export function Refused({ error }: { error: ApiError | null }) {
  const t = useWords(signInWords);
  if (!error) return null;
  // Nothing else that somebody types here has a form of its own.
  return <Notice kind="error">{error.code === 'bad-request' ? t('badName') : reasonOf(error)}</Notice>;
}
