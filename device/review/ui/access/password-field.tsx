import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { useWords } from '../words.ts';
import { signInWords } from './sign-in-words.ts';

/** A password that is typed; it can be shown. `chosen`: it is a new one. */
export function PasswordField({
  label,
  value,
  chosen = false,
  onInput,
}: {
  label?: string;
  value: string;
  chosen?: boolean;
  onInput: (value: string) => void;
}) {
  const t = useWords(signInWords);
  const [shown, show] = useState(false);
  return (
    <div class="access-password">
      <Field label={label ?? t('password')} hint={chosen ? t('passwordHint') : undefined}>
        <input
          // Preact's types know each type of input by itself.
          type={(shown ? 'text' : 'password') as 'password'}
          autocomplete={chosen ? 'new-password' : 'current-password'}
          autocapitalize="off"
          spellcheck={false}
          required
          minLength={chosen ? 10 : 1}
          maxLength={200}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      </Field>
      <label class="access-check">
        <input type="checkbox" checked={shown} onChange={(event) => show(event.currentTarget.checked)} />
        {t('show')}
      </label>
    </div>
  );
}
