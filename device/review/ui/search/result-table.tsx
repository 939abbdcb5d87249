import type { SearchItem } from '../../search/schema.ts';
import { useMay } from '../me.ts';
import { TagChip } from '../parts/tag.tsx';
import { clockTime, duration, fullTime, shortDay, useWords } from '../words.ts';
import { searchWords } from './words.ts';

/** Contacts in a list, each a link to its page; to be selected where `onSelect` is given. */
export function ResultTable({
  items,
  selected,
  onSelect,
}: {
  items: readonly SearchItem[];
  selected: ReadonlySet<string>;
  onSelect: ((ids: ReadonlySet<string>) => void) | null;
}) {
  const t = useWords(searchWords);
  const people = useMay()('staff:read');
  const all = items.length > 0 && items.every(({ id }) => selected.has(id));
  const toggle = (id: string) => {
    const now = new Set(selected);
    if (!now.delete(id)) now.add(id);
    onSelect?.(now);
  };
  return (
    <div class="scroll card search-results">
      <table>
        <caption class="unseen">{t('results')}</caption>
        <thead>
          <tr>
            {onSelect && (
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label={t('selectAll')}
                  checked={all}
                  onChange={() => onSelect(new Set(all ? [] : items.map(({ id }) => id)))}
                />
              </th>
            )}
            <th scope="col">{t('time')}</th>
            <th scope="col">{t('desk')}</th>
            <th scope="col" class="number">
              {t('duration')}
            </th>
            <th scope="col">{t('tag')}</th>
            {people && <th scope="col">{t('receptionist')}</th>}
            <th scope="col">{t('reviewed')}</th>
            <th scope="col">{t('clip')}</th>
            <th scope="col">{t('comment')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              {onSelect && (
                <td>
                  <input
                    type="checkbox"
                    aria-label={t('select', { time: fullTime(item.startedAt) })}
                    checked={selected.has(item.id)}
                    onChange={() => toggle(item.id)}
                  />
                </td>
              )}
              <td class="search-time">
                <a href={`/contacts/${item.id}`}>
                  {shortDay(item.startedAt)} {clockTime(item.startedAt)}
                </a>
              </td>
              <td>{item.desk}</td>
              <td class="number">{item.duration === null ? t('open') : duration(item.duration)}</td>
              <td>
                <TagChip tag={item.tag} />
              </td>
              {people && <td>{item.receptionist ?? '–'}</td>}
              <td>{t(item.reviewed ? 'yes' : 'no')}</td>
              <td>{t(item.clip ? 'yes' : 'no')}</td>
              <td class="search-comment">{item.comment}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
