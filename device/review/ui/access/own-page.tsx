import { useState } from 'preact/hooks';
import type { OwnAccount as Own } from '../../access/schema.ts';
import { type ApiError, patch, post, remove } from '../api.ts';
import { useLoaded } from '../load.ts';
import { type Account, meChanged, useMe } from '../me.ts';
import type { PageProps } from '../pages.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { fullTime, LANGUAGES, useWords } from '../words.ts';
import './access.css';
import { ActionTable } from './action-table.tsx';
import { browserName } from './browser-name.ts';
import { LANGUAGE_NAMES } from './language-names.ts';
import { PasswordField } from './password-field.tsx';
import { Refused } from './refused.tsx';
import { Tokens } from './tokens.tsx';
import { accessWords } from './words.ts';

/** What somebody may change of their own account. */
export default function OwnAccount(_props: PageProps) {
  const t = useWords(accessWords);
  const { account } = useMe();
  const { data, error, reload } = useLoaded<Own>('/api/account');
  if (!account) return null;
  return (
    <>
      <h1>
        {t('account')}: {account.name}
      </h1>
      <Refused error={error} />
      <Looks account={account} />
      {account.by === 'session' && <Password onChanged={reload} />}
      {data && data.sessions.length > 0 && <Sessions sessions={data.sessions} onEnded={reload} />}
      {data && <Tokens own={data} onChanged={reload} />}
    </>
  );
}

function Looks({ account }: { account: Account }) {
  const t = useWords(accessWords);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const set = (change: { language?: string | null; theme?: string | null }) =>
    patch('/api/account', change).then(meChanged, setRefused);
  return (
    <section class="card access-part" aria-labelledby="access-looks">
      <h2 id="access-looks">{t('looks')}</h2>
      <div class="row">
        <Field label={t('language')}>
          <select
            value={account.language ?? ''}
            onChange={(event) => set({ language: event.currentTarget.value || null })}
          >
            <option value="">{t('asBrowser')}</option>
            {LANGUAGES.map((one) => (
              <option key={one} value={one} lang={one}>
                {LANGUAGE_NAMES[one]}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('theme')}>
          <select
            value={account.theme ?? ''}
            onChange={(event) => set({ theme: event.currentTarget.value || null })}
          >
            <option value="">{t('asBrowser')}</option>
            <option value="light">{t('light')}</option>
            <option value="dark">{t('dark')}</option>
          </select>
        </Field>
      </div>
      <Refused error={refused} />
    </section>
  );
}

function Password({ onChanged }: { onChanged: () => void }) {
  const t = useWords(accessWords);
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [done, setDone] = useState(false);
  const change = async (event: SubmitEvent) => {
    event.preventDefault();
    setRefused(null);
    setDone(false);
    try {
      await post('/api/account/password', { old, password });
      setOld('');
      setPassword('');
      setDone(true);
      // It is a new session, with another token against forgery.
      meChanged();
      onChanged();
    } catch (failed) {
      setRefused(failed as ApiError);
    }
  };
  return (
    <section class="card access-part" aria-labelledby="access-password">
      <h2 id="access-password">{t('password')}</h2>
      <form class="access-form access-narrow" onSubmit={change}>
        <PasswordField label={t('old')} value={old} onInput={setOld} />
        <PasswordField label={t('new')} value={password} onInput={setPassword} chosen />
        <Refused error={refused} />
        <p class="muted">{t('changeEnds')}</p>
        {done && <Notice kind="done">{t('changed')}</Notice>}
        <button type="submit" class="access-own-width">
          {t('change')}
        </button>
      </form>
    </section>
  );
}

function Sessions({ sessions, onEnded }: { sessions: Own['sessions']; onEnded: () => void }) {
  const t = useWords(accessWords);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const end = (id: string) => remove(`/api/account/sessions/${id}`).then(onEnded, setRefused);
  return (
    <section class="card access-part" aria-labelledby="access-sessions">
      <h2 id="access-sessions">{t('sessions')}</h2>
      <Refused error={refused} />
      <ActionTable head={[t('device'), t('since'), t('used')]}>
        {sessions.map(({ id, browser, createdAt, seenAt, current }) => (
          <tr key={id}>
            <th scope="row">
              {browserName(browser)} {current && <span class="chip positive">{t('current')}</span>}
            </th>
            <td>{fullTime(createdAt)}</td>
            <td>{fullTime(seenAt)}</td>
            <td>
              <div class="access-actions">
                {!current && (
                  <button
                    type="button"
                    aria-label={t('endOf', { name: browserName(browser) })}
                    onClick={() => end(id)}
                  >
                    {t('end')}
                  </button>
                )}
              </div>
            </td>
          </tr>
        ))}
      </ActionTable>
    </section>
  );
}
