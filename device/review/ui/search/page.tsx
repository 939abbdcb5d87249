import { useMemo, useState } from 'preact/hooks';
import type { SearchChoices } from '../../search/schema.ts';
import { AddToCase } from '../cases/add-to-case.tsx';
import { useLoaded } from '../load.ts';
import { useMay, useMe } from '../me.ts';
import type { PageProps } from '../pages.ts';
import { Notice } from '../parts/notice.tsx';
import { go, useAddress } from '../router.ts';
import { useWords } from '../words.ts';
import { SearchForm } from './form.tsx';
import { apiQuery } from './query.ts';
import { ResultTable } from './result-table.tsx';
import { useResults } from './results.tsx';
import { searchWords } from './words.ts';
import './search.css';

/** Finds contacts by what they are, by what was said of them, and by what somebody remembers. The address says what was asked. */
export default function Search(_props: PageProps) {
  const t = useWords(searchWords);
  const may = useMay();
  const today = useToday();
  const asked = useAddress().searchParams;
  const { data: choices } = useLoaded<SearchChoices>('/api/search/choices');
  const results = useResults(apiQuery(asked, today, choices?.desks ?? []));
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [adding, setAdding] = useState(false);
  const { items } = results;
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
      {results.error && <Notice kind="error">{t('failed', { why: results.error })}</Notice>}
      <div class="row search-bar">
        <p role="status">
          {results.loading || results.error
            ? ''
            : items.length === 0
              ? t('nothing')
              : t(results.more ? 'foundMore' : 'found', { n: items.length })}
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
      {results.more && (
        <p class="search-more">
          <button type="button" onClick={results.more}>
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

/** `2026-11-22`: the day at the clinic when the page was opened. */
function useToday(): string {
  const { timeZone } = useMe();
  // Swedes write their dates as ISO 8601 does.
  return useMemo(
    () => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(Date.now())),
    [timeZone],
  );
}
