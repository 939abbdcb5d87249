import { useState } from 'preact/hooks';
import type { Causes, Measure } from '../../inbox/schema.ts';
import { patch, post } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { measureWords } from './measure-words.ts';

/** Makes a measure (`measure` null), or changes one; its causes are chosen once, when it is made. */
export function MeasureDialog({
  measure,
  desks,
  causes,
  nameOf,
  onClose,
}: {
  measure: Measure | null;
  desks: readonly string[];
  /** Those that can be chosen. */
  causes: Causes['causes'];
  nameOf: (cause: string) => string;
  onClose: (saved: boolean) => void;
}) {
  const t = useWords(measureWords);
  const [why, fail] = useState<string | null>(null);
  const known = measure?.desk && !desks.includes(measure.desk) ? [...desks, measure.desk] : desks;
  const save = async (form: HTMLFormElement) => {
    const said = new FormData(form);
    const text = (name: string) => String(said.get(name) ?? '');
    const body = {
      ...{ title: text('title'), owner: text('owner') },
      ...{ due: text('due') || null, desk: text('desk') || null },
    };
    try {
      if (measure) await patch(`/api/measures/${measure.id}`, body);
      else await post('/api/measures', { ...body, causes: said.getAll('cause') });
      onClose(true);
    } catch (error) {
      fail(reasonOf(error));
    }
  };
  return (
    <Dialog title={t(measure ? 'edit' : 'newMeasure')} onClose={() => onClose(false)}>
      <form
        class="reports-dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void save(event.currentTarget);
        }}
      >
        {why !== null && <Notice kind="error">{t('failed', { why })}</Notice>}
        <Field label={t('titleField')}>
          <input name="title" required maxLength={200} defaultValue={measure?.title ?? ''} />
        </Field>
        <Field label={t('ownerField')}>
          <input name="owner" required maxLength={80} defaultValue={measure?.owner ?? ''} />
        </Field>
        <Field label={t('dueField')}>
          <input name="due" type="date" defaultValue={measure?.due ?? ''} />
        </Field>
        <Field label={t('desk')}>
          <select name="desk">
            <option value="">{t('allDesks')}</option>
            {known.map((desk) => (
              <option key={desk} value={desk} selected={desk === measure?.desk}>
                {desk}
              </option>
            ))}
          </select>
        </Field>
        {!measure && (
          <details>
            <summary>{t('causesField')}</summary>
            <ul class="reports-causes">
              {causes.map(({ id }) => (
                <li key={id}>
                  <label class="row">
                    <input type="checkbox" name="cause" value={id} />
                    {nameOf(id)}
                  </label>
                </li>
              ))}
            </ul>
          </details>
        )}
        <div class="row">
          <button type="submit" class="primary">
            {t('save')}
          </button>
          <button type="button" onClick={() => onClose(false)}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
