import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { moreWords } from './more-words.ts';

const REASONS = ['complaint', 'training', 'request', 'technical'] as const;

/** Asks why a clip is to be opened that nobody complained about. Until it is said, nothing of the clip is loaded. */
export function Reason({ contactId, onOpened }: { contactId: string; onOpened: () => void }) {
  const t = useWords(moreWords);
  const [asking, setAsking] = useState(true);
  const [why, setWhy] = useState<string | null>(null);
  const open = async (form: HTMLFormElement) => {
    const said = new FormData(form);
    try {
      await post(`/api/contacts/${contactId}/open`, {
        reason: said.get('reason'),
        text: String(said.get('text') ?? ''),
      });
      setAsking(false);
      onOpened();
    } catch (error) {
      setWhy(reasonOf(error));
    }
  };
  return (
    <section class="card contact-closed">
      <p>{t('notOpened')}</p>
      <button type="button" class="primary" onClick={() => setAsking(true)}>
        {t('open')}
      </button>
      {asking && (
        <Dialog title={t('why')} onClose={() => setAsking(false)}>
          <form
            class="contact-form"
            onSubmit={(event) => {
              event.preventDefault();
              void open(event.currentTarget);
            }}
          >
            <p>{t('whyAbout')}</p>
            {why !== null && <Notice kind="error">{t('failedTo', { why })}</Notice>}
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
            <div class="row">
              <button type="submit" class="primary">
                {t('open')}
              </button>
              <button type="button" onClick={() => setAsking(false)}>
                {t('cancel')}
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </section>
  );
}
