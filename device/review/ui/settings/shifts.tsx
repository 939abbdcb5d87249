import { useState } from 'preact/hooks';
import type { TodayNow } from '../../today/today.ts';
import { post } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { words } from './words.ts';

/** Says who is at a desk from now on; at once, without any change of the config. */
export function Shifts({ known }: { known: readonly string[] }) {
  const t = useWords(words);
  const { data, reload } = useLoaded<TodayNow>('/api/today', { live: true });
  const [said, say] = useState<{ kind: 'done' | 'error'; text: string } | null>(null);
  const begin = async (desk: string, receptionist: string) => {
    try {
      await post('/api/shifts', { desk, receptionist });
      say({ kind: 'done', text: t('shiftSaid', { who: receptionist, desk }) });
      reload();
    } catch (error) {
      say({ kind: 'error', text: t('failed', { why: reasonOf(error) }) });
    }
  };
  return (
    <section class="card settings-part" aria-labelledby="settings-shifts">
      <h2 id="settings-shifts" class="settings-wide">
        {t('shifts')}
      </h2>
      <datalist id="settings-known">
        {known.map((receptionist) => (
          <option key={receptionist} value={receptionist} />
        ))}
      </datalist>
      {said && (
        <div class="settings-wide">
          <Notice kind={said.kind}>{said.text}</Notice>
        </div>
      )}
      {data?.desks.map(({ desk, receptionist }) => (
        <form
          key={desk}
          class="settings-row"
          onSubmit={(event) => {
            event.preventDefault();
            void begin(desk, String(new FormData(event.currentTarget).get('receptionist')));
          }}
        >
          <Field label={t('shiftAt', { desk })}>
            <input
              {...{ name: 'receptionist', required: true, pattern: '[A-Za-z0-9_\\-]{1,32}' }}
              {...{ list: 'settings-known', defaultValue: receptionist ?? '', autocomplete: 'off' }}
            />
          </Field>
          <button type="submit">{t('sayShift')}</button>
        </form>
      ))}
    </section>
  );
}
