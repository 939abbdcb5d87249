import { BINS, binOf } from '../../contacts/statistics.ts';

/**
 * What is counted of the contacts of one day, at one desk, of one receptionist: a list of numbers with fixed places. First
 * five for each hour of the clinic's clock, then the tags by their source, then the durations of those who were served.
 */
export const HOUR_FIELDS = ['contacts', 'served', 'rated', 'top', 'negative'] as const;
export const TAG_FIELDS = [
  ...['positive/press', 'positive/reviewer', 'negative/press', 'negative/reviewer'],
  ...['neutral/press', 'neutral/reviewer', 'unrated'],
] as const;
export const PER_HOUR = HOUR_FIELDS.length;
export const TAGS_AT = 24 * PER_HOUR;
export const BINS_AT = TAGS_AT + TAG_FIELDS.length;
export const PLACES = BINS_AT + BINS.length;

/** What of a contact is counted. */
export interface CountedContact {
  /** Hour of the clinic's clock, 0 to 23, in which it began. */
  readonly hour: number;
  readonly duration: number;
  readonly served: boolean;
  readonly rated: boolean;
  readonly top: boolean;
  readonly negative: boolean;
  readonly tag: string;
  readonly source: string | null;
}

/** Adds a contact. What was not served has no part in rated, top and negative, as in the indices. */
export function count(counts: Uint32Array, contact: CountedContact): void {
  const add = (place: number, one: boolean) => {
    counts[place] = (counts[place] ?? 0) + Number(one);
  };
  const { served, rated } = contact;
  const hour = contact.hour * PER_HOUR;
  add(hour, true);
  add(hour + 1, served);
  add(hour + 2, served && rated);
  add(hour + 3, served && rated && contact.top);
  add(hour + 4, served && rated && contact.negative);
  const name = contact.source ? `${contact.tag}/${contact.source}` : contact.tag;
  const tag = (TAG_FIELDS as readonly string[]).indexOf(name);
  if (served && tag >= 0) add(TAGS_AT + tag, true);
  if (served) add(BINS_AT + binOf(contact.duration), true);
}

/** The largest number that is stored at once. */
const MOST = 0xffff;

/** Place and number of each that is not 0, in turn and in their order; a place may come again, with more of it. */
export function pack(counts: Uint32Array): number[] {
  const pairs: number[] = [];
  for (const [place, number] of counts.entries())
    for (let left = number; left > 0; left -= MOST) pairs.push(place, Math.min(left, MOST));
  return pairs;
}

/** Numbers of 16 bits, little endian, as they are stored. */
export function toBytes(numbers: readonly number[]): Buffer {
  return Buffer.from(Uint16Array.from(numbers).buffer);
}

export function fromBytes(bytes: Buffer): Uint16Array {
  // A typed array has to begin at a whole number of its elements.
  const whole = bytes.byteOffset % 2 === 0 ? bytes : Buffer.from(Uint8Array.from(bytes).buffer);
  return new Uint16Array(whole.buffer, whole.byteOffset, whole.byteLength / 2);
}
