import type { Inbox } from '../../inbox/schema.ts';
import { number, useWords } from '../words.ts';
import { CLASSES, type Filter, leftIn } from './queue.ts';
import { inboxWords } from './words.ts';

/** Which part of the inbox is shown. `desks`: those that are known. */
export function Filters({
  filter,
  inbox,
  desks,
  onChange,
}: {
  filter: Filter;
  inbox: Inbox | null;
  desks: readonly string[];
  onChange: (filter: Filter) => void;
}) {
  const t = useWords(inboxWords);
  return (
    <fieldset class="inbox-filters">
      <legend class="unseen">{t('filters')}</legend>
      <div class="inbox-classes">
        {[null, ...CLASSES].map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={filter.class === kind}
            onClick={() => onChange({ ...filter, class: kind })}
          >
            {t(kind ?? 'all')}
            {inbox && <span class="inbox-count">{number(leftIn(inbox, { ...filter, class: kind }))}</span>}
          </button>
        ))}
      </div>
      <label>
        {t('desk')}{' '}
        <select
          value={filter.desk ?? ''}
          onChange={(event) => onChange({ ...filter, desk: event.currentTarget.value || null })}
        >
          <option value="">{t('everyDesk')}</option>
          {desks.map((desk) => (
            <option key={desk} value={desk}>
              {desk}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('by')}{' '}
        <select
          value={filter.by}
          onChange={(event) =>
            onChange({ ...filter, by: event.currentTarget.value === 'me' ? 'me' : 'anybody' })
          }
        >
          <option value="anybody">{t('byAnybody')}</option>
          <option value="me">{t('byMe')}</option>
        </select>
      </label>
    </fieldset>
  );
}
