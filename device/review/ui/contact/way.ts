import { useEffect, useRef } from 'preact/hooks';
import type { Inbox } from '../../inbox/schema.ts';
import { lastOrderShown, leftIn, neighbours, orderAround, storedFilter, useQueue } from '../inbox/queue.ts';
import { INBOX, SELECTED } from '../inbox/selected.ts';
import { cameFrom, go } from '../router.ts';

/** Contacts that were done since the page was loaded: the inbox that was loaded before still has them. */
const done = new Set<string>();

/** Where one can go from a contact. */
export interface Way {
  /** What is left in the part of the inbox that was looked at; null: not known yet. */
  readonly left: number | null;
  /** Ids. In the order of the inbox where it was opened out of that, else at its desk; null: there is none. */
  readonly before: string | null;
  readonly after: string | null;
  /** It was opened out of the inbox: who is done with it goes on to the next one. */
  readonly inInbox: boolean;
}

/** `desk`: the contacts before and after it at the same desk. */
export function useWay(id: string, desk: { previous: string | null; next: string | null } | null): Way {
  const filter = storedFilter();
  const order = useRef(lastOrderShown());
  const { inbox, more } = useQueue(filter);
  const inInbox = cameFrom() === INBOX;
  if (inbox) order.current = orderAround(id, idsOf(inbox), order.current);
  const left = order.current.filter((other) => other === id || !done.has(other));
  const whole = inbox !== null && inbox.next === null;
  const { before, after } = neighbours(left, id, whole);
  // The last one of the pages that are known: the next page says who follows.
  const atEnd = inInbox && inbox !== null && !whole && left.at(-1) === id;
  useEffect(() => {
    if (atEnd) more();
  }, [atEnd, more]);
  return {
    left: inbox && leftIn(inbox, filter),
    before: inInbox ? before : (desk?.previous ?? null),
    after: inInbox ? after : (desk?.next ?? null),
    inInbox,
  };
}

const idsOf = ({ items }: Inbox) => items.map(({ id }) => id);

/** To another contact, in place of this one: the way back leads to the list that the first one was opened out of. */
export function goToContact(id: string): void {
  const from = cameFrom();
  // The inbox goes on where its last contact was.
  if (from === INBOX) sessionStorage.setItem(SELECTED, id);
  go(`/contacts/${id}`, { replace: true, from });
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
