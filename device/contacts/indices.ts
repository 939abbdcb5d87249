/** A proportion with its 95 % Wilson score interval; all in [0, 1]. */
export interface Proportion {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What of a contact enters the indices. */
export interface Counted {
  readonly served: boolean;
  readonly rating: number | null;
  readonly top: boolean;
  /** True when the press that counts was a negative one. */
  readonly negative: boolean;
}

export interface Indices {
  /** Contacts that lasted at least the configured minimum: the denominator of both indices. */
  readonly served: number;
  readonly rated: number;
  readonly top: number;
  readonly negative: number;
  /** top ÷ served; null while nobody was served. */
  readonly support: Proportion | null;
  /** negative ÷ served. */
  readonly dissatisfaction: Proportion | null;
  /** rated ÷ served. */
  readonly responseRate: number | null;
}

/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Wilson score interval of `k` out of `n` (E. B. Wilson, JASA 22, 1927); null for n = 0. */
export function wilson(k: number, n: number): Proportion | null {
  if (n === 0) return null;
  const p = k / n;
  const centre = p + (Z * Z) / (2 * n);
  const spread = Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  const scale = 1 + (Z * Z) / n;
  // Rounding must not push the ends past what they bound.
  return {
    value: p,
    low: Math.max(0, Math.min(p, (centre - spread) / scale)),
    high: Math.min(1, Math.max(p, (centre + spread) / scale)),
  };
}

/** Both indices over the contacts given; contacts that were not served count nowhere. */
export function indicesOf(contacts: Iterable<Counted>): Indices {
  let served = 0;
  let rated = 0;
  let top = 0;
  let negative = 0;
  for (const contact of contacts) {
    if (!contact.served) continue;
    served++;
    if (contact.rating === null) continue;
    rated++;
    if (contact.top) top++;
    if (contact.negative) negative++;
  }
  return {
    served,
    rated,
    top,
    negative,
    support: wilson(top, served),
    dissatisfaction: wilson(negative, served),
    responseRate: served === 0 ? null : rated / served,
  };
}
