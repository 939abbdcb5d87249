import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '../device/clock.ts';
import { CaError, messageOf } from '../device/errors.ts';
import { type Expiry, expiryDetail, expiryFault, isNear, isoDay } from './tls-expiry.ts';

const DAY = 86_400_000;

/** Where certificates and key are. */
export interface TlsFiles {
  /** PEM file of the authorities that may have signed the broker's certificate; without, those of the system. */
  readonly ca?: string;
  /** PEM file of this device's certificate, and of those between it and its authority. */
  readonly certificate?: string;
  /** The key of that certificate. `name`: how a message calls it; `read` may throw CA_SECRET_UNREADABLE. */
  readonly key?: { readonly name: string; readonly read: () => string };
}

/** What the files held, checked, as `tls.connect` takes it. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Of what is in the files. */
  readonly expiries: readonly Expiry[];
}

/**
 * Reads and checks the files: each is what it should be, and the key is that of the certificate. Dates are not judged:
 * the clock of a device that has just started may be wrong.
 * @throws CaError CA_CERTIFICATE_INVALID, CA_SECRET_UNREADABLE
 */
export function readTls(files: TlsFiles): TlsMaterial {
  const { ca, certificate, key } = files;
  const authorities = ca === undefined ? null : certificatesIn(ca);
  const own = certificate === undefined ? null : certificatesIn(certificate);
  const secret = key?.read();
  const keyed = key && secret !== undefined ? parseKey(secret, key.name) : null;
  const leaf = own?.certificates[0];
  if (leaf && key && keyed && !leaf.checkPrivateKey(keyed)) {
    throw new CaError('CA_CERTIFICATE_INVALID', `${key.name} is not the key of ${certificate}`, {
      remedy: 'Put the key and the certificate in their places that were made together.',
    });
  }
  return {
    ...(authorities ? { ca: authorities.text } : {}),
    ...(own ? { cert: own.text } : {}),
    ...(secret === undefined ? {} : { key: secret }),
    expiries: [
      ...(leaf ? [{ whose: 'device', file: certificate, until: leaf.validToDate.getTime() } as const] : []),
      // In a bundle the old authority stands beside the new one until every certificate has been renewed.
      ...(authorities
        ? [{ whose: 'authority', file: ca, until: lastOf(authorities.certificates) } as const]
        : []),
    ],
  };
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesIn(file: string): { text: string; certificates: X509Certificate[] } {
  try {
    const text = readFileSync(file, 'utf8');
    const certificates = (text.match(PEM) ?? []).map((pem) => new X509Certificate(pem));
    if (certificates.length === 0) throw new Error('there is no certificate in PEM in it');
    return { text, certificates };
  } catch (error) {
    throw new CaError('CA_CERTIFICATE_INVALID', `${file}: ${messageOf(error)}`, { cause: error });
  }
}

function parseKey(pem: string, name: string): KeyObject {
  if (pem.includes('ENCRYPTED')) {
    throw new CaError('CA_CERTIFICATE_INVALID', `${name} is locked by a passphrase`, {
      remedy: 'Nobody is there to type it: unlock the key (`openssl pkey -in FILE -out NEW; chmod 600 NEW`).',
    });
  }
  try {
    return createPrivateKey(pem);
  } catch (error) {
    // Without the error as a cause: nothing of a key, however broken, shall come into a log.
    throw new CaError('CA_CERTIFICATE_INVALID', `${name} is no private key in PEM: ${messageOf(error)}`);
  }
}

function lastOf(certificates: readonly X509Certificate[]): number {
  return Math.max(...certificates.map(({ validToDate }) => validToDate.getTime()));
}

/** The certificates of a connection that outlives them: what it was made with, and what the files hold by now. */
export class Certificates {
  readonly #read: () => TlsMaterial;
  readonly #clock: Clock;
  #used: TlsMaterial | null = null;
  /** What a connection was made with. */
  #proven: TlsMaterial | null = null;
  #broker: Expiry | null = null;
  /** Monotonic time at which the broker showed it. */
  #metAt = 0;
  #unusable: CaError | null = null;

  /** `read`: see `readTls`. */
  constructor(read: () => TlsMaterial, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /**
   * For an attempt to connect: what the files hold, or, while that cannot be used (half of it has been copied), what a
   * connection was made with before. Dates are judged only where that is in date: see `readTls`.
   * @throws CaError CA_CERTIFICATE_INVALID, CA_SECRET_UNREADABLE
   */
  take(): TlsMaterial {
    this.#unusable = null;
    this.#used = this.#usable();
    return this.#used;
  }

  /** The certificate that the broker showed: what was taken has made a connection. */
  met(broker: X509Certificate): void {
    this.#proven = this.#used;
    this.#broker = { whose: 'broker', until: broker.validToDate.getTime() };
    this.#metAt = this.#clock.now().mono;
  }

  /**
   * True when the files hold something else than what was taken, and it can be used; what cannot be is `warning`. Also
   * once a day while the broker's certificate is about to expire: it may have a new one, which only a new connection shows.
   */
  worthANewConnection(): boolean {
    this.#unusable = null;
    try {
      const now = this.#read();
      if (same(now, this.#used)) return this.#brokerMayHaveRenewed();
      // A connection that holds is not given up for a certificate that the broker would refuse.
      const fault = this.#dateFault(now);
      if (fault) throw fault;
      return true;
    } catch (error) {
      if (!(error instanceof CaError)) throw error;
      this.#unusable = error;
      return false;
    }
  }

  /** What somebody has to see to while the connection still holds; null: nothing. */
  get warning(): CaError | null {
    return this.#unusable ?? expiryFault(this.#expiries, this.#clock.now().wall);
  }

  /** Days on which certificates expire, for the health. */
  get detail(): Record<string, string> {
    return expiryDetail(this.#expiries);
  }

  get #expiries(): readonly Expiry[] {
    return [...(this.#used?.expiries ?? []), ...(this.#broker ? [this.#broker] : [])];
  }

  #brokerMayHaveRenewed(): boolean {
    const { mono, wall } = this.#clock.now();
    return this.#broker !== null && isNear(this.#broker, wall) && mono - this.#metAt >= DAY;
  }

  #usable(): TlsMaterial {
    const proven = this.#proven;
    try {
      const now = this.#read();
      const choice = proven !== null && !same(now, proven) && this.#dateFault(proven) === null;
      const fault = choice ? this.#dateFault(now) : null;
      if (fault) throw fault;
      return now;
    } catch (error) {
      if (!(error instanceof CaError) || proven === null) throw error;
      this.#unusable = error;
      return proven;
    }
  }

  #dateFault({ cert, expiries }: TlsMaterial): CaError | null {
    const { wall } = this.#clock.now();
    const own = expiries.find(({ whose }) => whose === 'device');
    if (cert === undefined || own === undefined) return null;
    const from = new X509Certificate(cert).validFromDate.getTime();
    if (own.until <= wall)
      return new CaError('CA_CERTIFICATE_INVALID', `${own.file}, new, expired on ${isoDay(own.until)}`);
    if (from <= wall) return null;
    return new CaError('CA_CERTIFICATE_INVALID', `${own.file}, new, is not valid before ${isoDay(from)}`, {
      remedy: 'It is taken by itself once it is valid; see whether the clock of this device is right.',
    });
  }
}

function same(a: TlsMaterial, b: TlsMaterial | null): boolean {
  return b !== null && a.ca === b.ca && a.cert === b.cert && a.key === b.key;
}
