import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { InboxClass } from '../../../store/records.ts';
import type { Inbox } from '../../inbox/schema.ts';
import { type ApiError, get } from '../api.ts';
import { useChanges, useRounds } from '../load.ts';

/** Which part of the inbox somebody looks at; null: all that is to be reviewed. */
export interface Filter {
  readonly class: InboxClass | null;
  readonly desk: string | null;
  /** Not reviewed by anybody, or not by me. */
  readonly by: 'anybody' | 'me';
}

const STORED = 'ca.inbox';
const NOTHING: Filter = { class: null, desk: null, by: 'anybody' };
/** What the inbox can be narrowed to. */
export const CLASSES = ['negative', 'hint', 'sample', 'answered'] as const satisfies InboxClass[];

/** The filter that was used last in this browser. */
export function storedFilter(): Filter {
  try {
    const { class: kind, desk, by } = JSON.parse(localStorage.getItem(STORED) ?? '{}');
    return {
      class: CLASSES.find((one) => one === kind) ?? null,
      desk: typeof desk === 'string' && desk !== '' ? desk : null,
      by: by === 'me' ? 'me' : 'anybody',
    };
  } catch {
    // Something else wrote there: as if nothing were.
    return NOTHING;
  }
}

export function storeFilter(filter: Filter): void {
  localStorage.setItem(STORED, JSON.stringify(filter));
}

/** The address of a part of the inbox. */
export function inboxPath({ class: kind, desk, by }: Filter, after: string | null = null): string {
  const query = new URLSearchParams({ by });
  if (kind !== null) query.set('class', kind);
  if (desk !== null) query.set('desk', desk);
  if (after !== null) query.set('after', after);
  return `/api/inbox?${query}`;
}

export interface Queue {
  /** null: nothing has come yet. */
  readonly inbox: Inbox | null;
  readonly error: ApiError | null;
  /** Loads one page more. */
  readonly more: () => void;
  readonly reload: () => void;
}

const PAGES = 'ca.inbox.pages';

/** How many pages of which part were shown last in this tab: a contact of the third one goes along the third one. */
function storedPages(): { key: string; pages: number } {
  const [pages, key] = (sessionStorage.getItem(PAGES) ?? '').split(' ');
  return { key: key ?? '', pages: Number(pages) || 1 };
}

/** The order that was loaded last: what is opened out of the inbox may be gone from it a moment later. */
let lastOrder: readonly string[] = [];
export const lastOrderShown = (): readonly string[] => lastOrder;

/** The inbox as it is now, as many pages of it as were asked for. */
export function useQueue(filter: Filter): Queue {
  const key = inboxPath(filter);
  const [asked, ask] = useState(storedPages);
  const pages = asked.key === key ? asked.pages : 1;
  const { round, reload, hear, byItself } = useRounds();
  const [state, set] = useState<{ key: string; inbox: Inbox | null; error: ApiError | null }>({
    ...{ key, inbox: null, error: null },
  });
  useChanges(hear);
  const wanted = useRef(filter);
  wanted.current = filter;
  // `key` stands for the filter; `round` is there to load once more.
  useEffect(() => {
    const over = new AbortController();
    loadPages(wanted.current, pages, over.signal, byItself()).then(
      (inbox) => {
        if (over.signal.aborted) return;
        lastOrder = inbox.items.map(({ id }) => id);
        set({ key, inbox, error: null });
      },
      (error: ApiError) => {
        if (!over.signal.aborted) set((before) => ({ ...before, error }));
      },
    );
    return () => over.abort();
  }, [key, pages, round]);
  const more = useCallback(() => {
    sessionStorage.setItem(PAGES, `${pages + 1} ${key}`);
    ask({ key, pages: pages + 1 });
  }, [key, pages]);
  return { inbox: state.key === key ? state.inbox : null, error: state.error, more, reload };
}

async function loadPages(
  filter: Filter,
  pages: number,
  signal: AbortSignal,
  byItself: boolean,
): Promise<Inbox> {
  let inbox = await get<Inbox>(inboxPath(filter), signal, byItself);
  for (let page = 1; page < pages && inbox.next !== null; page++) {
    const { items, next } = await get<Inbox>(inboxPath(filter, inbox.next), signal, byItself);
    inbox = { left: inbox.left, items: [...inbox.items, ...items], next };
  }
  return inbox;
}

/** What is left in the part of the inbox that is looked at. */
export function leftIn({ left }: Pick<Inbox, 'left'>, { class: kind }: Filter): number {
  // What was answered is asked for by name: it has been reviewed.
  return kind === null ? left.negative + left.hint + left.sample : left[kind];
}

/**
 * The order to go along from a contact: that of the inbox now, or, where the contact has left it, the one in which it stood
 * (`before`) without all that has left it, too.
 */
export function orderAround(
  id: string,
  now: readonly string[],
  before: readonly string[],
): readonly string[] {
  if (now.includes(id)) return now;
  return before.filter((other) => other === id || now.includes(other));
}

/**
 * Who is before and after a contact in the order of the inbox. `whole`: there are no more pages, and after the last one it
 * begins anew. null: nobody, or nobody knows where the contact stood.
 */
export function neighbours(
  ids: readonly string[],
  id: string,
  whole: boolean,
): { before: string | null; after: string | null } {
  const place = ids.indexOf(id);
  if (place === -1) return { before: null, after: null };
  const again = whole ? ids.find((other) => other !== id) : undefined;
  return { before: ids[place - 1] ?? null, after: ids[place + 1] ?? again ?? null };
}
