import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { Field } from '../parts/field.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { useWords } from '../words.ts';
import { moreWords } from './more-words.ts';

const REASONS = ['complaint', 'training', 'request', 'technical'] as const;

/** Asks why a clip is to be opened that nobody complained about. Until it is said, nothing of the clip is loaded. */
export function Reason({ contactId, onOpened }: { contactId: string; onOpened: () => void }) {
  const t = useWords(moreWords);
  const [asking, setAsking] = useState(true);
  return (
    <section class="card contact-closed">
      <p>{t('notOpened')}</p>
      <button type="button" class="primary" onClick={() => setAsking(true)}>
        {t('open')}
      </button>
      {asking && (
        <FormDialog
          title={t('why')}
          does={t('open')}
          ask={(said) => post(`/api/contacts/${contactId}/open`, said)}
          onClose={(opened) => {
            setAsking(false);
            if (opened) onOpened();
          }}
        >
          <p>{t('whyAbout')}</p>
          <fieldset class="contact-reasons">
            <legend class="unseen">{t('why')}</legend>
            {REASONS.map((reason) => (
              <label key={reason}>
                <input type="radio" name="reason" value={reason} required /> {t(`reason.${reason}`)}
              </label>
            ))}
          </fieldset>
          <Field label={t('reasonText')}>
            <input name="text" maxLength={500} />
          </Field>
        </FormDialog>
      )}
    </section>
  );
}
