import { useState } from 'preact/hooks';
import type { OwnContact } from '../../inbox/schema.ts';
import { type ApiError, post } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { fullTime, useWords } from '../words.ts';
import { ownWords } from './words.ts';

/** As long as the API takes. */
const LONGEST = 2_000;

/** The answer to a review: written once, changed for as long as the device lets it be. */
export function Answer({ contact, onSent }: { contact: OwnContact; onSent: () => void }) {
  const t = useWords(ownWords);
  const { answer } = contact;
  const [text, setText] = useState(answer?.text ?? '');
  const [state, setState] = useState<'sent' | ApiError | null>(null);
  const open = answer === null || Date.parse(answer.until) > Date.now();
  const send = async (event: Event) => {
    event.preventDefault();
    try {
      await post(`/api/own/${contact.id}/answer`, { text });
      setState('sent');
      onSent();
    } catch (error) {
      setState(error as ApiError);
    }
  };
  return (
    <>
      {!open && <h3>{t('yourAnswer')}</h3>}
      {answer && (
        <p class="muted">
          {t('answeredAt', { at: fullTime(answer.at) })}.{' '}
          {open ? t('changeable', { until: fullTime(answer.until) }) : t('final')}
        </p>
      )}
      {open ? (
        <form class="own-answer" onSubmit={send}>
          <Field label={t('yourAnswer')} hint={t('answerHint')}>
            <textarea
              rows={4}
              required
              maxLength={LONGEST}
              value={text}
              onInput={({ currentTarget }) => {
                setText(currentTarget.value);
                setState(null);
              }}
            />
          </Field>
          <div>
            <button type="submit" class="primary" disabled={text.trim() === '' || text === answer?.text}>
              {t(answer ? 'change' : 'send')}
            </button>
          </div>
        </form>
      ) : (
        <p class="own-text">{answer?.text}</p>
      )}
      {state === 'sent' && <Notice kind="done">{t('sent')}</Notice>}
      {state && state !== 'sent' && (
        <Notice kind="error">
          {state.code === 'answer-final' ? t('final') : t('failed', { why: reasonOf(state) })}
        </Notice>
      )}
    </>
  );
}
