import { z } from 'zod';

const UNITS = { MB: 1e6, GB: 1e9, TB: 1e12 } as const;
const SIZE = /^(\d+(?:\.\d+)?)(MB|GB|TB)$/;
const FORM = 'must be a size with its unit, such as "500MB", "20GB" or "1.5TB"';

/** How a size is recognised in the published JSON Schema, which has no type for it. */
export const SIZE_PATTERN = SIZE.source;

/** "20GB" → 20000000000; null when it is no size. Powers of 1000, as disks are sold: MB, GB, TB. */
export function parseSize(text: string): number | null {
  const match = SIZE.exec(text);
  return match ? Math.round(Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]) : null;
}

/** A setting written as "20GB" and read as bytes. `min` and `max` are allowed themselves. */
export function size(fallback: string, about: string, { min, max }: { min: string; max: string }) {
  const low = parseSize(min) ?? 0;
  const high = parseSize(max) ?? 0;
  return z
    .string({ error: FORM })
    .regex(SIZE, FORM)
    .refine((text) => {
      const bytes = parseSize(text);
      return bytes === null || (bytes >= low && bytes <= high);
    }, `must be from ${min} to ${max}`)
    .default(fallback)
    .transform((text) => parseSize(text) ?? 0)
    .describe(`${about} From ${min} to ${max}.`);
}
