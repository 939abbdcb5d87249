import { post } from '../api.ts';
import { Field } from '../parts/field.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { useWords } from '../words.ts';
import { caseWords } from './words.ts';

interface Closing {
  onClose: (changed: boolean) => void;
}

/** Keeps contacts until a day. */
export function HoldAll({ contactIds, onClose }: { contactIds: readonly string[] } & Closing) {
  const t = useWords(caseWords);
  return (
    <FormDialog
      title={t('holdTitle')}
      does={t('holdSet')}
      ask={(said) => post('/api/holds', { contactIds, ...said })}
      onClose={onClose}
    >
      <p>{t('holdHint')}</p>
      <Field label={t('reason')}>
        <input name="reason" required maxLength={500} />
      </Field>
      <Field label={t('lastDay')}>
        <input name="until" required type="date" />
      </Field>
    </FormDialog>
  );
}

/** Ends by hand what keeps a contact. */
export function EndHold({ contactId, onClose }: { contactId: string } & Closing) {
  const t = useWords(caseWords);
  return (
    <FormDialog
      title={t('endTitle')}
      does={t('endNow')}
      ask={(said) => post(`/api/contacts/${contactId}/holds/end`, said)}
      onClose={onClose}
    >
      <p>{t('endHint')}</p>
      <Field label={t('endNote')}>
        <input name="note" required maxLength={500} />
      </Field>
    </FormDialog>
  );
}
