import type { ApiError } from '../api.ts';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { reasonOf } from './reason.ts';
import { signInWords } from './sign-in-words.ts';
import { type AccessWord, accessWords } from './words.ts';

const REASONS: Readonly<Record<string, AccessWord>> = {
  'last-admin': 'lastAdmin',
  'in-use': 'inUse',
  'too-many-tokens': 'tooManyTokens',
};

/** Why something was refused; nothing where nothing was. */
export function Refused({ error }: { error: ApiError | null }) {
  const t = useWords(accessWords);
  const entry = useWords(signInWords);
  if (!error) return null;
  const known = REASONS[error.code];
  return <Notice kind="error">{known ? t(known) : reasonOf(entry, error)}</Notice>;
}
