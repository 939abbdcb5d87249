import { useState } from 'preact/hooks';
import type { Causes as AllCauses, Measures as Answer, Measure } from '../../inbox/schema.ts';
import { patch } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { useMay } from '../me.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { dayName, language, useWords } from '../words.ts';
import { Effect } from './effect.tsx';
import { MeasureDialog } from './measure-dialog.tsx';
import { measureWords } from './measure-words.ts';
import { Part } from './numbers.tsx';

/** What is done about causes, and what came of it. `today`: the clinic's day. */
export function Measures({ desks, today }: { desks: readonly string[]; today: string }) {
  const t = useWords(measureWords);
  const may = useMay()('reports:write');
  const { data, error, reload } = useLoaded<Answer>('/api/measures');
  const causes = useLoaded<AllCauses>('/api/causes').data?.causes ?? [];
  const [edited, edit] = useState<Measure | 'new' | null>(null);
  const nameOf = (id: string) => {
    const names = causes.find((cause) => cause.id === id)?.names ?? {};
    return names[language()] ?? names.en ?? Object.values(names)[0] ?? id;
  };
  return (
    <Part title={t('measures')} caption={t('notProof')}>
      {may && (
        <button type="button" class="no-print" onClick={() => edit('new')}>
          {t('newMeasure')}
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
          desks={desks}
          causes={causes.filter(({ retired, mergedInto }) => !retired && mergedInto === null)}
          nameOf={nameOf}
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
  const t = useWords(measureWords);
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
        {due && <span>{t('due', { day: dayName(due) })}</span>}
        {overdue && <span class="chip negative">{t('overdue')}</span>}
        <span>{desk === null ? t('countedAll') : t('countedDesk', { desk })}</span>
        <span>{causes.length === 0 ? t('noCauses') : t('countedCauses', { causes: causes.join(', ') })}</span>
      </p>
      <div class="row">
        <Field label={t('effective')}>
          <input
            type="date"
            value={effective ?? ''}
            disabled={!may}
            onChange={(event) => void change({ effective: event.currentTarget.value || null })}
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
                {t(one)}
              </option>
            ))}
          </select>
        </Field>
        {may && (
          <button type="button" class="no-print" aria-label={`${t('edit')}: ${title}`} onClick={onEdit}>
            {t('edit')}
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
