import type { Store } from '../../store/store.ts';
import type { Who } from '../access/who.ts';

/**
 * Whether an account is not shown what press and model say: chance has chosen the contact, and the account has not given
 * its own opinion yet. Who gives none may look.
 */
export function isBlind({ reviews }: Store, contactId: string, who: Who): boolean {
  return (
    who.permissions.has('reviews:write') &&
    reviews.classOf(contactId) === 'sample' &&
    !reviews.hasReviewed(contactId, who.accountId)
  );
}
