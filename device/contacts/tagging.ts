import type { Contact, Press, Tag } from './model.ts';

/**
 * The press that counts sets the rating; the tag follows it unless a reviewer has spoken (reviewer > press > none).
 * No model's opinion comes in here.
 */
export function ratedBy(contact: Contact, press: Press): Contact {
  const rated = { ...contact, pressId: press.id, rating: press.rating, top: press.top };
  return contact.tagSource === 'reviewer' ? rated : { ...rated, tag: press.tag, tagSource: 'press' };
}

/** A reviewer's tag; the patient's rating stays as it was pressed. */
export function reviewedAs(contact: Contact, tag: Tag): Contact {
  return { ...contact, tag, tagSource: 'reviewer' };
}
