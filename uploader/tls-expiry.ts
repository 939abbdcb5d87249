import { CaError } from '../device/errors.ts';

const DAY = 86_400_000;
/** How long (ms) before a certificate expires somebody is told. */
const AHEAD = 14 * DAY;

/** When a certificate ends: wall time in ms. */
export interface Expiry {
  readonly whose: 'device' | 'authority' | 'broker';
  /** Where it is, if it is in a file here. */
  readonly file?: string | undefined;
  readonly until: number;
}

const KINDS = {
  device: {
    name: "this device's certificate",
    detail: 'certificateExpires',
    remedy: null,
  },
  authority: {
    name: "the authority's certificate",
    detail: 'authorityExpires',
    remedy: 'Add the new authority to that file before the broker gets a certificate of it.',
  },
  broker: {
    name: "the broker's certificate",
    detail: 'brokerCertificateExpires',
    remedy: 'Give the broker a new certificate.',
  },
} as const;

/** It ends soon, or has ended. */
export function isNear({ until }: Expiry, wall: number): boolean {
  return until - wall <= AHEAD;
}

/** Of the certificate that ends first, once that is near; null before. */
export function expiryFault(expiries: readonly Expiry[], wall: number): CaError | null {
  const first = expiries.toSorted((a, b) => a.until - b.until)[0];
  if (first === undefined || !isNear(first, wall)) return null;
  const { name, remedy } = KINDS[first.whose];
  const where = first.file === undefined ? '' : ` (${first.file})`;
  const when = `${first.until <= wall ? 'expired' : 'expires'} on ${isoDay(first.until)}`;
  return new CaError('CA_CERTIFICATE_EXPIRES', `${name}${where} ${when}`, remedy === null ? {} : { remedy });
}

/** Such as `certificateExpires: 2026-12-01`. */
export function expiryDetail(expiries: readonly Expiry[]): Record<string, string> {
  return Object.fromEntries(expiries.map(({ whose, until }) => [KINDS[whose].detail, isoDay(until)]));
}

/** The day in UTC, as `2026-12-01`. */
export function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
