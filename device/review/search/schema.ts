import { z } from 'zod';
import type { Found } from '../../store/page/search.ts';

/** A day of the clinic's calendar, or a minute of it: `2026-11-03`, `2026-11-03T10:40`, by the clinic's clock. */
const moment = z.string().regex(/^\d{4}-\d\d-\d\d(T([01]\d|2[0-3]):[0-5]\d)?$/);
const seconds = z.coerce.number().min(0).max(100_000);
const yesOrNo = z.enum(['yes', 'no']);

export const searchQuery = z.strictObject({
  from: moment.optional(),
  /** A day counts whole, a minute to its end. */
  to: moment.optional(),
  desk: z.string().min(1).max(64).optional(),
  /** Pseudonym. */
  receptionist: z.string().min(1).max(64).optional(),
  tag: z.enum(['positive', 'negative', 'neutral', 'unrated']).optional(),
  cause: z.string().min(1).max(64).optional(),
  /** Seconds. */
  min: seconds.optional(),
  max: seconds.optional(),
  pressed: yesOrNo.optional(),
  reviewed: yesOrNo.optional(),
  /** Words in the reviewer's comment. */
  text: z.string().max(200).optional(),
  after: z
    .string()
    .regex(/^[A-Za-z0-9_.~-]{1,160}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export type SearchQuery = z.infer<typeof searchQuery>;

/** A contact as a list shows it. Times ISO 8601, durations ms. */
export interface SearchItem extends Omit<Found, 'tag' | 'tagSource' | 'rating'> {
  /** Chosen for review by chance, and not yet reviewed by who asks: tag and rating are not shown. */
  readonly blind: boolean;
  readonly tag: Found['tag'] | null;
  readonly tagSource: Found['tagSource'];
  readonly rating: number | null;
}

/** `GET /api/search`, newest first. `next`: to be sent as `after` for more; null: that is all. */
export interface SearchAnswer {
  readonly items: SearchItem[];
  readonly next: string | null;
}

/** `GET /api/search/choices`: what there is to search for. */
export interface SearchChoices {
  readonly desks: string[];
  readonly receptionists: string[];
}
