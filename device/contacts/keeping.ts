import type { Contact } from './model.ts';

/** Which contacts' clips are kept. */
export interface KeepPolicy {
  /** Those tagged negative; those with any tag; all; none at all. */
  readonly keep: 'negative' | 'rated' | 'all' | 'none';
  /** Share of the unrated contacts kept beside the negative or the rated ones, 0 to 1. */
  readonly sample: number;
}

/**
 * Whether the clip of a contact that no press changes any more is kept. A veto stands over every policy. Once a reviewer has
 * given a tag, the clip was of use, and nothing but its age or the room it takes ends it.
 */
export function keeps(
  { keep, sample }: KeepPolicy,
  contact: Pick<Contact, 'id' | 'tag' | 'tagSource' | 'veto'>,
): boolean {
  if (contact.veto || keep === 'none') return false;
  if (keep === 'all' || contact.tagSource === 'reviewer') return true;
  if (contact.tag === 'unrated') return sampled(contact.id, sample);
  return keep === 'rated' || contact.tag === 'negative';
}

/**
 * Whether a contact belongs to a random sample of `share`, 0 to 1. Chance lies in its id alone, so that a restart
 * and a replay choose the same contacts.
 */
export function sampled(id: string, share: number): boolean {
  return fnv1a(id) / 2 ** 32 < share;
}

/** FNV-1a with 32 bits over UTF-8 (IETF draft-eastlake-fnv). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
