import { z } from 'zod';

const UNITS = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/;
const FORM = 'must be a duration with its unit, such as "1.5s", "10min" or "14d"';

/** How a duration is recognised in the published JSON Schema, which has no type for it. */
export const DURATION_PATTERN = DURATION.source;

/** "15s" → 15000; null when it is no duration. Units: ms, s, min (or m), h, d. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : null;
}

/** A setting written as "15s" and read as milliseconds. `min` and `max` are allowed themselves. */
export function duration(fallback: string, about: string, bounds: { min?: string; max: string }) {
  const min = bounds.min ?? '0s';
  const low = parseDuration(min) ?? 0;
  const high = parseDuration(bounds.max) ?? 0;
  return z
    .string({ error: FORM })
    .regex(DURATION, FORM)
    .refine((text) => {
      const ms = parseDuration(text);
      return ms === null || (ms >= low && ms <= high);
    }, `must be from ${min} to ${bounds.max}`)
    .default(fallback)
    .transform((text) => parseDuration(text) ?? 0)
    .describe(`${about} From ${min} to ${bounds.max}.`);
}
