import { z } from 'zod';

const UNITS = { mm: 1, cm: 10, m: 1_000, in: 25.4 } as const;
const LENGTH = /^(-?\d+(?:\.\d+)?)(mm|cm|m|in)$/;
const FORM = 'must be a length with its unit, such as "80cm", "1.5m" or "-30cm"';

/** How a length is recognised in the published JSON Schema, which has no type for it. */
export const LENGTH_PATTERN = LENGTH.source;

/** "80cm" → 800 (mm); null when it is no length. Units: mm, cm, m, in. */
export function parseLength(text: string): number | null {
  const match = LENGTH.exec(text);
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : null;
}

/** A setting written as "80cm" and read as millimetres. `min` and `max` are allowed themselves. */
export function length(fallback: string, about: string, { min, max }: { min: string; max: string }) {
  const low = parseLength(min) ?? 0;
  const high = parseLength(max) ?? 0;
  return z
    .string({ error: FORM })
    .regex(LENGTH, FORM)
    .refine((text) => {
      const mm = parseLength(text);
      return mm === null || (mm >= low && mm <= high);
    }, `must be from ${min} to ${max}`)
    .default(fallback)
    .transform((text) => parseLength(text) ?? 0)
    .describe(`${about} From ${min} to ${max}.`);
}
