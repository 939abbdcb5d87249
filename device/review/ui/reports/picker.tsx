import type { SearchChoices } from '../../search/schema.ts';
import { Field } from '../parts/field.tsx';
import { dayName, useWords } from '../words.ts';
import { around, moved, type Shown, type Unit } from './period.ts';
import { reportWords } from './words.ts';

/** What the day is that is chosen first. */
const FIRST = { day: 'day', week: 'ofWeek', month: 'ofMonth', own: 'from' } as const;
const UNITS = ['day', 'week', 'month', 'own'] as const satisfies readonly Unit[];

/** What the report is of. */
export function Picker({
  shown,
  choices: { desks, receptionists },
  today,
  onChange,
}: {
  shown: Shown;
  choices: SearchChoices;
  /** The clinic's day: what is to come is not reported. */
  today: string;
  onChange: (shown: Shown) => void;
}) {
  const t = useWords(reportWords);
  const { unit, from, to } = shown;
  const later = moved(shown, 1);
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
        <button type="button" disabled={later.from > today} onClick={() => onChange(later)}>
          {`${t('later')} →`}
        </button>
      </div>
      <Field label={t(FIRST[unit])}>
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
          onChange={(event) => onChange({ ...shown, desk: event.currentTarget.value, receptionist: '' })}
        >
          <option value="">{t('allDesks')}</option>
          <Known names={desks} chosen={shown.desk} />
        </select>
      </Field>
      <Field label={t('receptionist')}>
        <select
          value={shown.receptionist}
          onChange={(event) => onChange({ ...shown, receptionist: event.currentTarget.value, desk: '' })}
        >
          <option value="">{t('allTogether')}</option>
          <Known names={receptionists} chosen={shown.receptionist} />
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

/** What there is to choose; also what is chosen, if it is no longer there. */
function Known({ names, chosen }: { names: readonly string[]; chosen: string }) {
  const all = chosen === '' || names.includes(chosen) ? names : [...names, chosen];
  return (
    <>
      {all.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </>
  );
}

export function periodName({ from, to }: { from: string; to: string }): string {
  return from === to ? dayName(from) : `${dayName(from)} – ${dayName(to)}`;
}
