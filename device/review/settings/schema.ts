import { z } from 'zod';
import { TABLET_LANGUAGES } from './settings.ts';

const HOUR = 3_600_000;
const MB = 1e6;
/** As the config has them. */
const pseudonym = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/);
const card = z.string().regex(/^[A-Za-z0-9]{1,32}$/);
const desk = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
const text = z
  .string()
  .trim()
  .max(80)
  .regex(/^\P{Cc}*$/u, 'must be one line')
  .nullable();
const MOST_CARDS = 200;

/** What is to be changed; what is not named stays. Durations in ms, sizes in bytes. */
const change = z.strictObject({
  keep: z.enum(['negative', 'rated', 'all', 'none']).optional(),
  sample: z.number().min(0).max(1).optional(),
  age: z
    .number()
    .int()
    .min(24 * HOUR)
    .max(365 * 24 * HOUR)
    .multipleOf(HOUR)
    .optional(),
  max: z
    .number()
    .int()
    .min(100 * MB)
    .max(100e6 * MB)
    .multipleOf(MB)
    .optional(),
  cards: z
    .record(card, pseudonym)
    .refine((cards) => Object.keys(cards).length <= MOST_CARDS, `at most ${MOST_CARDS} cards`)
    .optional(),
  shiftButtons: z
    .array(z.strictObject({ desk, button: z.string().min(1).max(32), receptionist: pseudonym }))
    .max(64)
    .optional(),
  tablet: z
    .partialRecord(z.enum(TABLET_LANGUAGES), z.strictObject({ question: text, thanks: text }))
    .optional(),
});

/** `revision`: of the file that the change is meant for. */
export const changeBody = z.strictObject({ revision: z.string().regex(/^[0-9a-f]{16}$/), change });
export const shiftBody = z.strictObject({ desk, receptionist: pseudonym });
