import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { caseWords } from './words.ts';

interface Closing {
  onClose: (changed: boolean) => void;
}

/** Keeps contacts until a day. */
export function HoldAll({ contactIds, onClose }: { contactIds: readonly string[] } & Closing) {
  const t = useWords(caseWords);
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const { failure, ask } = useAsking(onClose);
  return (
    <Dialog title={t('holdTitle')} onClose={() => onClose(false)}>
      <form class="cases-form" onSubmit={ask(() => post('/api/holds', { contactIds, reason, until }))}>
        {failure && <Notice kind="error">{t('failed', { why: failure })}</Notice>}
        <p>{t('holdHint')}</p>
        <Field label={t('reason')}>
          <input
            required
            maxLength={500}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </Field>
        <Field label={t('lastDay')}>
          <input
            required
            type="date"
            value={until}
            onInput={(event) => setUntil(event.currentTarget.value)}
          />
        </Field>
        <Buttons does={t('holdSet')} onClose={onClose} />
      </form>
    </Dialog>
  );
}

/** Ends by hand what keeps a contact. */
export function EndHold({ contactId, onClose }: { contactId: string } & Closing) {
  const t = useWords(caseWords);
  const [note, setNote] = useState('');
  const { failure, ask } = useAsking(onClose);
  return (
    <Dialog title={t('endTitle')} onClose={() => onClose(false)}>
      <form class="cases-form" onSubmit={ask(() => post(`/api/contacts/${contactId}/holds/end`, { note }))}>
        {failure && <Notice kind="error">{t('failed', { why: failure })}</Notice>}
        <p>{t('endHint')}</p>
        <Field label={t('endNote')}>
          <input
            required
            maxLength={500}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </Field>
        <Buttons does={t('endNow')} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function useAsking(onClose: (changed: boolean) => void) {
  const [failure, setFailure] = useState<string | null>(null);
  const ask = (asked: () => Promise<unknown>) => (event: Event) => {
    event.preventDefault();
    asked().then(
      () => onClose(true),
      (error: unknown) => setFailure(reasonOf(error)),
    );
  };
  return { failure, ask };
}

function Buttons({ does, onClose }: { does: string } & Closing) {
  const t = useWords(caseWords);
  return (
    <p class="row">
      <button type="submit" class="primary">
        {does}
      </button>
      <button type="button" onClick={() => onClose(false)}>
        {t('cancel')}
      </button>
    </p>
  );
}
