import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { Certificates, readTls, type TlsFiles } from '../../uploader/tls.ts';
import type { Uploader } from '../../uploader/uploader.ts';
import { Authority, bundle, type Issued } from '../stand-ins/certificates.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { type LinkRig, linkFor } from './link-rig.ts';
import { allEventIds, Rows, until, uploaderFor } from './rig.ts';

const DAY = 86_400_000;
const HERE = ['DNS:localhost'];

let folder: string;
let clinic: Authority;
let stranger: Authority;
let server: Issued;
let own: Issued;
let broker: Mosquitto;
/** Of the same broker, for the test's own ears. */
let plainPort: number;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-tls-'));
  clinic = new Authority(join(folder, 'clinic'), 'Clinic');
  stranger = new Authority(join(folder, 'stranger'), 'Stranger');
  server = clinic.issue('localhost', HERE);
  own = clinic.issue('clinic');
  plainPort = await freePort();
  const ears = `listener ${plainPort} 127.0.0.1`;
  broker = await brokerWith(server, clinic.certificate, `require_certificate true\n${ears}`);
});

afterAll(async () => {
  await broker.stop();
  rmSync(folder, { recursive: true });
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const brokerWith = ({ certificate, key }: Issued, ca: string, more = '') =>
  startMosquitto({ conf: `cafile ${ca}\ncertfile ${certificate}\nkeyfile ${key}\n${more}` });

const filesOf = ({ certificate, key }: Issued, ca = clinic.certificate): TlsFiles => ({
  ca,
  certificate,
  key: { name: key, read: () => readFileSync(key, 'utf8') },
});

const at = ({ port }: Mosquitto, host = 'localhost') => `mqtts://${host}:${port}`;

async function other(issued: Issued, ca = clinic.certificate, more = ''): Promise<Mosquitto> {
  const started = await brokerWith(issued, ca, more);
  ends.push(() => started.stop());
  return started;
}

/** Of the certificate that the broker shows. */
function fingerprintAt({ port }: Mosquitto): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const ca = readFileSync(clinic.certificate);
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

/** What was said of the device's state while we listened, without what only repeats it. */
function statesAt(far: Subscriber): string[] {
  return far.messages
    .filter((m) => m.topic === 'ca/v1/clinic/state' && !m.retain)
    .map((m) => (m.payload as { state: string }).state)
    .filter((state, index, all) => state !== all[index - 1]);
}

function start(rig: LinkRig): LinkRig {
  ends.push(() => rig.link.stop());
  rig.link.start();
  return rig;
}

/** The fault of the second attempt: told as it was the first time, and the tries go on. */
async function faultOf(url: string, files: TlsFiles | null): Promise<{ code: string; text: string }> {
  const rig = start(linkFor({ url, ...(files ? { tls: () => readTls(files) } : {}) }));
  await until('failed twice', () => rig.waits().length > 1);
  const [first = 0, second = 0] = rig.waits();
  expect(first).toBeGreaterThanOrEqual(250);
  expect(first).toBeLessThanOrEqual(500);
  expect(second).toBeGreaterThanOrEqual(500);
  expect(second).toBeLessThanOrEqual(1_000);
  expect(rig.ups()).toBe(0);
  const { fault } = rig.link;
  expect(fault?.message).toContain(url);
  expect(fault?.message).not.toMatch(/:error:|undefined/);
  return { code: fault?.code ?? '', text: `${fault?.message}. ${fault?.remedy}` };
}

describe('a link by TLS', () => {
  it('shows its certificate, checks that of the broker, and says when they expire', async () => {
    const rig = start(linkFor({ url: at(broker), tls: () => readTls(filesOf(own)) }));
    await until('connected', () => rig.link.connection !== null);
    const day = new Date(Date.now() + 365 * DAY).toISOString().slice(0, 10);
    expect(rig.link.detail).toEqual({
      certificateExpires: day,
      authorityExpires: day,
      brokerCertificateExpires: day,
    });
    expect(rig.link.warning).toBeNull();
  });

  it('is not switched off by an environment variable', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      expect(await faultOf(at(broker), filesOf(own, stranger.certificate))).toMatchObject({
        code: 'CA_BROKER_UNTRUSTED',
      });
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  it('does not trust a broker of an authority that it does not know', async () => {
    for (const files of [filesOf(own, stranger.certificate), null]) {
      const { code, text } = await faultOf(at(broker), files);
      expect(code).toBe('CA_BROKER_UNTRUSTED');
      expect(text).toContain('mqtt.tls.ca');
    }
  });

  it('does not trust a broker of another name', async () => {
    const { code, text } = await faultOf(at(broker, '127.0.0.1'), filesOf(own));
    expect(code).toBe('CA_BROKER_UNTRUSTED');
    expect(text).toContain('Write a name in `mqtt.url` that stands in');
  });

  it.each([
    ['expired', { from: Date.now() - 9 * DAY, until: Date.now() - DAY }, 'Give the broker a new certificate'],
    ['not yet valid', { from: Date.now() + DAY }, 'See whether the clock of this device is right'],
  ])('does not trust a broker whose certificate is %s', async (_, validity, remedy) => {
    const wrong = await brokerWith(clinic.issue('localhost', HERE, validity), clinic.certificate);
    ends.push(() => wrong.stop());
    const { code, text } = await faultOf(at(wrong), { ca: clinic.certificate });
    expect(code).toBe('CA_BROKER_UNTRUSTED');
    expect(text).toContain(remedy);
  });

  it('says that the broker wants a certificate', async () => {
    const { code, text } = await faultOf(at(broker), { ca: clinic.certificate });
    expect(code).toBe('CA_BROKER_REFUSED');
    expect(text).toContain('certificate required');
    expect(text).toContain('set `mqtt.tls.certificate`');
  });

  it('says that the broker does not take its certificate', async () => {
    const old = clinic.issue('clinic', [], { from: Date.now() - 9 * DAY, until: Date.now() - DAY });
    for (const [issued, word] of [
      [stranger.issue('clinic'), 'unknown ca'],
      [old, 'certificate expired'],
    ] as const) {
      const { code, text } = await faultOf(at(broker), filesOf(issued));
      expect(code).toBe('CA_BROKER_REFUSED');
      expect(text).toContain(word);
      expect(text).toContain('have a new one signed');
    }
  });

  it('tells of a door of the other kind', async () => {
    const plain = await startMosquitto();
    ends.push(() => plain.stop());
    for (const [url, files] of [
      [`mqtt://localhost:${broker.port}`, null],
      [at(plain), filesOf(own)],
    ] as const) {
      const { code, text } = await faultOf(url, files);
      expect(code).toBe('CA_BROKER_UNREACHABLE');
      expect(text).toContain('whether the port is one for TLS');
    }
  });

  it('tells of files that cannot be used, and connects once they can', async () => {
    const place = mkdtempSync(join(folder, 'late-'));
    const files = filesOf({ certificate: join(place, 'own.crt'), key: join(place, 'own.key') });
    copyFileSync(own.certificate, join(place, 'own.crt'));
    copyFileSync(clinic.issue('clinic').key, join(place, 'own.key'));
    const rig = start(linkFor({ url: at(broker), tls: () => readTls(files) }));
    await until('told', () => rig.link.fault?.code === 'CA_CERTIFICATE_INVALID');
    expect(rig.link.fault?.message).toContain(`${join(place, 'own.key')} is not the key of`);
    copyFileSync(own.key, join(place, 'own.key'));
    await until('connected', () => rig.link.connection !== null);
  });
});

describe('certificates that change while the service runs', () => {
  let place: string;
  let rows: Rows;
  let clock: ManualClock;
  let uploader: Uploader & { logged: string[] };
  const live = () => ({ certificate: join(place, 'own.crt'), key: join(place, 'own.key') });
  const put = (issued: Issued) => {
    copyFileSync(issued.certificate, live().certificate);
    copyFileSync(issued.key, live().key);
  };

  beforeEach(() => {
    place = mkdtempSync(join(folder, 'live-'));
    rows = new Rows();
    clock = new ManualClock({ mono: 1_000, wall: Date.now() });
    ends.push(async () => rows.close());
  });

  async function running(): Promise<void> {
    const files = filesOf(live());
    uploader = uploaderFor(rows.outbox, { url: at(broker), tls: () => readTls(files) }, 1, clock);
    ends.push(async () => {
      const stopping = uploader.stop();
      clock.advance(10_000);
      await stopping;
    });
    await uploader.start();
    await until('connected', () => uploader.health().detail?.connected === true);
  }

  it('are used without a restart, and nothing is lost or comes twice', async () => {
    put(clinic.issue('clinic', [], { until: Date.now() + 20 * DAY }));
    const far = await startSubscriber({ url: `mqtt://127.0.0.1:${plainPort}` });
    ends.push(() => far.stop());
    await running();
    const soon = uploader.health().detail?.certificateExpires;
    const ids = rows.append(200);
    put(own);
    clock.advance(60_000);
    ids.push(...rows.append(200));
    await until('connected with the new one', () => uploader.health().detail?.certificateExpires !== soon);
    await rows.drained();
    await until('all arrived', () => allEventIds(far).length >= ids.length);
    await sleep(50);
    expect(allEventIds(far)).toEqual(ids);
    // For a moment nobody could have heard it.
    expect(statesAt(far)).toEqual(['degraded', 'lost', 'degraded']);
    expect(uploader.health().status).toBe('ok');
  });

  it('leave `lost` at the broker when it does not take the new one', async () => {
    put(own);
    const far = await startSubscriber({ url: `mqtt://127.0.0.1:${plainPort}` });
    ends.push(() => far.stop());
    await running();
    put(stranger.issue('clinic'));
    clock.advance(60_000);
    await until('refused', () => uploader.health().detail?.code === 'CA_BROKER_REFUSED');
    await until('told', () => statesAt(far).length === 2);
    expect(statesAt(far)).toEqual(['degraded', 'lost']);
  });

  it('keep nobody from a proper end: what waits goes out, and the state is `stopped`', async () => {
    put(clinic.issue('clinic', [], { until: Date.now() + 20 * DAY }));
    const far = await startSubscriber({ url: `mqtt://127.0.0.1:${plainPort}` });
    ends.push(() => far.stop());
    await running();
    put(own);
    const ids = rows.append(200);
    clock.advance(60_000);
    ids.push(...rows.append(200));
    expect(uploader.health().detail?.connected).toBe(false);
    await uploader.stop();
    expect(rows.outbox.depth()).toBe(0);
    await until('told', () => statesAt(far).length >= 4);
    expect(statesAt(far)).toEqual(['degraded', 'lost', 'degraded', 'stopped']);
    expect(allEventIds(far)).toEqual(ids);
  });

  it('are those of before at a reconnect, while the new ones cannot be used', async () => {
    put(own);
    const expired = clinic.issue('clinic', [], { from: Date.now() - 9 * DAY, until: Date.now() - DAY });
    const started = await other(server);
    const files = filesOf(live());
    const rig = start(linkFor({ url: at(started), tls: () => readTls(files) }));
    let ups = 0;
    for (const [spoil, says] of [
      [() => {}, null],
      [() => writeFileSync(live().certificate, 'half a fi'), 'no certificate in PEM'],
      [() => put(expired), 'expired on'],
      [() => put(own), null],
    ] as const) {
      spoil();
      if (ups > 0) await started.restart();
      ups += 1;
      await until(`connected, ${says}`, () => rig.ups() === ups && rig.link.connection !== null);
      expect(rig.link.warning?.code ?? null).toBe(says === null ? null : 'CA_CERTIFICATE_INVALID');
      expect(rig.link.warning?.message ?? '').toContain(says ?? '');
    }
  });

  it('are taken although they seem wrong when those of before are too: the clock may be', async () => {
    const later = Date.now() + 100 * DAY;
    put(clinic.issue('clinic', [], { until: Date.now() + DAY }));
    const tls = () => readTls(filesOf(live()));
    const certificates = new Certificates(tls, clock);
    certificates.take();
    certificates.met(new X509Certificate(readFileSync(server.certificate)));
    const next = clinic.issue('clinic', [], { from: later - DAY, until: later + DAY });
    const nextCert = readFileSync(next.certificate, 'utf8');
    put(next);
    expect(certificates.take().cert).not.toBe(nextCert);
    clock.step(10 * DAY);
    expect(certificates.take().cert).toBe(nextCert);
  });

  it('leave the connection alone while they cannot be used, and say why', async () => {
    put(own);
    await running();
    const expired = clinic.issue('clinic', [], { from: Date.now() - 9 * DAY, until: Date.now() - DAY });
    const early = clinic.issue('clinic', [], { from: Date.now() + DAY });
    for (const [spoil, says] of [
      [() => writeFileSync(live().certificate, 'half a fi'), 'no certificate in PEM'],
      [() => copyFileSync(clinic.issue('clinic').certificate, live().certificate), 'is not the key of'],
      [() => rmSync(live().certificate), 'ENOENT'],
      [() => put(expired), 'expired on'],
      [() => put(early), 'is not valid before'],
    ] as const) {
      spoil();
      clock.advance(60_000);
      expect(uploader.health()).toMatchObject({
        status: 'degraded',
        reason: expect.stringContaining(says),
        detail: { connected: true, code: 'CA_CERTIFICATE_INVALID' },
      });
    }
    put(own);
    clock.advance(60_000);
    expect(uploader.health()).toMatchObject({ status: 'ok', detail: { connected: true } });
    expect(uploader.logged.filter((line) => line.includes('connecting anew'))).toEqual([]);
  });

  it('are told of 14 days before they expire', async () => {
    const wall = Date.now();
    put(clinic.issue('clinic', [], { until: wall + 14 * DAY + 3_600_000 }));
    await running();
    expect(uploader.health().status).toBe('ok');
    clock.step(3_700_000);
    const day = new Date(wall + 14 * DAY + 3_600_000).toISOString().slice(0, 10);
    expect(uploader.health()).toMatchObject({
      status: 'degraded',
      reason: expect.stringContaining(`this device's certificate (${live().certificate}) expires on ${day}`),
      detail: { connected: true, code: 'CA_CERTIFICATE_EXPIRES', certificateExpires: day },
    });
    clock.step(20 * DAY);
    expect(uploader.health().reason).toContain(`expired on ${day}`);
  });

  it('that are of the broker or the authority are told of as well; of a bundle the last counts', async () => {
    const near = { until: Date.now() + 5 * DAY };
    const old = new Authority(join(folder, 'old'), 'Clinic, old', near);
    for (const [authority, validity, says] of [
      [clinic, near, "the broker's certificate expires on"],
      [old, {}, "the authority's certificate"],
    ] as const) {
      const started = await other(authority.issue('localhost', HERE, validity), authority.certificate);
      const ca = authority.certificate;
      const rig = start(linkFor({ url: at(started), tls: () => readTls({ ca }) }));
      await until('connected', () => rig.link.connection !== null);
      expect(rig.link.warning?.code).toBe('CA_CERTIFICATE_EXPIRES');
      expect(rig.link.warning?.message).toContain(says);
    }
    const both = bundle(join(folder, 'both.crt'), [old.certificate, clinic.certificate]);
    const rig = start(linkFor({ url: at(broker), tls: () => readTls(filesOf(own, both)) }));
    await until('connected', () => rig.link.connection !== null);
    expect(rig.link.warning).toBeNull();
  });

  it('of the broker are looked at once a day while the old one is about to expire', async () => {
    put(own);
    const place = mkdtempSync(join(folder, 'broker-'));
    const files = { certificate: join(place, 'broker.crt'), key: join(place, 'broker.key') };
    const shown = (issued: Issued) => {
      copyFileSync(issued.certificate, files.certificate);
      copyFileSync(issued.key, files.key);
    };
    shown(clinic.issue('localhost', HERE, { until: Date.now() + 5 * DAY }));
    const started = await other(files);
    const tls = () => readTls(filesOf(live()));
    const rig = linkFor({ url: at(started), tls }, { clock });
    ends.push(() => rig.link.stop());
    rig.link.start();
    await until('connected', () => rig.link.connection !== null);
    expect(rig.link.warning?.code).toBe('CA_CERTIFICATE_EXPIRES');
    shown(server);
    process.kill(started.pid, 'SIGHUP');
    const now = new X509Certificate(readFileSync(server.certificate)).fingerprint256;
    for (let tries = 0; (await fingerprintAt(started)) !== now; tries++) {
      if (tries === 200) throw new Error('the broker does not show its new certificate');
      await sleep(50);
    }
    clock.advance(DAY - 120_000);
    expect(rig.link.connection).not.toBeNull();
    clock.advance(120_000);
    await until('connected anew', () => rig.ups() === 2);
    expect(rig.link.warning).toBeNull();
    clock.advance(2 * DAY);
    expect(rig.link.connection).not.toBeNull();
  });
});
