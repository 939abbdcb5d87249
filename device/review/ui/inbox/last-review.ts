import { useEffect, useState } from 'preact/hooks';
import { remove } from '../api.ts';

/** How long a review can be taken back by one key, ms. */
const FOR = 10_000;

/** The review that was done last, as long as it can be taken back. */
export interface LastReview {
  readonly contactId: string;
  /** Which contact, for people: time and desk. */
  readonly which: string;
  /** What press and models had said of a contact that was judged without them. */
  readonly revealed: string | null;
}

let last: LastReview | null = null;
let over: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** Remembers it for a while; null: there is nothing to take back any more. */
export function setLastReview(review: LastReview | null): void {
  last = review;
  clearTimeout(over);
  if (review) over = setTimeout(() => setLastReview(null), FOR);
  for (const listener of listeners) listener();
}

export function useLastReview(): LastReview | null {
  const [review, set] = useState(last);
  useEffect(() => {
    const listener = () => set(last);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return review;
}

/** Puts the contact back into the inbox. Returns its id; null: there is nothing to take back. */
export async function undoLastReview(): Promise<string | null> {
  const review = last;
  if (!review) return null;
  await remove(`/api/contacts/${review.contactId}/review/done`);
  setLastReview(null);
  return review.contactId;
}
