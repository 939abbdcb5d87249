import { useState } from 'preact/hooks';
import { type ApiError, get } from './api.ts';

export interface More<T> {
  readonly items: readonly T[];
  readonly error: ApiError | null;
  /** Loads the next page; null: there is none. */
  readonly more: (() => void) | null;
}

/**
 * The `first` page of the list at `path`, which may be loaded anew at any time, and those that were asked for after it.
 * `keyOf`: what tells one item from another.
 */
export function useMore<P extends { readonly next: string | null }, T>(
  path: string,
  first: P | null,
  itemsOf: (page: P) => readonly T[],
  keyOf: (item: T) => string | number,
): More<T> {
  const [state, set] = useState<{
    path: string;
    items: readonly T[];
    next: string | null;
    error: ApiError | null;
  }>();
  const asked = state?.path === path ? state : undefined;
  const items = joined(first ? itemsOf(first) : [], asked?.items ?? [], keyOf);
  const next = asked ? asked.next : (first?.next ?? null);
  const more = () => {
    get<P>(`${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(next ?? '')}`).then(
      (page) => set({ path, items: [...items, ...itemsOf(page)], next: page.next, error: null }),
      (error: ApiError) => set({ path, items, next, error }),
    );
  };
  return { items, error: asked?.error ?? null, more: next === null ? null : more };
}

/** The first page and what was shown before it was loaded anew: what has come meanwhile has pushed its end to where the rest begins. */
export function joined<T>(
  first: readonly T[],
  before: readonly T[],
  keyOf: (item: T) => string | number,
): readonly T[] {
  const known = new Set(first.map(keyOf));
  return [...first, ...before.filter((item) => !known.has(keyOf(item)))];
}
