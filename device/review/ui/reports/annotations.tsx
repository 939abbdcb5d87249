import { useState } from 'preact/hooks';
import type { Annotation } from '../../reports/schema.ts';
import { patch, post, remove } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useMay } from '../me.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { dayName, useWords } from '../words.ts';
import { effectWords } from './effect-words.ts';
import { Part } from './numbers.tsx';

/** Special days of the period, and the way to note one. */
export function Annotations({
  annotations,
  day,
  onChange,
}: {
  annotations: readonly Annotation[];
  /** The last day of the period, to begin with. */
  day: string;
  onChange: () => void;
}) {
  const t = useWords(effectWords);
  const may = useMay()('reports:write');
  const [error, fail] = useState<string | null>(null);
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
      fail(null);
      onChange();
    } catch (reason) {
      fail(t('failed', { why: reasonOf(reason) }));
    }
  };
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    void attempt(async () => {
      const [text, excluded] = [fields.get('text'), fields.get('excluded') === 'on'];
      await post('/api/annotations', { day: fields.get('day'), text, excluded });
      form.reset();
    });
  };
  return (
    <Part title={t('annotations')} caption={annotations.length === 0 ? t('noAnnotations') : ''}>
      {error && <Notice kind="error">{error}</Notice>}
      <ul class="reports-annotations">
        {annotations.map(({ id, day: of, text, excluded }) => (
          <li key={id} class="row">
            <strong>{dayName(of)}</strong>
            <span>{text}</span>
            {may ? (
              <>
                <label class="row no-print">
                  <input
                    type="checkbox"
                    checked={excluded}
                    onChange={(event) =>
                      void attempt(() =>
                        patch(`/api/annotations/${id}`, { excluded: event.currentTarget.checked }),
                      )
                    }
                  />
                  {t('excluded')}
                </label>
                <button
                  type="button"
                  class="no-print"
                  aria-label={t('removeOne', { text })}
                  onClick={() => void attempt(() => remove(`/api/annotations/${id}`))}
                >
                  {t('remove')}
                </button>
              </>
            ) : (
              excluded && <span class="chip">{t('isExcluded')}</span>
            )}
          </li>
        ))}
      </ul>
      {may && (
        <form class="row no-print" onSubmit={add}>
          <Field label={t('day')}>
            <input type="date" name="day" required defaultValue={day} />
          </Field>
          <Field label={t('text')}>
            <input name="text" required maxLength={500} size={40} />
          </Field>
          <label class="row">
            <input type="checkbox" name="excluded" />
            {t('excluded')}
          </label>
          <button type="submit">{t('add')}</button>
        </form>
      )}
    </Part>
  );
}
