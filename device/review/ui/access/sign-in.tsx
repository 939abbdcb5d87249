import { useEffect, useState } from 'preact/hooks';
import type { Me } from '../../access/me.ts';
import type { CodeMeans } from '../../access/schema.ts';
import { type ApiError, post } from '../api.ts';
import { Field } from '../parts/field.tsx';
import { LANGUAGES, type Language, language, speak, useWords } from '../words.ts';
import './access.css';
import { LANGUAGE_NAMES } from './language-names.ts';
import { PasswordField } from './password-field.tsx';
import { Refused } from './refused.tsx';
import { signInWords } from './sign-in-words.ts';

/** What a code that somebody typed is for. */
type Given = CodeMeans & { code: string };

/** For somebody who is not known yet: by name and password, or by a code with which they choose one. */
export function SignIn({ me, onSignedIn }: { me: Me; onSignedIn: () => void }) {
  const t = useWords(signInWords);
  const [way, go] = useState<'password' | 'code'>(me.setUp ? 'code' : 'password');
  const [given, give] = useState<Given | null>(null);
  const title = given
    ? t(given.kind === 'password' ? 'choose' : me.setUp ? 'setUp' : 'makeAdministrator')
    : t(way === 'password' ? 'signIn' : me.setUp ? 'setUp' : 'useCode');
  useEffect(() => {
    document.title = `${title} · Contact Analyzer`;
  }, [title]);
  return (
    <main class="access-entry">
      <div class="card">
        <p class="access-device">
          <img src="/icon.svg" alt="" width="24" height="24" /> {me.device}
        </p>
        <h1>{title}</h1>
        {given ? (
          <Choose given={given} onDone={onSignedIn} />
        ) : way === 'password' ? (
          <ByPassword onDone={onSignedIn} />
        ) : (
          <ByCode hint={me.setUp ? t('setUpHint') : null} onGiven={give} />
        )}
        {!me.setUp && (
          <button
            type="button"
            class="access-other"
            onClick={() => {
              give(null);
              go(way === 'password' ? 'code' : 'password');
            }}
          >
            {t(way === 'password' ? 'useCode' : 'back')}
          </button>
        )}
      </div>
      <LanguageChoice />
    </main>
  );
}

function LanguageChoice() {
  const t = useWords(signInWords);
  return (
    <label class="access-language">
      <span class="unseen">{t('language')}</span>
      <select value={language()} onChange={(event) => speak(event.currentTarget.value as Language)}>
        {LANGUAGES.map((one) => (
          <option key={one} value={one} lang={one}>
            {LANGUAGE_NAMES[one]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Sends what was typed; says why it was refused. */
function useSending(send: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await send();
    } catch (refused) {
      setError(refused as ApiError);
    }
    setBusy(false);
  };
  return { busy, submit, refused: <Refused error={error} /> };
}

function ByPassword({ onDone }: { onDone: () => void }) {
  const t = useWords(signInWords);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { busy, submit, refused } = useSending(async () => {
    await post('/api/sign-in', { name, password });
    onDone();
  });
  return (
    <form class="access-form" onSubmit={submit}>
      <NameField value={name} onInput={setName} />
      <PasswordField value={password} onInput={setPassword} />
      {refused}
      <button type="submit" class="primary" disabled={busy}>
        {t('signIn')}
      </button>
    </form>
  );
}

function ByCode({ hint, onGiven }: { hint: string | null; onGiven: (given: Given) => void }) {
  const t = useWords(signInWords);
  const [code, setCode] = useState('');
  const { busy, submit, refused } = useSending(async () => {
    onGiven({ ...(await post<CodeMeans>('/api/code', { code })), code });
  });
  return (
    <form class="access-form" onSubmit={submit}>
      {hint && <p>{hint}</p>}
      <Field label={t('code')} hint={t('codeHint')}>
        <input
          class="access-code"
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck={false}
          required
          maxLength={40}
          value={code}
          onInput={(event) => setCode(event.currentTarget.value)}
        />
      </Field>
      {refused}
      <button type="submit" class="primary" disabled={busy}>
        {t('next')}
      </button>
    </form>
  );
}

function Choose({ given, onDone }: { given: Given; onDone: () => void }) {
  const t = useWords(signInWords);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { code } = given;
  const { busy, submit, refused } = useSending(async () => {
    if (given.kind === 'password') await post('/api/redeem', { code, password });
    else await post('/api/set-up', { code, name, password });
    onDone();
  });
  return (
    <form class="access-form" onSubmit={submit}>
      {given.kind === 'password' ? (
        <>
          <p>{t('chooseFor', { name: given.name ?? '' })}</p>
          {/* For who keeps passwords in the browser: it is told whose this one is. */}
          <input
            class="unseen"
            autocomplete="username"
            value={given.name ?? ''}
            readOnly
            tabIndex={-1}
            aria-hidden="true"
          />
        </>
      ) : (
        <NameField value={name} onInput={setName} hint={t('nameHint')} />
      )}
      <PasswordField value={password} onInput={setPassword} chosen />
      {refused}
      <button type="submit" class="primary" disabled={busy}>
        {t('start')}
      </button>
    </form>
  );
}

function NameField({
  value,
  hint,
  onInput,
}: {
  value: string;
  hint?: string;
  onInput: (value: string) => void;
}) {
  const t = useWords(signInWords);
  return (
    <Field label={t('name')} hint={hint}>
      <input
        autocomplete="username"
        autocapitalize="off"
        spellcheck={false}
        required
        maxLength={64}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Field>
  );
}
