import type { Store } from '../../store/store.ts';
import { ROLES } from '../access/permissions.ts';
import type { Who } from '../access/who.ts';

const REVIEWING = new Set(
  Object.entries(ROLES).flatMap(([role, may]) => (may.some((one) => one === 'reviews:write') ? [role] : [])),
);

/**
 * Whether an account is not shown what press and model say: chance has chosen the contact, and the account has not given
 * its own opinion yet. Whose role gives none may look; a token that was lent less than the role sees no more than that.
 */
export function isBlind({ reviews }: Store, contactId: string, who: Who): boolean {
  return REVIEWING.has(who.role) && reviews.hidesFrom(contactId, who.accountId);
}
