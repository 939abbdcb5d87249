import { useState } from 'preact/hooks';
import type { Role } from '../../access/permissions.ts';
import type { CodeMade, ListedAccount } from '../../access/schema.ts';
import { type ApiError, patch, post } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../words.ts';
import { Refused } from './refused.tsx';
import { ROLE_WORDS } from './roles.ts';
import { signInWords } from './sign-in-words.ts';
import { accessWords } from './words.ts';

/** Makes an account, or changes what it may. */
export function AccountDialog({
  account,
  onMade,
  onSaved,
  onClose,
}: {
  /** null: a new one. */
  account: ListedAccount | null;
  onMade: (made: CodeMade) => void;
  onSaved: () => void;
  onClose: () => void;
}) {
  const t = useWords(accessWords);
  const entry = useWords(signInWords);
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>(account?.role ?? 'reviewer');
  const [pseudonym, setPseudonym] = useState(account?.receptionist ?? '');
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefused(null);
    const receptionist = role === 'receptionist' ? pseudonym : null;
    try {
      if (account) {
        await patch(`/api/accounts/${account.id}`, { role, receptionist });
        onSaved();
      } else onMade(await post<CodeMade>('/api/accounts', { name, role, receptionist }));
    } catch (failed) {
      setRefused(failed as ApiError);
      setBusy(false);
    }
  };
  const says = ROLE_WORDS.find((known) => known.role === role)?.says;
  return (
    <Dialog title={account ? t('editOf', { name: account.name }) : t('add')} onClose={onClose}>
      <form class="access-form" onSubmit={save}>
        {!account && (
          <Field label={t('name')} hint={entry('nameHint')}>
            <input
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              required
              maxLength={64}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </Field>
        )}
        <Field label={t('role')} hint={says && t(says)}>
          <select value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
            {ROLE_WORDS.map((known) => (
              <option key={known.role} value={known.role}>
                {t(known.name)}
              </option>
            ))}
          </select>
        </Field>
        {role === 'receptionist' && (
          <Field label={t('receptionist')} hint={t('receptionistHint')}>
            <input
              autocomplete="off"
              required
              pattern="[A-Za-z0-9_\-]{1,32}"
              value={pseudonym}
              onInput={(event) => setPseudonym(event.currentTarget.value)}
            />
          </Field>
        )}
        <Refused error={refused} />
        <div class="access-buttons">
          <button type="button" onClick={onClose}>
            {t('cancel')}
          </button>
          <button type="submit" class="primary" disabled={busy}>
            {t('save')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
