import { z } from 'zod';

/** What names a contact, an account, a case, a cause or a measure. */
export const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** A day that there is, of a time in which the store can have contacts: `YYYY-MM-DD`. */
export const day = z.iso.date().refine((text) => text >= '1970-01-01' && text < '2200-01-01', 'no such day');
