import { useState } from 'preact/hooks';
import type { Difference, Figures, MeasureEffect } from '../../reports/schema.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { dayName, number, percent, useWords } from '../words.ts';
import { effectWords } from './effect-words.ts';
import { Numbers } from './numbers.tsx';
import { periodName } from './picker.tsx';
import { reportWords } from './words.ts';

const WEEKS = [1, 2, 4, 8, 12, 26] as const;

/** What was before a measure took effect, and what is after. */
export function Effect({ id }: { id: string }) {
  const t = useWords(effectWords);
  const r = useWords(reportWords);
  const [weeks, choose] = useState(4);
  const { data, error, current } = useLoaded<MeasureEffect>(`/api/reports/measures/${id}?weeks=${weeks}`, {
    keep: true,
  });
  if (error) return <Notice kind="error">{reasonOf(error)}</Notice>;
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
    <div class={`reports-effect${current ? '' : ' reports-old'}`} role="status">
      <span class="no-print">
        <Field label={t('weeksField')}>
          <select value={weeks} onChange={(event) => choose(Number(event.currentTarget.value))}>
            {WEEKS.map((n) => (
              <option key={n} value={n}>
                {t('weeks', { n })}
              </option>
            ))}
          </select>
        </Field>
      </span>
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
  const t = useWords(effectWords);
  if (!difference || difference.verdict === 'too-few') return <>{t('tooFew')}</>;
  const { verdict, low, high, p } = difference;
  const points = (value: number) =>
    number(value * 100, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  return (
    <>
      <strong>{t(verdict)}</strong>
      <br />
      {t('interval', { low: points(low), high: points(high), p: number(p, { maximumSignificantDigits: 2 }) })}
    </>
  );
}
