import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { readTls } from '../../uploader/tls.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { Rows, until, uploaderFor } from './rig.ts';
import { filesOf, makeCertificates, sample, signRequest, topicsOf } from './samples.ts';

let folder: string;
let tlsPort: number;
let broker: Mosquitto;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-access-'));
  makeCertificates(folder, ['clinic', 'other']);
  const passwords = join(folder, 'passwords');
  writeFileSync(passwords, '', { mode: 0o600 });
  for (const user of ['hub', 'homeassistant'])
    execFileSync('mosquitto_passwd', ['-b', passwords, user, `of ${user}`]);
  writeFileSync(join(folder, 'mosquitto.acl'), sample('mosquitto.acl'), { mode: 0o600 });
  tlsPort = await freePort();
  const port = await freePort();
  const conf = sample('mosquitto.conf')
    .replaceAll('/etc/mosquitto/contact-analyzer', folder)
    .replaceAll('/var/lib/mosquitto', folder)
    .replace('listener 8883', `listener ${tlsPort} 127.0.0.1`)
    .replace('listener 1883', `listener ${port}`);
  broker = await startMosquitto({ conf, port, whole: true });
});

afterAll(async () => {
  await broker?.stop();
  rmSync(folder, { recursive: true });
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A device's identity in other hands: what can be done with it is the broker's to say. */
function asDevice(device: string): Promise<Hand> {
  const { ca = '', cert = '', key = '' } = readTls(filesOf(folder, device));
  return hand(`mqtts://localhost:${tlsPort}`, { ca, cert, key });
}

const asUser = (username: string) => hand(broker.url, { username, password: `of ${username}` });

interface Hand {
  readonly client: MqttClient;
  readonly heard: string[];
  /** Resolves with true when the broker takes a message of this topic. */
  may(topic: string): Promise<boolean>;
}

async function hand(url: string, options: IClientOptions): Promise<Hand> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...options });
  ends.push(() => client.endAsync());
  const heard: string[] = [];
  client.on('message', (topic) => heard.push(topic));
  return {
    client,
    heard,
    may: (topic) =>
      new Promise((resolve) => {
        client.publish(topic, '{}', { qos: 1 }, (error) => resolve(!error));
      }),
  };
}

async function allowed(one: Hand, topics: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(topics.map((topic) => one.may(topic)));
  return topics.filter((_, index) => answers[index]);
}

describe('the sample access list of mosquitto', () => {
  it('lets a device do all that it does: report, be acknowledged, be asked and answer', async () => {
    const rows = new Rows();
    ends.push(async () => rows.close());
    const hub = await asUser('hub');
    const answers: unknown[] = [];
    hub.client.on('message', (topic, payload) => {
      if (topic === 'ca/v1/clinic/answers/hub') answers.push(JSON.parse(payload.toString()));
    });
    await hub.client.subscribeAsync(
      ['state', 'info', 'health', 'desks/#', 'events/#', 'answers/hub'].map((below) => `ca/v1/+/${below}`),
      { qos: 1 },
    );
    const url = `mqtts://localhost:${tlsPort}`;
    const device = uploaderFor(
      rows.outbox,
      { url, tls: () => readTls(filesOf(folder, 'clinic')) },
      1,
      systemClock,
      {
        hub: true,
      },
    );
    ends.push(() => device.stop());
    await device.start();
    rows.append(2, 'contact.closed');
    rows.append(1, 'press');
    const since = '2026-01-05T08:00:00.000Z';
    device.publishRetained('desks/front/presence', { present: true, since, contactId: null });
    const { store } = rows.outbox;
    const topics = ['state', 'info', 'desks/front/presence', 'events/contact.closed', 'events/press'];
    await until('reported', () => topics.every((below) => hub.heard.includes(`ca/v1/clinic/${below}`)));
    await hub.client.publishAsync('ca/v1/clinic/ack', JSON.stringify({ store, upTo: 3 }), { qos: 1 });
    await rows.drained();
    await hub.client.publishAsync('ca/v1/clinic/cmd/resend', JSON.stringify({ from: 2 }), {
      qos: 1,
      properties: { responseTopic: 'ca/v1/clinic/answers/hub', correlationData: Buffer.from('1') },
    });
    await until('answered', () => answers.length === 1);
    expect(answers).toEqual([{ ok: true, result: { from: 2, to: 3 } }]);
    expect(device.health()).toMatchObject({ status: 'ok', detail: { connected: true } });
  });

  it('lets a device write every topic of the schema below its own name, and none of another', async () => {
    const clinic = await asDevice('clinic');
    const own = [
      ...topicsOf('clinic'),
      'ca/v1/clinic/answers/me',
      'homeassistant/device/clinic/front/config',
    ];
    expect(await allowed(clinic, own)).toEqual(own);
    const foreign = [
      ...topicsOf('other'),
      'ca/v1/other/answers/hub',
      ...['ca/v1/clinic/ack', 'ca/v1/clinic/cmd/erase', 'ca/v1/other/ack', 'ca/v1/other/cmd/erase'],
      ...['homeassistant/device/other/front/config', 'homeassistant/status', 'ca/v1/clinic/more', 'more'],
    ];
    expect(await allowed(clinic, foreign)).toEqual([]);
  });

  it('lets a device hear what is for it, whatever it asks for', async () => {
    const clinic = await asDevice('clinic');
    await clinic.client.subscribeAsync(['#', 'ca/v1/other/cmd/+', 'ca/v1/+/state'], { qos: 1 });
    const other = await asDevice('other');
    const hub = await asUser('hub');
    const homeAssistant = await asUser('homeassistant');
    await allowed(other, topicsOf('other'));
    await allowed(clinic, topicsOf('clinic'));
    await allowed(hub, ['ca/v1/other/ack', 'ca/v1/other/cmd/erase', 'ca/v1/clinic/ack']);
    await homeAssistant.may('homeassistant/status');
    await hub.may('ca/v1/clinic/cmd/health');
    await until('heard', () => clinic.heard.includes('ca/v1/clinic/cmd/health'));
    await sleep(100);
    expect([...new Set(clinic.heard)].toSorted()).toEqual([
      'ca/v1/clinic/ack',
      'ca/v1/clinic/cmd/health',
      'homeassistant/status',
    ]);
  });

  it('lets the hub acknowledge and command, and not speak for a device; Home Assistant pauses and resumes', async () => {
    const orders = ['ack', 'cmd/resend', 'cmd/erase', 'cmd/pause'].map((below) => `ca/v1/clinic/${below}`);
    const hub = await asUser('hub');
    expect(await allowed(hub, orders)).toEqual(orders);
    expect(await allowed(hub, topicsOf('clinic'))).toEqual([]);
    const homeAssistant = await asUser('homeassistant');
    expect(await allowed(homeAssistant, [...orders, ...topicsOf('clinic')])).toEqual([
      'ca/v1/clinic/cmd/pause',
    ]);
  });

  it('knows a device by the name that the signer gave it, whatever its request says', async () => {
    const place = mkdtempSync(join(folder, 'signing-'));
    for (const file of ['ca.crt', 'ca.key']) copyFileSync(join(folder, file), join(place, file));
    const wish = ['-subj', '/CN=hub', '-addext', 'basicConstraints=critical,CA:TRUE'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', 'device.key', '-out', 'device.csr'];
    execFileSync('openssl', ['req', '-new', ...key, ...wish, ...files], { cwd: place, stdio: 'pipe' });
    signRequest(place, 'clinic');
    const { subject, ca } = new X509Certificate(readFileSync(join(place, 'device.crt')));
    expect({ subject, ca }).toEqual({ subject: 'CN=clinic', ca: false });
  });

  it('lets nobody in without a certificate or a password', async () => {
    const ca = readFileSync(join(folder, 'ca.crt'));
    const strangers: [string, IClientOptions][] = [
      [`mqtts://localhost:${tlsPort}`, { ca }],
      [`mqtts://localhost:${tlsPort}`, { ca, username: 'hub', password: 'of hub' }],
      [broker.url, {}],
      [broker.url, { username: 'hub', password: 'of nobody' }],
      [broker.url, { username: 'clinic', password: '' }],
    ];
    for (const [url, options] of strangers)
      await expect(
        mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...options }, false),
      ).rejects.toThrow();
  });
});
