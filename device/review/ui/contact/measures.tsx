import { useState } from 'preact/hooks';
import type { Measures as All } from '../../inbox/schema.ts';
import { useKeys } from '../inbox/keys.ts';
import { useLoaded } from '../load.ts';
import { MeasureDialog } from '../measures/dialog.tsx';
import { measureWords } from '../measures/words.ts';
import { shortDay, useWords } from '../words.ts';
import { reviewWords } from './review-words.ts';

/** What is done about this contact, and a dialog for one more. `causes`: those chosen at the moment. */
export function Measures({
  contact: { id: contactId, desk },
  causes,
}: {
  contact: { id: string; desk: string };
  causes: readonly string[];
}) {
  const t = useWords(reviewWords);
  const m = useWords(measureWords);
  const { data, reload } = useLoaded<All>('/api/measures');
  const [adding, setAdding] = useState(false);
  useKeys({ a: () => setAdding(true) });
  const own = data?.measures.filter((measure) => measure.contactId === contactId) ?? [];
  return (
    <div class="contact-measures">
      {own.length > 0 && (
        <ul aria-label={t('measures')}>
          {own.map(({ id, title, owner, due, state }) => (
            <li key={id}>
              {t('measureLine', { title, owner })}{' '}
              <span class="muted">
                {due !== null && `${m('due', { day: shortDay(due) })}, `}
                {m(state)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <button type="button" onClick={() => setAdding(true)} aria-keyshortcuts="a">
        {m('newMeasure')}
      </button>
      {adding && (
        <MeasureDialog
          from={{ contactId, desk, causes }}
          onClose={(saved) => {
            setAdding(false);
            if (saved) reload();
          }}
        />
      )}
    </div>
  );
}
