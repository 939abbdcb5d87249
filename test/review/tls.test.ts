import type { X509Certificate } from 'node:crypto';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { get as getByTls, type RequestOptions } from 'node:https';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectByTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { check } from '../../config/check.ts';
import type { Config } from '../../config/schema.ts';
import { readSource } from '../../config/source.ts';
import { ManualClock } from '../../device/clock.ts';
import { doorOf } from '../../device/page-door.ts';
import { Authority, type Issued } from '../stand-ins/certificates.ts';
import { type PageRig, startPage } from './rig.ts';

const DAY = 86_400_000;

let folder: string;
let rig: PageRig | null;
let clock: ManualClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-page-tls-'));
  clock = new ManualClock({ mono: 1_000, wall: Date.now() });
  rig = null;
});
afterEach(async () => {
  await rig?.stop();
  rmSync(folder, { recursive: true });
});

function configOf(page: object): Config {
  const input = { driver: 'line-protocol', port: '/dev/ttyS0' };
  const config = {
    jurisdiction: 'other',
    device: 'd',
    data: folder,
    desks: { front: { inputs: [input] } },
    page,
  };
  const checked = check(readSource(JSON.stringify(config)), { today: null, folder });
  if (Array.isArray(checked)) throw new Error(JSON.stringify(checked));
  return checked;
}

async function serve(page: object): Promise<PageRig> {
  rig = await startPage({ clock, door: doorOf(configOf(page), clock) });
  return rig;
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  certificate: X509Certificate;
}

/** Asks by HTTPS, as who trusts that certificate alone. */
function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = getByTls(url, { agent: false, rejectUnauthorized: false, ...options }, (answer) => {
      const certificate = (answer.socket as TLSSocket).getPeerX509Certificate() as X509Certificate;
      answer
        .resume()
        .on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, certificate }));
    });
    asked.on('error', reject);
  });
}

const given = ({ certificate, key }: Issued) => ({ certificate, key: { file: key } });

describe('a certificate of our own', () => {
  const own = () => join(folder, 'page-tls', 'page.crt');

  test('is made at the first start, for all names and addresses; its fingerprint is told', async () => {
    const page = { host: '0.0.0.0', port: 0, names: ['reception.clinic.example'] };
    const { url, server } = await serve(page);
    expect(url).toMatch(/^https:\/\/reception\.clinic\.example:\d+$/);
    const at = `https://127.0.0.1:${new URL(url).port}`;
    const { status, headers, certificate } = await ask(`${at}/api/me`);
    expect(status).toBe(200);
    // Who trusts another certificate later must not be locked out.
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(server.fingerprint).toBe(certificate.fingerprint256);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(certificate.ca).toBe(false);
    expect(certificate.validToDate.getTime() - certificate.validFromDate.getTime()).toBeLessThanOrEqual(
      825 * DAY,
    );
    for (const name of ['reception.clinic.example', 'localhost'])
      expect(certificate.checkHost(name), name).toBeTruthy();
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    for (const { address } of addresses.filter(({ address }) => !address.startsWith('fe80:')))
      expect(certificate.checkIP(address), address).toBeTruthy();
    expect(statSync(join(folder, 'page-tls', 'page.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'page-tls')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'page-tls')).sort()).toEqual(['page.crt', 'page.key']);
  });

  test('stays the same at the next start, and is another one for a new name', async () => {
    const made = async (names: string[]) => {
      await serve({ host: '0.0.0.0', port: 0, names });
      const { fingerprint } = rig?.server ?? {};
      await rig?.stop();
      rig = null;
      return fingerprint;
    };
    const first = await made(['a.example']);
    expect(await made(['a.example'])).toBe(first);
    expect(await made([])).toBe(first);
    const second = await made(['b.example']);
    expect(second).not.toBe(first);
    writeFileSync(own(), 'half of');
    expect(await made(['b.example'])).not.toBe(second);
  });

  test('is made anew before it ends, while the page is served', async () => {
    const { url, server } = await serve({ host: '0.0.0.0', port: 0 });
    const at = `https://127.0.0.1:${new URL(url).port}/api/me`;
    const first = server.fingerprint;
    clock.step(789 * DAY);
    clock.advance(60_000);
    expect(server.fingerprint).toBe(first);
    clock.step(2 * DAY);
    clock.advance(60_000);
    expect(server.fingerprint).not.toBe(first);
    expect((await ask(at)).certificate.fingerprint256).toBe(server.fingerprint);
  });
});

describe("the clinic's certificate", () => {
  test('is served, and browsers are told to come by HTTPS alone', async () => {
    const authority = new Authority(join(folder, 'ca'), 'Clinic');
    const issued = authority.issue('reception', ['DNS:localhost']);
    const { url } = await serve({ host: '127.0.0.1', port: 0, tls: given(issued) });
    const trusting = { ca: readFileSync(authority.certificate), rejectUnauthorized: true };
    const { headers } = await ask(url.replace('127.0.0.1', 'localhost'), trusting);
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}$/);
    expect(rig?.server.fingerprint).toBe(null);
    await expect(ask(url, trusting)).rejects.toThrow(/altnames/);
  });

  test('TLS below 1.2 is refused, and so is plain HTTP', async () => {
    const issued = new Authority(join(folder, 'ca'), 'Clinic').issue('reception', ['DNS:localhost']);
    const { url } = await serve({ host: '127.0.0.1', port: 0, tls: given(issued) });
    const protocol = (most: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string | null>((resolve, reject) => {
        const socket = connectByTls({
          ...{ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false },
          ...{ minVersion: 'TLSv1', maxVersion: most, ciphers: 'DEFAULT@SECLEVEL=0' },
        });
        socket.on('error', reject).on('secureConnect', () => {
          resolve(socket.getProtocol());
          socket.destroy();
        });
      });
    await expect(protocol('TLSv1.1')).rejects.toThrow();
    expect([await protocol('TLSv1.2'), await protocol('TLSv1.3')]).toEqual(['TLSv1.2', 'TLSv1.3']);
    await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();
  });

  test('is read again when its files change; what cannot be used is told, and the old one served on', async () => {
    const authority = new Authority(join(folder, 'ca'), 'Clinic');
    const [first, second, other] = ['a', 'b', 'c'].map((name) =>
      authority.issue(name, ['DNS:localhost']),
    ) as [Issued, Issued, Issued];
    const files = { certificate: join(folder, 'page.crt'), key: join(folder, 'page.key') };
    const put = (issued: Partial<Issued>) => {
      if (issued.certificate) copyFileSync(issued.certificate, files.certificate);
      if (issued.key) copyFileSync(issued.key, files.key);
    };
    put(first);
    const { url, server } = await serve({ host: '127.0.0.1', port: 0, tls: given(files) });
    const subject = async () => (await ask(url)).certificate.subject;
    expect([await subject(), server.health().status]).toEqual(['CN=a', 'ok']);
    put({ certificate: second.certificate });
    clock.advance(60_000);
    expect(await subject()).toBe('CN=a');
    expect(server.health()).toMatchObject({
      status: 'degraded',
      reason: expect.stringContaining('not the key'),
    });
    put({ key: second.key });
    clock.advance(60_000);
    expect([await subject(), server.health().status]).toEqual(['CN=b', 'ok']);
    put({
      certificate: authority.issue('old', ['DNS:localhost'], {
        until: Date.now() - DAY,
        from: Date.now() - 9 * DAY,
      }).certificate,
      key: other.key,
    });
    clock.advance(60_000);
    expect([await subject(), server.health().status]).toEqual(['CN=b', 'degraded']);
  });

  test('that is about to end is told in the health', async () => {
    const soon = { until: Date.now() + 5 * DAY };
    const issued = new Authority(join(folder, 'ca'), 'Clinic').issue('a', ['DNS:localhost'], soon);
    const { server } = await serve({ host: '127.0.0.1', port: 0, tls: given(issued) });
    expect(server.health()).toMatchObject({
      status: 'degraded',
      reason: expect.stringContaining('expires on'),
    });
  });

  test('whose key is another one, or that is none, keeps the service from starting: it says why', async () => {
    const authority = new Authority(join(folder, 'ca'), 'Clinic');
    const [a, b] = [authority.issue('a', ['DNS:a']), authority.issue('b', ['DNS:b'])];
    const page = (tls: object) => serve({ host: '127.0.0.1', port: 0, tls });
    await expect(page({ certificate: a.certificate, key: { file: b.key } })).rejects.toMatchObject({
      code: 'CA_CERTIFICATE_INVALID',
      message: expect.stringContaining('is not the key of'),
    });
    await expect(page({ certificate: b.key, key: { file: b.key } })).rejects.toMatchObject({
      code: 'CA_CERTIFICATE_INVALID',
    });
    await expect(page({ certificate: a.certificate, key: { file: '/nowhere' } })).rejects.toMatchObject({
      code: 'CA_SECRET_UNREADABLE',
    });
  });
});

test('plain HTTP on the loopback; an address that this device has not is told', async () => {
  const { url } = await serve({ host: '::1', port: 0 });
  expect(url).toMatch(/^http:\/\/\[::1\]:/);
  expect((await fetch(`${url}/api/me`)).status).toBe(200);
  await rig?.stop();
  rig = null;
  await expect(serve({ host: '192.0.2.77', port: 0 })).rejects.toMatchObject({ code: 'CA_ADDRESS_UNKNOWN' });
});
