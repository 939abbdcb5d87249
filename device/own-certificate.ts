import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { CaError, messageOf } from './errors.ts';
import { fsyncPath } from './fsync.ts';

const DAY = 86_400_000;
/** Browsers and systems take no certificate that is valid for more than 825 days (Apple, support article 103769). */
const VALID = 820 * DAY;
/** It is valid from so long (ms) before it is made: nobody's clock is right to the hour, ours right after the start least of all. */
const BACKDATED = 30 * DAY;
/** It is made anew so long (ms) before it ends. */
const AHEAD = 30 * DAY;
/** How the folder's name begins in which one is made. */
const WORK = 'new-';

/** Paths of a certificate and its key, PEM. */
export interface OwnCertificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * A certificate that this device has signed itself, in `folder`; made where there is none that can be used at `now` (Unix
 * ms) under all of `needed`. `names`: all that it is made for, host names and addresses.
 * @throws CaError CA_TOOL_MISSING, CA_CERTIFICATE_INVALID
 */
export function ownCertificate(
  folder: string,
  names: readonly string[],
  needed: readonly string[],
  now: number,
): OwnCertificate {
  const own = { certificate: join(folder, 'page.crt'), key: join(folder, 'page.key') };
  if (isUsable(own, needed, now)) return own;
  try {
    make(folder, own, names, now);
  } catch (error) {
    if (error instanceof CaError) throw error;
    throw notMade(error);
  }
  return own;
}

function isUsable({ certificate, key }: OwnCertificate, needed: readonly string[], now: number): boolean {
  try {
    const found = new X509Certificate(readFileSync(certificate));
    // Not from when it is valid: a clock that is behind, as it is after a power cut, would make another one, which everybody must compare again.
    return (
      found.checkPrivateKey(createPrivateKey(readFileSync(key))) &&
      found.validToDate.getTime() - AHEAD > now &&
      needed.every((name) => (isIP(name) ? found.checkIP(name) : found.checkHost(name)) !== undefined)
    );
  } catch {
    // Missing or broken: it is only ours, and made anew.
    return false;
  }
}

function make(folder: string, own: OwnCertificate, names: readonly string[], now: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Of a power cut in the middle of the last time.
  for (const name of readdirSync(folder))
    if (name.startsWith(WORK)) rmSync(join(folder, name), { recursive: true });
  const work = mkdtempSync(join(folder, WORK));
  const at = (name: string) => join(work, name);
  const [conf, key, request, certificate] = [at('conf'), at('page.key'), at('csr'), at('page.crt')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256'];
  const from = now - BACKDATED;
  const dates = ['-startdate', asn1(from), '-enddate', asn1(from + VALID)];
  try {
    writeFileSync(conf, confOf(work, names));
    // What `openssl ca` signs is written into it; `openssl req` cannot date back.
    writeFileSync(at('index'), '');
    // There before openssl writes into it: nobody else may read it, not even for a moment.
    writeFileSync(key, '', { mode: 0o600 });
    openssl(['req', '-new', '-config', conf, ...kind, '-keyout', key, '-out', request]);
    const files = ['-keyfile', key, '-in', request, '-out', certificate];
    openssl(['ca', '-batch', '-notext', '-selfsign', '-config', conf, ...dates, ...files]);
    chmodSync(key, 0o600);
    for (const path of [key, certificate]) fsyncPath(path);
    // A power cut in between leaves two that do not fit: they are made anew.
    renameSync(key, own.key);
    renameSync(certificate, own.certificate);
    fsyncPath(folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Unix ms as GeneralizedTime (X.680, 46). */
function asn1(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
}

/** A config of our own: that of the system would add what makes it an authority. */
function confOf(work: string, names: readonly string[]): string {
  const alternatives = names.map((name) => `${isIP(name) ? 'IP' : 'DNS'}:${name}`).join(',');
  return `[req]
distinguished_name=name
prompt=no
[name]
O=Contact Analyzer
CN=${names[0] ?? 'localhost'}
[ca]
default_ca=own
[own]
database=${work}/index
new_certs_dir=${work}
default_md=sha256
rand_serial=yes
policy=any
x509_extensions=leaf
[any]
organizationName=supplied
commonName=supplied
[leaf]
subjectKeyIdentifier=hash
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=${alternatives}
`;
}

function openssl(args: readonly string[]): void {
  try {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new CaError('CA_TOOL_MISSING', 'openssl is not there: it makes the certificate of the page', {
        cause: error,
      });
    throw notMade(error);
  }
}

function notMade(cause: unknown): CaError {
  return new CaError('CA_CERTIFICATE_INVALID', `no certificate could be made: ${messageOf(cause)}`, {
    cause,
    remedy:
      'See what it says and whether the data folder has space left, or give a certificate in `page.tls`.',
  });
}
