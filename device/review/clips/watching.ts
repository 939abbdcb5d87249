import type { ClipRecord, ContactRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import type { Who } from '../access/who.ts';
import { Refusal, unknownContact } from '../refusal.ts';

/** A clip that can be read. */
export interface ReadyClip extends ClipRecord {
  readonly file: string;
}

/**
 * Whether the account has to say why it wants to see the clip. Where a patient was dissatisfied that is the reason, and what
 * the inbox asks this account to review needs no other, until it is done. Of the rest nobody complained, and whoever was
 * at the desk is not to be watched for the asking: a reviewer's own tag opens nothing. `now`: Unix milliseconds.
 */
export function needsReason(
  { reviews, cases }: Store,
  contact: { readonly id: string },
  accountId: string,
  now: number,
): boolean {
  const of = reviews.classOf(contact.id);
  if (of === 'negative') return false;
  if (of !== null && !reviews.hasReviewed(contact.id, accountId)) return false;
  return !cases.opening(accountId, contact.id, now);
}

/** The contact and its clip, which there is. @throws Refusal unknown-contact, no-clip */
export function readyClip(store: Store, id: string): { contact: ContactRecord; clip: ReadyClip } {
  const contact = store.contacts.byId(id);
  if (!contact) throw unknownContact();
  const { clip } = contact;
  if (clip?.state !== 'ready' || clip.file === null)
    throw new Refusal(404, 'no-clip', 'This contact has no clip.');
  return { contact, clip: { ...clip, file: clip.file } };
}

/** The same for somebody who may see it now. @throws Refusal also reason-needed */
export function watchable(
  store: Store,
  id: string,
  who: Who,
  now: number,
): { contact: ContactRecord; clip: ReadyClip } {
  const found = readyClip(store, id);
  if (needsReason(store, found.contact, who.accountId, now))
    throw new Refusal(403, 'reason-needed', 'Say first why this clip is to be opened: nobody complained.');
  return found;
}
