import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { get as getByTls, type RequestOptions } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import os, { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectByTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { check } from '../../config/check.ts';
import type { Config } from '../../config/schema.ts';
import { readSource } from '../../config/source.ts';
import { ManualClock, systemClock } from '../../device/clock.ts';
import { healthOf } from '../../device/control.ts';
import { createLog } from '../../device/log.ts';
import { startDevice } from '../../device/main.ts';
import { doorOf } from '../../device/page-door.ts';
import { Actor } from '../end-to-end/actor.ts';
import { Authority, type Issued } from '../stand-ins/certificates.ts';
import { openPty } from '../stand-ins/pty.ts';
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

/** With a key that no browser would take. */
function weak(issued: Issued): Issued {
  const [key, certificate] = [`${issued.key}-512`, `${issued.certificate}-512`];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:512', '-nodes', '-subj', '/CN=w', ...files], {
    stdio: 'ignore',
  });
  return { key, certificate };
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
    clock.step(759 * DAY);
    clock.advance(60_000);
    expect(server.fingerprint).toBe(first);
    clock.step(2 * DAY);
    clock.advance(60_000);
    expect(server.fingerprint).not.toBe(first);
    expect((await ask(at)).certificate.fingerprint256).toBe(server.fingerprint);
  });

  test('is the same when the clock is behind, as after a power cut', async () => {
    const at = async (wall: number) => {
      clock = new ManualClock({ mono: 1_000, wall });
      const { server } = await serve({ host: '0.0.0.0', port: 0 });
      const { fingerprint } = server;
      await rig?.stop();
      rig = null;
      return fingerprint;
    };
    const now = Date.now();
    const first = await at(now);
    for (const days of [1 / 24, 31, 700]) expect(await at(now - days * DAY), `${days}`).toBe(first);
    // A browser whose clock is behind takes it, too.
    const made = new X509Certificate(readFileSync(own()));
    expect(Math.abs(now - 30 * DAY - made.validFromDate.getTime())).toBeLessThan(60_000);
  });

  test('whose key is another one, as after a power cut in between, is made anew; nothing is left behind', async () => {
    const { certificate, key } = new Authority(join(folder, 'ca'), 'Other').issue('a', ['DNS:localhost']);
    const { server } = await serve({ host: '0.0.0.0', port: 0 });
    const first = server.fingerprint;
    await rig?.stop();
    mkdirSync(join(folder, 'page-tls', 'new-Ab12'));
    copyFileSync(key, join(folder, 'page-tls', 'page.key'));
    const second = (await serve({ host: '0.0.0.0', port: 0 })).server;
    expect([second.health().status, second.fingerprint === first]).toEqual(['ok', false]);
    expect(new X509Certificate(readFileSync(certificate)).fingerprint256).not.toBe(second.fingerprint);
    expect(readdirSync(join(folder, 'page-tls')).sort()).toEqual(['page.crt', 'page.key']);
  });

  test('is made anew for an address that the device is given after the start', async () => {
    const { server } = await serve({ host: '0.0.0.0', port: 0 });
    const { fingerprint } = server;
    clock.advance(60_000);
    expect(server.fingerprint).toBe(fingerprint);
    const before = os.networkInterfaces;
    const lease = { address: '192.0.2.44', family: 'IPv4' as const, netmask: '255.255.255.0' };
    os.networkInterfaces = () => ({
      ...before(),
      eth9: [{ ...lease, mac: '02:00:00:00:00:01', internal: false, cidr: '192.0.2.44/24' }],
    });
    syncBuiltinESMExports();
    try {
      clock.advance(60_000);
    } finally {
      os.networkInterfaces = before;
      syncBuiltinESMExports();
    }
    expect(server.fingerprint).not.toBe(fingerprint);
    expect(new X509Certificate(readFileSync(own())).checkIP('192.0.2.44')).toBe('192.0.2.44');
    expect(rig?.logged.join()).toContain(`SHA-256 ${server.fingerprint}`);
  });

  test('that cannot be made: the page is not served, says why, and is tried again', async () => {
    writeFileSync(join(folder, 'page-tls'), 'in the way of the folder');
    const { server, logged } = await serve({ host: '0.0.0.0', port: 0 });
    for (let minutes = 0; minutes < 5; minutes++) {
      expect(server.health()).toEqual({
        status: 'failed',
        reason: expect.stringMatching(/no certificate could be made: .+space left.+tried again/s),
        detail: { code: 'CA_CERTIFICATE_INVALID' },
      });
      clock.advance(60_000);
      await expect.poll(() => clock.waiting()).toContain('page again');
    }
    expect(logged.filter((line) => line.includes('cannot be served'))).toHaveLength(1);
    rmSync(join(folder, 'page-tls'));
    clock.advance(60_000);
    await expect.poll(() => server.health().status).toBe('ok');
    expect(logged.join()).toContain(`SHA-256 ${server.fingerprint}`);
    const at = `https://127.0.0.1:${new URL(server.url ?? '').port}/api/me`;
    expect((await ask(at)).certificate.fingerprint256).toBe(server.fingerprint);
  });

  test('that cannot be made keeps no desk from being counted', async () => {
    const pty = await openPty();
    const config = { ...configOf({ host: '0.0.0.0', port: 0 }), clock: { trusted: true } };
    const front = config.desks.front as Config['desks'][string];
    front.inputs = [{ ...front.inputs[0], port: pty.port } as (typeof front.inputs)[number]];
    writeFileSync(join(folder, 'page-tls'), 'in the way of the folder');
    const printed: string[] = [];
    const device = await startDevice({
      ...{ config, clock: systemClock, log: createLog('silent'), signal: new AbortController().signal },
      print: (line) => void printed.push(line),
      reload: { read: () => config, file: 'config.yaml', onDue: () => {}, failed: null },
    });
    const actor = new Actor(pty);
    try {
      await actor.tell();
      const health = await healthOf(folder);
      expect(health).toMatchObject({ page: { status: 'failed' }, 'desk front': { status: 'ok' } });
      expect(printed.join('\n')).toMatch(/^page {6}The page is not being served: no certificate/);
      expect(printed.join('\n')).not.toContain('null');
    } finally {
      actor.stop();
      await device.stop();
      await pty.stop();
    }
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

  test.each<[string, (a: Issued, b: Issued) => object, string, string]>([
    [
      'whose key is another one',
      (a, b) => ({ ...a, key: b.key }),
      'CA_CERTIFICATE_INVALID',
      'is not the key',
    ],
    ['that is none', (_, b) => ({ ...b, certificate: b.key }), 'CA_CERTIFICATE_INVALID', 'no certificate in'],
    ['without a key', (a) => ({ ...a, key: '/nowhere' }), 'CA_SECRET_UNREADABLE', 'page.key: ENOENT'],
    ['that is too weak', (a) => weak(a), 'CA_CERTIFICATE_INVALID', 'too small'],
  ])('%s is told, and the page served once it is put right', async (_, wrong, code, reason) => {
    const authority = new Authority(join(folder, 'ca'), 'Clinic');
    const [a, b] = [authority.issue('a', ['DNS:localhost']), authority.issue('b', ['DNS:localhost'])];
    const { certificate, key } = wrong(a, b) as Issued;
    const files = { certificate: join(folder, 'page.crt'), key: join(folder, 'page.key') };
    copyFileSync(certificate, files.certificate);
    if (key !== '/nowhere') copyFileSync(key, files.key);
    const { server } = await serve({ host: '127.0.0.1', port: 0, tls: given(files) });
    expect([server.url, server.health()]).toEqual([
      null,
      { status: 'failed', reason: expect.stringContaining(reason), detail: { code } },
    ]);
    copyFileSync(a.certificate, files.certificate);
    copyFileSync(a.key, files.key);
    clock.advance(60_000);
    await expect.poll(() => server.health().status).toBe('ok');
    expect((await ask(server.url ?? '')).certificate.subject).toBe('CN=a');
  });
});

test('plain HTTP on the loopback; an address that this device has not is told', async () => {
  const { url } = await serve({ host: '::1', port: 0 });
  expect(url).toMatch(/^http:\/\/\[::1\]:/);
  expect((await fetch(`${url}/api/me`)).status).toBe(200);
  await rig?.stop();
  rig = null;
  const { server } = await serve({ host: '192.0.2.77', port: 0 });
  expect(server.health()).toMatchObject({ status: 'failed', detail: { code: 'CA_ADDRESS_UNKNOWN' } });
  await server.stop();
  expect(clock.waiting()).toEqual([]);
});
