import type { CaseRecord } from '../../../store/page/cases.ts';
import { patch } from '../api.ts';
import { Field } from '../parts/field.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { useWords } from '../words.ts';
import { caseWords } from './words.ts';

/** Title and note of a case. */
export function EditCase({ about, onClose }: { about: CaseRecord; onClose: (changed: boolean) => void }) {
  const t = useWords(caseWords);
  return (
    <FormDialog
      title={t('edit')}
      does={t('save')}
      ask={(said) => patch(`/api/cases/${about.id}`, said)}
      onClose={onClose}
    >
      <Field label={t('title')}>
        <input name="title" required maxLength={120} defaultValue={about.title} />
      </Field>
      <Field label={t('note')}>
        <textarea name="note" rows={6} maxLength={4000} defaultValue={about.note} />
      </Field>
    </FormDialog>
  );
}
