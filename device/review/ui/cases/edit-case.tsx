import { useState } from 'preact/hooks';
import type { CaseRecord } from '../../../store/page/cases.ts';
import { patch } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { caseWords } from './words.ts';

/** Title and note of a case. */
export function EditCase({ about, onClose }: { about: CaseRecord; onClose: (changed: boolean) => void }) {
  const t = useWords(caseWords);
  const [title, setTitle] = useState(about.title);
  const [note, setNote] = useState(about.note);
  const [failure, setFailure] = useState<string | null>(null);
  const save = (event: Event) => {
    event.preventDefault();
    patch(`/api/cases/${about.id}`, { title, note }).then(
      () => onClose(true),
      (error: unknown) => setFailure(reasonOf(error)),
    );
  };
  return (
    <Dialog title={t('edit')} onClose={() => onClose(false)}>
      <form class="cases-form" onSubmit={save}>
        {failure && <Notice kind="error">{t('failed', { why: failure })}</Notice>}
        <Field label={t('title')}>
          <input
            required
            maxLength={120}
            value={title}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        </Field>
        <Field label={t('note')}>
          <textarea
            rows={6}
            maxLength={4000}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </Field>
        <p class="row">
          <button type="submit" class="primary">
            {t('save')}
          </button>
          <button type="button" onClick={() => onClose(false)}>
            {t('cancel')}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
