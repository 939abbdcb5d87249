import { Field } from '../parts/field.tsx';
import { useWords } from '../words.ts';
import { around, moved, type Shown, type Unit } from './period.ts';
import { dayName } from './series.tsx';
import { reportWords } from './words.ts';

const UNITS = ['day', 'week', 'month', 'own'] as const satisfies readonly Unit[];

/** What the report is of. */
export function Picker({
  shown,
  desks,
  onChange,
}: {
  shown: Shown;
  desks: readonly string[];
  onChange: (shown: Shown) => void;
}) {
  const t = useWords(reportWords);
  const { unit, from, to } = shown;
  const known = shown.desk && !desks.includes(shown.desk) ? [...desks, shown.desk] : desks;
  const pickDay = (edge: 'from' | 'to', day: string) => {
    if (day === '') return;
    if (unit !== 'own') return onChange({ ...shown, ...around(unit, day) });
    const range = { from, to, [edge]: day };
    onChange({ ...shown, ...(range.from <= range.to ? range : { from: day, to: day }) });
  };
  return (
    <div class="card reports-picker no-print">
      <fieldset class="row">
        <legend class="unseen">{t('period')}</legend>
        {UNITS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === unit}
            onClick={() =>
              onChange({ ...shown, unit: one, ...(one === 'own' ? { from, to } : around(one, to)) })
            }
          >
            {t(one)}
          </button>
        ))}
      </fieldset>
      <div class="row">
        <button type="button" onClick={() => onChange(moved(shown, -1))}>
          {`← ${t('earlier')}`}
        </button>
        <button type="button" onClick={() => onChange(moved(shown, 1))}>
          {`${t('later')} →`}
        </button>
      </div>
      <Field label={unit === 'own' ? t('from') : t(unit)}>
        <input type="date" value={from} onChange={(event) => pickDay('from', event.currentTarget.value)} />
      </Field>
      {unit === 'own' && (
        <Field label={t('to')}>
          <input type="date" value={to} onChange={(event) => pickDay('to', event.currentTarget.value)} />
        </Field>
      )}
      <Field label={t('desk')}>
        <select
          value={shown.desk}
          onChange={(event) => onChange({ ...shown, desk: event.currentTarget.value })}
        >
          <option value="">{t('allDesks')}</option>
          {known.map((desk) => (
            <option key={desk} value={desk}>
              {desk}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t('compareWith')}>
        <select
          value={shown.compare}
          onChange={(event) => onChange({ ...shown, compare: event.currentTarget.value as Shown['compare'] })}
        >
          <option value="">{t('nothing')}</option>
          <option value="previous">{t('previous')}</option>
          <option value="year">{t('year')}</option>
        </select>
      </Field>
      <label class="row">
        <input
          type="checkbox"
          checked={shown.leaveOut}
          onChange={(event) => onChange({ ...shown, leaveOut: event.currentTarget.checked })}
        />
        {t('leaveOut')}
      </label>
    </div>
  );
}

export function periodName({ from, to }: { from: string; to: string }): string {
  return from === to ? dayName(from) : `${dayName(from)} – ${dayName(to)}`;
}
