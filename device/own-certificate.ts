import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { CaError, messageOf } from './errors.ts';

const DAY = 86_400_000;
/** Browsers and systems take no certificate that is valid for more than 825 days (Apple, support article 103769). */
const VALID_DAYS = 820;
/** It is made anew so long (ms) before it ends. */
const AHEAD = 30 * DAY;

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
  if (!isUsable(own, needed, now)) make(folder, own, names);
  return own;
}

function isUsable({ certificate, key }: OwnCertificate, needed: readonly string[], now: number): boolean {
  try {
    const found = new X509Certificate(readFileSync(certificate));
    return (
      found.validFromDate.getTime() <= now &&
      found.validToDate.getTime() - AHEAD > now &&
      needed.every((name) => (isIP(name) ? found.checkIP(name) : found.checkHost(name)) !== undefined) &&
      readFileSync(key).length > 0
    );
  } catch {
    // Missing or broken: it is only ours, and made anew.
    return false;
  }
}

function make(folder: string, own: OwnCertificate, names: readonly string[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const work = mkdtempSync(join(folder, 'new-'));
  const at = (name: string) => join(work, name);
  const [conf, key, certificate] = [at('conf'), at('page.key'), at('page.crt')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256'];
  const files = ['-config', conf, '-keyout', key, '-out', certificate];
  try {
    writeFileSync(conf, confOf(names));
    // There before openssl writes into it: nobody else may read it, not even for a moment.
    writeFileSync(key, '', { mode: 0o600 });
    openssl(['req', '-x509', '-days', String(VALID_DAYS), ...kind, ...files]);
    chmodSync(key, 0o600);
    renameSync(key, own.key);
    renameSync(certificate, own.certificate);
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** A config of our own: that of the system would add what makes it an authority. */
function confOf(names: readonly string[]): string {
  const alternatives = names.map((name) => `${isIP(name) ? 'IP' : 'DNS'}:${name}`).join(',');
  return `[req]
distinguished_name=name
x509_extensions=leaf
prompt=no
[name]
O=Contact Analyzer
CN=${names[0] ?? 'localhost'}
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
    throw new CaError('CA_CERTIFICATE_INVALID', `openssl made no certificate: ${messageOf(error)}`, {
      remedy:
        'See what openssl says and whether the data folder has space left, or give a certificate in `page.tls`.',
    });
  }
}
