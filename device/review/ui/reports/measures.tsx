import { useState } from 'preact/hooks';
import type { Measures as Answer, Measure } from '../../inbox/schema.ts';
import type { Difference, Figures, MeasureEffect } from '../../reports/schema.ts';
import { type ApiError, patch } from '../api.ts';
import { useLoaded } from '../load.ts';
import { useMay } from '../me.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { number, percent, useWords } from '../words.ts';
import { measureWords } from './measure-words.ts';
import { Numbers, Part } from './numbers.tsx';
import { periodName } from './picker.tsx';
import { dayName } from './series.tsx';
import { reportWords } from './words.ts';

/** What is done about causes, and what came of it. */
export function Measures() {
  const t = useWords(measureWords);
  const { data, error, reload } = useLoaded<Answer>('/api/measures');
  return (
    <Part title={t('measures')} caption={t('notProof')}>
      {error && <Notice kind="error">{error.message}</Notice>}
      {data?.measures.length === 0 && <p>{t('noMeasures')}</p>}
      {data?.measures.map((measure) => (
        <One key={measure.id} measure={measure} onChange={reload} />
      ))}
    </Part>
  );
}

function One({ measure, onChange }: { measure: Measure; onChange: () => void }) {
  const t = useWords(measureWords);
  const may = useMay();
  const [shown, show] = useState(false);
  const [said, say] = useState<{ kind: 'done' | 'error'; text: string } | null>(null);
  const { id, title, owner, due, effective, state } = measure;
  const change = async (body: Partial<Pick<Measure, 'effective' | 'state'>>) => {
    try {
      await patch(`/api/measures/${id}`, body);
      say({ kind: 'done', text: t('saved') });
      onChange();
    } catch (error) {
      say({ kind: 'error', text: t('failed', { why: (error as ApiError).message }) });
    }
  };
  return (
    <article class="reports-measure">
      <h3>{title}</h3>
      <div class="row">
        <span class="muted">
          {t('owner', { name: owner })}
          {due && `, ${t('due', { day: dayName(due) })}`}
        </span>
        <Field label={t('effective')}>
          <input
            type="date"
            value={effective ?? ''}
            disabled={!may('reports:write')}
            onChange={(event) => void change({ effective: event.currentTarget.value || null })}
          />
        </Field>
        <Field label={t('state')}>
          <select
            value={state}
            disabled={!may('reports:write')}
            onChange={(event) => void change({ state: event.currentTarget.value as Measure['state'] })}
          >
            {(['open', 'done', 'dropped'] as const).map((one) => (
              <option key={one} value={one}>
                {t(one)}
              </option>
            ))}
          </select>
        </Field>
        <button
          type="button"
          aria-expanded={shown}
          aria-label={`${t(shown ? 'hide' : 'show')}: ${title}`}
          onClick={() => show(!shown)}
        >
          {t(shown ? 'hide' : 'show')}
        </button>
      </div>
      {said && <Notice kind={said.kind}>{said.text}</Notice>}
      {shown && <Effect key={`${effective}`} id={id} />}
    </article>
  );
}

function Effect({ id }: { id: string }) {
  const t = useWords(measureWords);
  const r = useWords(reportWords);
  const { data, error } = useLoaded<MeasureEffect>(`/api/reports/measures/${id}`);
  if (error) return <Notice kind="error">{error.message}</Notice>;
  if (!data) return null;
  const { windows, before, after, annotations, others, causes } = data;
  if (!windows || !before || !after) return <p>{t('noEffect')}</p>;
  const share = (of: Figures, key: 'support' | 'dissatisfaction') => {
    const [index, k] = [of[key], key === 'support' ? of.top : of.negative];
    return index ? `${percent(index.value, 1)} (${r('of', { k, n: of.served })})` : '–';
  };
  const shareOf = ({ k, n }: { k: number; n: number }) =>
    n === 0 ? '–' : `${percent(k / n, 1)} (${r('of', { k, n })})`;
  const rows = [
    ...(['support', 'dissatisfaction'] as const).map((key) => [
      ...[r(key), share(before, key), share(after, key)],
      <Verdict key={key} difference={data[key]} />,
    ]),
    [r('served'), number(before.served), number(after.served), ''],
    ...(causes
      ? [
          [
            ...[t('causes'), shareOf(causes.before), shareOf(causes.after)],
            <Verdict key="causes" difference={causes.difference} />,
          ],
        ]
      : []),
  ];
  return (
    <div class="reports-effect" role="status">
      <p>{t('windows', { before: periodName(windows.before), after: periodName(windows.after) })}</p>
      <Numbers caption={t('measures')} head={['', t('was'), t('is'), t('difference')]} rows={rows} />
      {causes && <p class="muted">{t('causesNote')}</p>}
      {annotations.length > 0 && (
        <p class="notice warning">
          {t('special', { days: annotations.map(({ day, text }) => `${dayName(day)} (${text})`).join(', ') })}
        </p>
      )}
      {others.length > 0 && (
        <p class="notice warning">{t('others', { titles: others.map(({ title }) => title).join(', ') })}</p>
      )}
    </div>
  );
}

/** In words first, the numbers after them. */
function Verdict({ difference }: { difference: Difference | null }) {
  const t = useWords(measureWords);
  if (!difference || difference.verdict === 'too-few') return <>{t('tooFew')}</>;
  const { verdict, low, high, p } = difference;
  const points = (value: number) =>
    number(value * 100, { maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  return (
    <>
      <strong>{t(verdict)}</strong>
      <br />
      {t('interval', { low: points(low), high: points(high), p: number(p, { maximumSignificantDigits: 2 }) })}
    </>
  );
}
