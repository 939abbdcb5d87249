import { useState } from 'preact/hooks';
import type { Causes as AllCauses, Measures as Answer, Measure } from '../../inbox/schema.ts';
import { patch } from '../api.ts';
import { causeNames } from '../causes/name.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { useMay } from '../me.ts';
import { MeasureDialog } from '../measures/dialog.tsx';
import { measureWords } from '../measures/words.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { dayName, useWords } from '../words.ts';
import { Effect } from './effect.tsx';
import { effectWords } from './effect-words.ts';
import { Part } from './numbers.tsx';

/** What is done about causes, and what came of it. `today`: the clinic's day. */
export function Measures({ today }: { today: string }) {
  const t = useWords(effectWords);
  const m = useWords(measureWords);
  const may = useMay()('reports:write');
  const { data, error, reload } = useLoaded<Answer>('/api/measures');
  const nameOf = causeNames(useLoaded<AllCauses>('/api/causes').data?.causes);
  const [edited, edit] = useState<Measure | 'new' | null>(null);
  return (
    <Part title={t('measures')} caption={t('notProof')}>
      {may && (
        <button type="button" class="no-print" onClick={() => edit('new')}>
          {m('newMeasure')}
        </button>
      )}
      {error && <Notice kind="error">{reasonOf(error)}</Notice>}
      {data?.measures.length === 0 && <p>{t('noMeasures')}</p>}
      {data?.measures.map((measure) => (
        <One
          key={measure.id}
          measure={measure}
          causes={measure.causes.map(nameOf)}
          overdue={measure.state === 'open' && measure.due !== null && measure.due < today}
          onEdit={() => edit(measure)}
          onChange={reload}
        />
      ))}
      {edited && (
        <MeasureDialog
          measure={edited === 'new' ? null : edited}
          onClose={(saved) => {
            edit(null);
            if (saved) reload();
          }}
        />
      )}
    </Part>
  );
}

function One({
  measure,
  causes,
  overdue,
  onEdit,
  onChange,
}: {
  measure: Measure;
  /** Their names. */
  causes: readonly string[];
  overdue: boolean;
  onEdit: () => void;
  onChange: () => void;
}) {
  const t = useWords(effectWords);
  const m = useWords(measureWords);
  const may = useMay()('reports:write');
  const [shown, show] = useState(false);
  const [said, say] = useState<{ kind: 'done' | 'error'; text: string } | null>(null);
  const { id, title, owner, due, desk, effective, state } = measure;
  const change = async (body: Partial<Pick<Measure, 'effective' | 'state'>>) => {
    try {
      await patch(`/api/measures/${id}`, body);
      say({ kind: 'done', text: t('saved') });
      onChange();
    } catch (error) {
      say({ kind: 'error', text: t('failed', { why: reasonOf(error) }) });
    }
  };
  return (
    <article class="reports-measure">
      <h3>{title}</h3>
      <p class="reports-due muted">
        <span>{t('owner', { name: owner })}</span>
        {due && <span>{m('due', { day: dayName(due) })}</span>}
        {overdue && <span class="chip negative">{t('overdue')}</span>}
        <span>{desk === null ? t('countedAll') : t('countedDesk', { desk })}</span>
        <span>{causes.length === 0 ? t('noCauses') : t('countedCauses', { causes: causes.join(', ') })}</span>
      </p>
      <div class="row">
        <Field label={t('effective')}>
          {/* By keyboard a year comes digit by digit: the year 2 is not meant. */}
          <input
            type="date"
            min="2000-01-01"
            max="2999-12-31"
            value={effective ?? ''}
            disabled={!may}
            onChange={({ currentTarget: { value, validity } }) =>
              validity.valid && void change({ effective: value || null })
            }
          />
        </Field>
        <Field label={t('state')}>
          <select
            value={state}
            disabled={!may}
            onChange={(event) => void change({ state: event.currentTarget.value as Measure['state'] })}
          >
            {(['open', 'done', 'dropped'] as const).map((one) => (
              <option key={one} value={one}>
                {m(one)}
              </option>
            ))}
          </select>
        </Field>
        {may && (
          <button type="button" class="no-print" aria-label={`${m('edit')}: ${title}`} onClick={onEdit}>
            {m('edit')}
          </button>
        )}
        <button
          type="button"
          class="no-print"
          aria-expanded={shown}
          aria-label={`${t(shown ? 'hide' : 'show')}: ${title}`}
          onClick={() => show(!shown)}
        >
          {t(shown ? 'hide' : 'show')}
        </button>
      </div>
      {said && <Notice kind={said.kind}>{said.text}</Notice>}
      {shown && <Effect key={`${effective} ${desk}`} id={id} />}
    </article>
  );
}
