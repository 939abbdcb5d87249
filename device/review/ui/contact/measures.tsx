import { useState } from 'preact/hooks';
import type { Measures as All } from '../../inbox/schema.ts';
import { post } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useKeys } from '../inbox/keys.ts';
import { useLoaded } from '../load.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { shortDay, useWords } from '../words.ts';
import { moreWords } from './more-words.ts';
import { reviewWords } from './review-words.ts';

/** What is done about this contact, and a dialog for one more. `causes`: those chosen at the moment. */
export function Measures({
  contact,
  causes,
}: {
  contact: { id: string; desk: string };
  causes: readonly string[];
}) {
  const t = useWords(reviewWords);
  const { data, reload } = useLoaded<All>('/api/measures');
  const [adding, setAdding] = useState(false);
  useKeys({ a: () => setAdding(true) });
  const own = data?.measures.filter(({ contactId }) => contactId === contact.id) ?? [];
  return (
    <div class="contact-measures">
      {own.length > 0 && (
        <ul aria-label={t('measures')}>
          {own.map(({ id, title, owner, due, state }) => (
            <li key={id}>
              {t('measureLine', { title, owner })}{' '}
              <span class="muted">
                {due !== null && `${t('due', { day: shortDay(due) })}, `}
                {t(`state.${state}`)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <button type="button" onClick={() => setAdding(true)} aria-keyshortcuts="a">
        {t('newMeasure')}
      </button>
      {adding && (
        <NewMeasure
          contact={contact}
          causes={causes}
          onClose={(saved) => {
            setAdding(false);
            if (saved) reload();
          }}
        />
      )}
    </div>
  );
}

function NewMeasure({
  contact,
  causes,
  onClose,
}: {
  contact: { id: string; desk: string };
  causes: readonly string[];
  onClose: (saved: boolean) => void;
}) {
  const t = useWords(reviewWords);
  const m = useWords(moreWords);
  const [why, setWhy] = useState<string | null>(null);
  const save = async (form: HTMLFormElement) => {
    const said = new FormData(form);
    const text = (name: string) => String(said.get(name) ?? '');
    try {
      await post('/api/measures', {
        ...{ title: text('title'), owner: text('owner'), due: text('due') || null },
        ...{ causes, desk: contact.desk, contactId: contact.id },
      });
      onClose(true);
    } catch (error) {
      setWhy(reasonOf(error));
    }
  };
  return (
    <Dialog title={t('newMeasure')} onClose={() => onClose(false)}>
      <form
        class="contact-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save(event.currentTarget);
        }}
      >
        {why !== null && <Notice kind="error">{m('failedTo', { why })}</Notice>}
        <Field label={t('measureTitle')}>
          <input name="title" required maxLength={200} />
        </Field>
        <Field label={t('measureOwner')}>
          <input name="owner" required maxLength={80} />
        </Field>
        <Field label={t('measureDue')}>
          <input name="due" type="date" />
        </Field>
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
