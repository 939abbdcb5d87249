import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { moreWords } from './more-words.ts';

/** Keeps a contact from being deleted until a day, or ends that. */
export function Hold({
  contactId,
  held,
  onClose,
}: {
  contactId: string;
  held: boolean;
  /** `changed`: it is held now, or no longer. */
  onClose: (changed: boolean) => void;
}) {
  const t = useWords(moreWords);
  const [why, setWhy] = useState<string | null>(null);
  const save = async (form: HTMLFormElement) => {
    const said = new FormData(form);
    const reason = String(said.get('reason') ?? '');
    try {
      if (held) await post(`/api/contacts/${contactId}/holds/end`, { note: reason });
      else await post('/api/holds', { contactIds: [contactId], reason, until: said.get('until') });
      onClose(true);
    } catch (error) {
      setWhy((error as Error).message);
    }
  };
  return (
    <Dialog title={t(held ? 'release' : 'hold')} onClose={() => onClose(false)}>
      <form
        class="contact-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save(event.currentTarget);
        }}
      >
        <p class="muted">{t('holdAbout')}</p>
        {why !== null && <Notice kind="error">{t('failedTo', { why })}</Notice>}
        <Field label={t('holdReason')}>
          <input name="reason" required maxLength={500} />
        </Field>
        {!held && (
          <Field label={t('holdUntil')}>
            <input name="until" type="date" required />
          </Field>
        )}
        <div class="row">
          <button type="submit" class="primary">
            {t(held ? 'release' : 'hold')}
          </button>
          <button type="button" onClick={() => onClose(false)}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
