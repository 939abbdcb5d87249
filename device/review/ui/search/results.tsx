import { useEffect, useState } from 'preact/hooks';
import type { SearchAnswer, SearchItem } from '../../search/schema.ts';
import { get } from '../api.ts';
import { reasonOf } from '../error-words.ts';

export interface Results {
  readonly items: readonly SearchItem[];
  /** There are more, which `more` loads. */
  readonly more: (() => void) | null;
  readonly error: string | null;
  readonly loading: boolean;
}

/** What the API finds; page after page is added at the end. */
export function useResults(query: string): Results {
  const [state, set] = useState<{
    query: string;
    items: SearchItem[];
    next: string | null;
    error: string | null;
  }>();
  const [after, setAfter] = useState<string | null>(null);
  useEffect(() => setAfter(null), [query]);
  useEffect(() => {
    const over = new AbortController();
    const path = `/api/search?${query}${after === null ? '' : `&after=${encodeURIComponent(after)}`}`;
    get<SearchAnswer>(path, over.signal).then(
      ({ items, next }) =>
        over.signal.aborted ||
        set((before) => {
          const known = after !== null && before?.query === query ? before.items : [];
          return { query, items: [...known, ...items], next, error: null };
        }),
      (error: unknown) =>
        over.signal.aborted || set({ query, items: [], next: null, error: reasonOf(error) }),
    );
    return () => over.abort();
  }, [query, after]);
  const shown = state?.query === query ? state : undefined;
  const next = shown?.next ?? null;
  return {
    items: shown?.items ?? [],
    more: next === null ? null : () => setAfter(next),
    error: shown?.error ?? null,
    loading: shown === undefined,
  };
}
