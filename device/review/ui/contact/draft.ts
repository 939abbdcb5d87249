import type { Review, ReviewBody } from '../../inbox/schema.ts';

/** A review as it is being written; `revision`: of the review that it began with. */
export type Draft = ReviewBody;

const STORED = 'ca.drafts';
type Drafts = { account: string; of: Record<string, Draft> };

/** What the account had written; nobody else's is ever shown, in a browser that several people use. */
function stored(account: string): Drafts {
  try {
    const drafts = JSON.parse(sessionStorage.getItem(STORED) ?? 'null') as Drafts | null;
    if (drafts?.account === account) return drafts;
  } catch {
    // Not ours: as if nothing were there.
  }
  return { account, of: {} };
}

/** What was written of a contact, and not yet saved; null: nothing. It lives as long as the tab. */
export function draftOf(account: string, contactId: string): Draft | null {
  return stored(account).of[contactId] ?? null;
}

/** null: there is nothing to be kept any more. */
export function keepDraft(account: string, contactId: string, draft: Draft | null): void {
  const drafts = stored(account);
  if (draft) drafts.of[contactId] = draft;
  else delete drafts.of[contactId];
  sessionStorage.setItem(STORED, JSON.stringify(drafts));
}

/** What a review says, to be changed. */
export function draftFrom(review: Review | null): Draft {
  if (!review) return { tag: null, causes: [], comment: '', revision: 0 };
  const { tag, causes, comment, revision } = review;
  return { tag, causes: [...causes], comment, revision };
}
