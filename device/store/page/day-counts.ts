import { BINS, binOf } from '../../contacts/statistics.ts';

/**
 * What is counted of the contacts that begin on one day, at one desk, of one receptionist: a list of numbers with fixed places.
 * First six for each hour of the clinic's clock, then the tags by their source, then the durations of those who were served.
 * `occupied`: time in which somebody was there, seconds; a contact is in each hour that it lasts. All other things are
 * counted in the hour in which it began.
 */
export const HOUR_FIELDS = ['contacts', 'served', 'rated', 'top', 'negative', 'occupied'] as const;
export const TAG_FIELDS = [
  ...['positive/press', 'positive/reviewer', 'negative/press', 'negative/reviewer'],
  ...['neutral/press', 'neutral/reviewer', 'unrated'],
] as const;
export const PER_HOUR = HOUR_FIELDS.length;
export const OCCUPIED = HOUR_FIELDS.indexOf('occupied');
export const TAGS_AT = 24 * PER_HOUR;
export const BINS_AT = TAGS_AT + TAG_FIELDS.length;
export const PLACES = BINS_AT + BINS.length;

/** What of a contact is counted. */
export interface CountedContact {
  /** Unix ms. */
  readonly started: number;
  /** ms. */
  readonly duration: number;
  readonly served: boolean;
  readonly rated: boolean;
  readonly top: boolean;
  readonly negative: boolean;
  readonly tag: string;
  readonly source: string | null;
}

const HOUR = 3_600_000;

/** Adds a contact, its time in ms. What was not served has no part in rated, top and negative, as in the indices. */
export function count(counts: Uint32Array, contact: CountedContact): void {
  const add = (place: number, more: boolean | number) => {
    counts[place] = (counts[place] ?? 0) + Number(more);
  };
  const { started, duration, served, rated } = contact;
  const hour = new Date(started).getHours() * PER_HOUR;
  add(hour, true);
  add(hour + 1, served);
  add(hour + 2, served && rated);
  add(hour + 3, served && rated && contact.top);
  add(hour + 4, served && rated && contact.negative);
  const name = contact.source ? `${contact.tag}/${contact.source}` : contact.tag;
  const tag = (TAG_FIELDS as readonly string[]).indexOf(name);
  if (served && tag >= 0) add(TAGS_AT + tag, true);
  if (served) add(BINS_AT + binOf(duration), true);
  // After midnight in the same day's counts: so a day's are those of whole contacts, and a week's of whole people.
  for (let at = started, end = started + duration; at < end; ) {
    const date = new Date(at);
    const into = date.getMinutes() * 60_000 + date.getSeconds() * 1_000 + date.getMilliseconds();
    const next = Math.min(end, Math.floor(at) + HOUR - into);
    add(date.getHours() * PER_HOUR + OCCUPIED, next - at);
    at = next;
  }
}

/** The largest number that is stored at once. */
const MOST = 0xffff;

/** Place and number of each that is not 0, in turn and in their order; a place may come again, with more of it. Time as seconds. */
export function pack(counts: Uint32Array): number[] {
  const pairs: number[] = [];
  for (const [place, number] of counts.entries()) {
    const isTime = place < TAGS_AT && place % PER_HOUR === OCCUPIED;
    for (let left = isTime ? Math.round(number / 1_000) : number; left > 0; left -= MOST)
      pairs.push(place, Math.min(left, MOST));
  }
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
