import { useState } from 'preact/hooks';
import type { Permission } from '../../access/permissions.ts';
import type { OwnAccount, TokenMade } from '../../access/schema.ts';
import { type ApiError, post, remove } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { date, fullTime, useWords } from '../words.ts';
import { ActionTable } from './action-table.tsx';
import { SecretDialog } from './dialogs.tsx';
import { Refused } from './refused.tsx';
import { accessWords } from './words.ts';

/** The tokens of programs that act for this account. */
export function Tokens({ own, onChanged }: { own: OwnAccount; onChanged: () => void }) {
  const t = useWords(accessWords);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<TokenMade | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const end = (id: string) => remove(`/api/account/tokens/${id}`).then(onChanged, setRefused);
  return (
    <section class="card access-part" aria-labelledby="access-tokens">
      <h2 id="access-tokens">{t('tokens')}</h2>
      <p class="muted">{t('tokensSay')}</p>
      <Refused error={refused} />
      {own.tokens.length > 0 && (
        <ActionTable head={[t('tokenName'), t('scope'), t('ends'), t('used')]}>
          {own.tokens.map(({ id, name, permissions, endsAt, usedAt }) => (
            <tr key={id}>
              <th scope="row">{name}</th>
              <td>{permissions.map((permission) => t(permission)).join(', ')}</td>
              <td>{date(endsAt, { dateStyle: 'medium' })}</td>
              <td>{usedAt ? fullTime(usedAt) : t('never')}</td>
              <td>
                <div class="access-actions">
                  <button type="button" aria-label={t('endToken', { name })} onClick={() => end(id)}>
                    {t('revoke')}
                  </button>
                </div>
              </td>
            </tr>
          ))}
        </ActionTable>
      )}
      <div class="access-buttons">
        <button type="button" onClick={() => setMaking(true)}>
          {t('newToken')}
        </button>
      </div>
      {making && (
        <TokenDialog
          grantable={own.grantable}
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false);
            setMade(token);
            onChanged();
          }}
        />
      )}
      {made && (
        <SecretDialog
          title={t('secret', { name: made.token.name })}
          says={t('secretSays')}
          secret={made.secret}
          onClose={() => setMade(null)}
        />
      )}
    </section>
  );
}

function TokenDialog({
  grantable,
  onMade,
  onClose,
}: {
  grantable: readonly Permission[];
  onMade: (made: TokenMade) => void;
  onClose: () => void;
}) {
  const t = useWords(accessWords);
  const [name, setName] = useState('');
  const [days, setDays] = useState(90);
  const [permissions, setPermissions] = useState<readonly Permission[]>([]);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const make = (event: SubmitEvent) => {
    event.preventDefault();
    setRefused(null);
    post<TokenMade>('/api/account/tokens', { name, days, permissions }).then(onMade, setRefused);
  };
  const toggle = (permission: Permission) =>
    setPermissions((before) =>
      before.includes(permission) ? before.filter((other) => other !== permission) : [...before, permission],
    );
  return (
    <Dialog title={t('newToken')} onClose={onClose}>
      <form class="access-form" onSubmit={make}>
        <Field label={t('tokenName')}>
          <input
            autocomplete="off"
            required
            maxLength={64}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label={t('tokenDays')}>
          <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {[7, 30, 90, 365].map((n) => (
              <option key={n} value={n}>
                {t('days', { n })}
              </option>
            ))}
          </select>
        </Field>
        <fieldset class="access-permissions">
          <legend>{t('scope')}</legend>
          {grantable.map((permission) => (
            <label key={permission} class="access-check">
              <input
                type="checkbox"
                checked={permissions.includes(permission)}
                onChange={() => toggle(permission)}
              />
              {t(permission)}
            </label>
          ))}
        </fieldset>
        <Refused error={refused} />
        <div class="access-buttons">
          <button type="button" onClick={onClose}>
            {t('cancel')}
          </button>
          <button type="submit" class="primary" disabled={permissions.length === 0}>
            {t('newToken')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
