import { useState } from 'preact/hooks';
import type { CaseList, CasePage } from '../../cases/schema.ts';
import { post } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { useWords } from '../words.ts';
import { addWords } from './add-words.ts';
import './cases.css';

/** Puts a contact, or several, into a case that is open or begins now. For accounts that may `cases:write`. */
export function AddToCase({
  contactId,
  onClose,
}: {
  contactId: string | readonly string[];
  onClose: () => void;
}) {
  const t = useWords(addWords);
  const contactIds = typeof contactId === 'string' ? [contactId] : contactId;
  const { data } = useLoaded<CaseList>('/api/cases?open=true&limit=20');
  const [title, setTitle] = useState('');
  const [added, setAdded] = useState<CasePage | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const ask = async (path: string, body: object) => {
    setFailure(null);
    try {
      setAdded(await post<CasePage>(path, { ...body, contactIds }));
    } catch (error) {
      setFailure(reasonOf(error));
    }
  };
  return (
    <Dialog title={t('title', { n: contactIds.length })} onClose={onClose}>
      {failure && <Notice kind="error">{t('failed', { why: failure })}</Notice>}
      {added ? (
        <>
          <Notice kind="done">{t('added', { title: added.case.title })}</Notice>
          <p class="row">
            <a class="button" href={`/cases/${added.case.id}`}>
              {t('show')}
            </a>
            <button type="button" class="primary" onClick={onClose}>
              {t('close')}
            </button>
          </p>
        </>
      ) : (
        <>
          <h3>{t('open')}</h3>
          {data?.cases.length === 0 && <p class="muted">{t('none')}</p>}
          <ul class="cases-choices">
            {data?.cases.map((one) => (
              <li key={one.id}>
                <button type="button" onClick={() => ask(`/api/cases/${one.id}/contacts`, {})}>
                  <span class="unseen">{t('add', { title: one.title })}</span>
                  <span aria-hidden="true">{one.title}</span>
                  <span class="muted">{t('contacts', { n: one.contacts })}</span>
                </button>
              </li>
            ))}
          </ul>
          <h3>{t('newCase')}</h3>
          <form
            class="cases-form"
            onSubmit={(event) => {
              event.preventDefault();
              void ask('/api/cases', { title });
            }}
          >
            <Field label={t('name')} hint={t('nameHint')}>
              <input
                required
                maxLength={120}
                value={title}
                onInput={(event) => setTitle(event.currentTarget.value)}
              />
            </Field>
            <p class="row">
              <button type="submit" class="primary">
                {t('make')}
              </button>
              <button type="button" onClick={onClose}>
                {t('close')}
              </button>
            </p>
          </form>
        </>
      )}
    </Dialog>
  );
}
