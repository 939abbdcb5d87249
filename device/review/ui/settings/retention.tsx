import type { DeviceSettings } from '../../settings/settings.ts';
import { Field } from '../parts/field.tsx';
import { useWords } from '../words.ts';
import { DAY, GB } from './draft.ts';
import { words } from './words.ts';

const KEEP = ['negative', 'rated', 'all', 'none'] as const;

export interface Part {
  readonly draft: DeviceSettings;
  readonly set: (change: Partial<DeviceSettings>) => void;
  readonly readOnly: boolean;
}

/** How long, how much and which clips are kept. */
export function Retention({ draft, set, readOnly }: Part) {
  const t = useWords(words);
  const number = (event: Event) => Number((event.currentTarget as HTMLInputElement).value);
  return (
    <fieldset class="card settings-part" disabled={readOnly}>
      <legend>{t('keeping')}</legend>
      <Field label={t('keep')}>
        <select
          name="keep"
          value={draft.keep}
          onChange={({ currentTarget }) => set({ keep: currentTarget.value as DeviceSettings['keep'] })}
        >
          {KEEP.map((keep) => (
            <option key={keep} value={keep}>
              {t(`keep.${keep}`)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t('sample')} hint={t('sampleHint')}>
        <input
          {...{ name: 'sample', type: 'number', min: 0, max: 100, step: 'any', required: true }}
          value={Math.round(draft.sample * 1e4) / 100}
          onChange={(event) => set({ sample: Math.round(number(event) * 100) / 1e4 })}
        />
      </Field>
      <Field label={t('age')}>
        <input
          {...{ name: 'age', type: 'number', min: 1, max: 365, step: 1, required: true }}
          value={draft.age / DAY}
          onChange={(event) => set({ age: Math.round(number(event)) * DAY })}
        />
      </Field>
      <Field label={t('max')} hint={t('maxHint')}>
        <input
          {...{ name: 'max', type: 'number', min: 0.1, max: 100_000, step: 'any', required: true }}
          value={draft.max / GB}
          onChange={(event) => set({ max: Math.round(number(event) * 1_000) * 1e6 })}
        />
      </Field>
    </fieldset>
  );
}
