import { z } from 'zod';
import { OPENING_REASONS } from '../../store/page/cases.ts';
import { id } from '../fields.ts';

/** The `:id` of a contact in an address. */
export const contactId = z.object({ id });

export const openingBody = z.strictObject({
  reason: z.enum(OPENING_REASONS),
  text: z.string().trim().max(500),
});

export const downloadQuery = z.strictObject({ form: z.enum(['original', 'marked', 'manifest']) });

/** Loudness along a clip, for drawing. */
export const waveform = z.object({
  /** Of the clip, ms. */
  duration: z.number(),
  /** From the clip's first moment to the arrival, ms. */
  preRoll: z.number(),
  /** `both`: one microphone hears everybody. `peaks`: the largest of each of at most 1000 equal parts, 0 to 255. */
  channels: z.array(
    z.object({ name: z.enum(['both', 'patient', 'receptionist']), peaks: z.array(z.number()) }),
  ),
});
export type Waveform = z.infer<typeof waveform>;
