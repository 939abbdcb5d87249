import { useState } from 'preact/hooks';
import type { SearchAnswer, SearchChoices } from '../../search/schema.ts';
import { AddToCase } from '../cases/add-to-case.tsx';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { useMay } from '../me.ts';
import { useMore } from '../more.ts';
import type { PageProps } from '../pages.ts';
import { Notice } from '../parts/notice.tsx';
import { go, useAddress } from '../router.ts';
import { calendarDay, useWords } from '../words.ts';
import { SearchForm } from './form.tsx';
import { apiQuery } from './query.ts';
import { ResultTable } from './result-table.tsx';
import { searchWords } from './words.ts';
import './search.css';

/** Finds contacts by what they are, by what was said of them, and by what somebody remembers. The address says what was asked. */
export default function Search(_props: PageProps) {
  const t = useWords(searchWords);
  const may = useMay();
  const [today] = useState(calendarDay);
  const asked = useAddress().searchParams;
  const { data: choices } = useLoaded<SearchChoices>('/api/search/choices');
  const path = `/api/search?${apiQuery(asked, today, choices?.desks ?? [])}`;
  const { data, error } = useLoaded<SearchAnswer>(path);
  const { items, more, ...further } = useMore(
    path,
    data,
    (page) => page.items,
    ({ id }) => id,
  );
  const wrong = error ?? further.error;
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [adding, setAdding] = useState(false);
  // What is no longer shown is no longer selected.
  const chosen = items.map(({ id }) => id).filter((id) => selected.has(id));
  return (
    <>
      <h1>{t('search')}</h1>
      <SearchForm
        asked={asked}
        choices={choices}
        today={today}
        onSearch={(query) => go(`/search${query.size > 0 ? `?${query}` : ''}`)}
      />
      {wrong && <Notice kind="error">{t('failed', { why: reasonOf(wrong) })}</Notice>}
      <div class="row search-bar">
        <p role="status">
          {data && (items.length === 0 ? t('nothing') : t(more ? 'foundMore' : 'found', { n: items.length }))}
        </p>
        {may('cases:write') && items.length > 0 && (
          <button type="button" disabled={chosen.length === 0} onClick={() => setAdding(true)}>
            {t('toCase', { n: chosen.length })}
          </button>
        )}
      </div>
      {items.length > 0 && (
        <ResultTable items={items} selected={selected} onSelect={may('cases:write') ? select : null} />
      )}
      {more && (
        <p class="search-more">
          <button type="button" onClick={more}>
            {t('more')}
          </button>
        </p>
      )}
      {adding && (
        <AddToCase
          contactId={chosen}
          onClose={() => {
            setAdding(false);
            select(new Set());
          }}
        />
      )}
    </>
  );
}
