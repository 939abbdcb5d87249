import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DAY = 86_400_000;

/** A certificate and its key, as files in PEM; the key is readable by its owner alone. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** From when to when it is valid, `Date`'s milliseconds. */
interface Validity {
  readonly from?: number;
  readonly until?: number;
}

/** A certificate authority of the tests' own, made with openssl, that gives certificates for any time, past ones too. */
export class Authority {
  /** Its own certificate. */
  readonly certificate: string;
  readonly #folder: string;
  #made = 0;

  /** `folder` is made for it; the validity is that of its own certificate. */
  constructor(folder: string, name: string, validity: Validity = {}) {
    this.#folder = folder;
    this.certificate = join(folder, 'ca.crt');
    mkdirSync(folder, { recursive: true });
    for (const file of ['index', 'index.attr']) writeFileSync(join(folder, file), '');
    writeFileSync(join(folder, 'ca.conf'), confOf(folder));
    this.#request('ca', name);
    this.#sign('ca', 'v3_ca', validity, ['-selfsign']);
  }

  /** `names`: the DNS names and addresses of a server, such as `DNS:localhost`; none: a client. */
  issue(name: string, names: readonly string[] = [], validity: Validity = {}): Issued {
    const file = `${++this.#made}-${name}`;
    const extensions = join(this.#folder, `${file}.ext`);
    const use = names.length > 0 ? 'serverAuth' : 'clientAuth';
    const alternatives = names.length > 0 ? `subjectAltName=${names.join(',')}\n` : '';
    writeFileSync(extensions, `[leaf]\nbasicConstraints=CA:FALSE\nextendedKeyUsage=${use}\n${alternatives}`);
    this.#request(file, name);
    this.#sign(file, 'leaf', validity, ['-extfile', extensions]);
    return { certificate: this.#at(file, 'crt'), key: this.#at(file, 'key') };
  }

  #request(file: string, name: string): void {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const where = ['-keyout', this.#at(file, 'key'), '-out', this.#at(file, 'csr')];
    openssl('req', '-new', ...key, '-subj', `/CN=${name}`, ...where);
  }

  #sign(file: string, section: string, validity: Validity, more: readonly string[]): void {
    const { from = Date.now() - DAY, until = Date.now() + 365 * DAY } = validity;
    const conf = ['-config', join(this.#folder, 'ca.conf'), '-extensions', section];
    const dates = ['-startdate', asn1(from), '-enddate', asn1(until)];
    const files = ['-in', this.#at(file, 'csr'), '-out', this.#at(file, 'crt')];
    openssl('ca', '-batch', '-notext', ...conf, ...dates, ...files, ...more);
  }

  #at(file: string, kind: string): string {
    return join(this.#folder, `${file}.${kind}`);
  }
}

/** Several certificates in one file, as a bundle of authorities is. */
export function bundle(file: string, certificates: readonly string[]): string {
  writeFileSync(file, certificates.map((path) => readFileSync(path, 'utf8')).join(''));
  return file;
}

function confOf(folder: string): string {
  return `
[ca]
default_ca=own
[own]
database=${folder}/index
new_certs_dir=${folder}
certificate=${folder}/ca.crt
private_key=${folder}/ca.key
default_md=sha256
unique_subject=no
rand_serial=yes
policy=any
[any]
commonName=supplied
[v3_ca]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
`;
}

/** Milliseconds as GeneralizedTime (X.680, 46). */
function asn1(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
