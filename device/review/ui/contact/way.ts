import { neighbours, storedFilter, useQueue } from '../inbox/queue.ts';
import { SELECTED } from '../inbox/selected.ts';
import { go } from '../router.ts';

/** Contacts that were done since the page was loaded: the inbox that was loaded before still has them. */
const done = new Set<string>();

/** Where one can go from a contact. */
export interface Way {
  /** What is left in the inbox; null: not known yet. */
  readonly left: number | null;
  /** Ids. In the order of the inbox where the contact is in it, else at its desk; null: there is none. */
  readonly before: string | null;
  readonly after: string | null;
  /** It was opened out of the inbox: who is done with it goes on to the next one. */
  readonly inInbox: boolean;
}

/** `desk`: the contacts before and after it at the same desk. */
export function useWay(id: string, desk: { previous: string | null; next: string | null } | null): Way {
  const { inbox } = useQueue(storedFilter());
  const items = (inbox?.items ?? []).filter((item) => item.id === id || !done.has(item.id));
  const ids = items.map((item) => item.id);
  const inInbox = ids.includes(id) || sessionStorage.getItem(SELECTED) === id;
  const { before, after } = neighbours(ids, id);
  return {
    left: inbox && inbox.left.negative + inbox.left.hint + inbox.left.sample,
    before: inInbox ? before : (desk?.previous ?? null),
    after: inInbox ? after : (desk?.next ?? null),
    inInbox,
  };
}

/** To another contact, in place of this one: the way back leads to the list. */
export function goToContact(id: string): void {
  sessionStorage.setItem(SELECTED, id);
  go(`/contacts/${id}`, { replace: true });
}

export const markDone = (id: string) => void done.add(id);
export const markUndone = (id: string) => void done.delete(id);

/** Back to the list that one came from. */
export function goBack(): void {
  const first = performance.getEntriesByType('navigation')[0]?.name;
  // Somebody who began here has nothing to go back to.
  if (!first || new URL(first).pathname.startsWith('/contacts/')) go('/inbox');
  else history.back();
}
