import type { ContactRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import type { Who } from '../access/who.ts';
import { needsReason } from '../clips/watching.ts';
import { unknownContact } from '../refusal.ts';
import { isBlind } from './blind.ts';
import type { ContactPage, Review } from './schema.ts';

/** A contact with all that is known of it, as far as the asker may know. `now`: Unix ms. @throws Refusal unknown-contact */
export function contactPage(store: Store, id: string, who: Who, now: number): ContactPage {
  const whole = store.contacts.byId(id);
  if (!whole) throw unknownContact();
  const { reviews } = store;
  const blind = isBlind(store, id, who);
  const scored = whole.hint !== null || whole.scores.length > 0;
  // No model's word beside a receptionist's name, not even one after the other (AI Act Art. 5(1)(f)).
  const named = !scored && who.permissions.has('staff:read');
  const contact = { ...withoutFile(whole), ...(named ? {} : { receptionist: null }) };
  const ready = contact.clip?.state === 'ready';
  return {
    contact: blind ? { ...contact, ...UNSEEN } : contact,
    timelines: blind ? [] : store.contacts.timelines(id),
    review: blind ? unseen(reviewOf(store, id)) : reviewOf(store, id),
    reviews: reviews.marks(id).map(({ account, at }) => ({ account, at })),
    class: reviews.classOf(id),
    blind,
    held: store.cases.holdOf(id),
    clip: {
      state: ready ? 'ready' : 'none',
      needsReason: ready && needsReason(store, whole, who.accountId, now),
    },
    // What somebody complained about would be no secret any more.
    openings: who.permissions.has('clips:read') && !blind ? store.cases.openings(id) : [],
    ...reviews.queue.neighbours(id),
  };
}

/** null: nobody has reviewed it. */
export function reviewOf({ reviews }: Store, contactId: string): Review | null {
  const review = reviews.of(contactId);
  return review && { ...review, measureIds: reviews.measures.ofContact(contactId) };
}

/** What the own eye has to find out. */
const UNSEEN = {
  presses: [],
  ...{ tag: 'unrated', tagSource: null, rating: null, top: false, hint: null, scores: [] },
} satisfies Partial<ContactRecord>;

/** Of what somebody else has said: that they have, and the revision that a review of one's own has to name. */
function unseen(review: Review | null): Review | null {
  return review && { ...review, tag: null, causes: [], comment: '', measureIds: [], answer: null };
}

/** Where a clip lies is the device's own business. */
function withoutFile(contact: ContactRecord): ContactPage['contact'] {
  if (!contact.clip) return { ...contact, clip: null };
  const { file: _, ...clip } = contact.clip;
  return { ...contact, clip };
}
