import { useState } from 'preact/hooks';
import type { Causes, Measure } from '../../inbox/schema.ts';
import type { SearchChoices } from '../../search/schema.ts';
import { patch, post } from '../api.ts';
import { causeName, causeNames } from '../causes/name.ts';
import { useLoaded } from '../load.ts';
import { Field } from '../parts/field.tsx';
import { FormDialog } from '../parts/form-dialog.tsx';
import { useWords } from '../words.ts';
import { measureWords } from './words.ts';

/** What a measure is made of at first, where it comes from a contact. */
export type From = Pick<Measure, 'desk' | 'causes' | 'contactId'>;
const NOWHERE: From = { desk: null, causes: [], contactId: null };

/** Changes a measure, or makes one that comes `from` somewhere; its causes are chosen once, when it is made. */
export function MeasureDialog({
  measure = null,
  from = NOWHERE,
  onClose,
}: {
  measure?: Measure | null;
  from?: From;
  onClose: (saved: boolean) => void;
}) {
  const t = useWords(measureWords);
  const desks = useLoaded<SearchChoices>('/api/search/choices').data?.desks ?? [];
  const known = useLoaded<Causes>('/api/causes').data?.causes;
  const [desk, setDesk] = useState((measure ?? from).desk);
  const [causes, choose] = useState(from.causes);
  const toggle = (id: string) =>
    choose(causes.includes(id) ? causes.filter((one) => one !== id) : [...causes, id]);
  return (
    <FormDialog
      title={t(measure ? 'edit' : 'newMeasure')}
      does={t('save')}
      ask={({ title, owner, due }) => {
        const body = { title, owner, due: due || null, desk };
        return measure
          ? patch(`/api/measures/${measure.id}`, body)
          : post('/api/measures', { ...body, causes, contactId: from.contactId });
      }}
      onClose={onClose}
    >
      <Field label={t('titleField')}>
        <input name="title" required maxLength={200} defaultValue={measure?.title ?? ''} />
      </Field>
      <Field label={t('ownerField')}>
        <input name="owner" required maxLength={80} defaultValue={measure?.owner ?? ''} />
      </Field>
      <Field label={t('dueField')}>
        <input name="due" type="date" defaultValue={measure?.due ?? ''} />
      </Field>
      <Field label={t('desk')}>
        <select
          name="desk"
          value={desk ?? ''}
          onChange={(event) => setDesk(event.currentTarget.value || null)}
        >
          <option value="">{t('allDesks')}</option>
          {[...new Set(desk === null ? desks : [...desks, desk])].map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </Field>
      {!measure && (
        <details>
          <summary>
            {t('causesField')}
            {causes.length > 0 && `: ${causes.map(causeNames(known)).join(', ')}`}
          </summary>
          <ul>
            {known
              ?.filter(
                ({ id, retired, mergedInto }) => causes.includes(id) || (!retired && mergedInto === null),
              )
              .map((cause) => (
                <li key={cause.id}>
                  <label class="row">
                    <input
                      type="checkbox"
                      checked={causes.includes(cause.id)}
                      onChange={() => toggle(cause.id)}
                    />
                    {causeName(cause)}
                  </label>
                </li>
              ))}
          </ul>
        </details>
      )}
    </FormDialog>
  );
}
