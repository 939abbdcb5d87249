import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { readTls } from '../../uploader/tls.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { linkFor } from './link-rig.ts';
import { Rows, until, uploaderFor } from './rig.ts';
import { filesOf, makeCertificates, sample, topicsOf } from './samples.ts';

const PROGRAM = new URL('../../.cache/nats/nats-server', import.meta.url).pathname;

let folder: string;
let url: string;
/** Where it speaks its own protocol. */
let ownPort: number;
let server: ChildProcess;
let hub: MqttClient;
const heard: string[] = [];
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!existsSync(PROGRAM)) throw new Error(`there is no ${PROGRAM}: run \`sh systemd/setup.sh test\``);
  folder = mkdtempSync(join(tmpdir(), 'ca-nats-'));
  makeCertificates(folder, ['clinic', 'hub']);
  const port = await freePort();
  ownPort = await freePort();
  url = `mqtts://localhost:${port}`;
  const conf = sample('nats-server.conf')
    .replaceAll('/etc/nats', folder)
    .replace('/var/lib/nats', join(folder, 'store'))
    .replace('0.0.0.0:8883', `127.0.0.1:${port}`)
    .replace('127.0.0.1:4222', `127.0.0.1:${ownPort}`);
  writeFileSync(join(folder, 'nats.conf'), conf);
  server = spawn('setpriv', ['--pdeathsig', 'KILL', PROGRAM, '-c', join(folder, 'nats.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  server.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  await until('NATS runs', () => said.includes('Server is ready') || server.exitCode !== null);
  if (server.exitCode !== null) throw new Error(`NATS does not take the sample: ${said}`);
  const { ca = '', cert = '', key = '' } = readTls(filesOf(folder, 'hub'));
  hub = await mqtt.connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, ca, cert, key });
  hub.on('message', (topic) => heard.push(topic));
  await hub.subscribeAsync(
    ['state', 'info', 'health', 'desks/#', 'events/+'].map((below) => `ca/v1/+/${below}`),
    { qos: 1 },
  );
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

afterAll(async () => {
  await hub?.endAsync();
  if (server?.exitCode === null) {
    const closed = once(server, 'close');
    server.kill();
    await closed;
  }
  rmSync(folder, { recursive: true });
});

const broker = () => ({ url, version: '3.1.1' as const, tls: () => readTls(filesOf(folder, 'clinic')) });

describe('the sample configuration of NATS', () => {
  it('lets a device report and be acknowledged and asked', async () => {
    const rows = new Rows();
    ends.push(async () => rows.close());
    const device = uploaderFor(rows.outbox, broker(), 1, systemClock, { hub: true });
    ends.push(() => device.stop());
    await device.start();
    rows.append(3, 'contact.closed');
    await until(
      'reported',
      () => heard.filter((t) => t === 'ca/v1/clinic/events/contact.closed').length === 3,
    );
    await hub.publishAsync('ca/v1/clinic/cmd/resend', JSON.stringify({ from: 2 }), { qos: 1 });
    await until('again', () => heard.filter((t) => t === 'ca/v1/clinic/events/contact.closed').length === 5);
    const { store } = rows.outbox;
    await hub.publishAsync('ca/v1/clinic/ack', JSON.stringify({ store, upTo: 3 }), { qos: 1, retain: true });
    await rows.drained();
    await until('well', () => device.health().status === 'ok');
  });

  it('lets a device write what is its own; the rest is taken and dropped, a subscription is refused', async () => {
    const subscriptions = ['ca/v1/clinic/ack', 'ca/v1/other/ack'];
    const rig = linkFor(broker(), { subscriptions });
    ends.push(() => rig.link.stop());
    rig.link.start();
    await until('refused', () => rig.link.fault?.code === 'CA_SUBSCRIBE_REFUSED');
    expect(rig.link.fault?.message).toContain('ca/v1/other/ack');
    expect(rig.link.fault?.message).not.toContain('ca/v1/clinic/ack');
    heard.length = 0;
    const send = (topic: string) =>
      new Promise((resolve) =>
        rig.link.connection?.publish(
          topic,
          '{}',
          { retain: false, contentType: 'application/json' },
          resolve,
        ),
      );
    for (const topic of [...topicsOf('other'), ...topicsOf('clinic')]) expect(await send(topic)).toBeNull();
    await until('all', () => topicsOf('clinic').every((topic) => heard.includes(topic)));
    expect(heard.filter((topic) => topic.includes('/other/'))).toEqual([]);
  });

  it('lets nobody in by a name alone, by its own protocol either', async () => {
    /** What it says to `CN=hub` without a password, until it hangs up or answers the PING. */
    const answerTo = async (socket: Socket): Promise<string> => {
      let said = '';
      socket.on('data', (chunk) => {
        said += chunk;
      });
      socket.on('error', () => {});
      ends.push(async () => socket.destroy());
      const words = { verbose: false, pedantic: false, user: 'CN=hub', pass: '' };
      socket.write(`CONNECT ${JSON.stringify(words)}\r\nPUB ca.v1.clinic.ack 2\r\n{}\r\nPING\r\n`);
      await until('answered', () => socket.closed || /PONG|-ERR/.test(said));
      return said;
    };
    expect(await answerTo(connect(ownPort, '127.0.0.1'))).not.toContain('PONG');
    /** TLS begins after a line in the clear. */
    const upgraded = async (device: string | null) => {
      const plain = connect(ownPort, '127.0.0.1');
      ends.push(async () => plain.destroy());
      await once(plain, 'readable');
      plain.read();
      const { ca = '', cert = '', key = '' } = readTls(filesOf(folder, device ?? 'hub'));
      return connectTls({
        ...{ socket: plain, servername: 'localhost', ca },
        ...(device === null ? {} : { cert, key }),
      });
    };
    expect(await answerTo(await upgraded(null))).not.toContain('PONG');
    // The door is one: who has the certificate of the hub is let in.
    expect(await answerTo(await upgraded('hub'))).toContain('PONG');
    // Another's certificate is another's name, whatever it says: it may not acknowledge.
    expect(await answerTo(await upgraded('clinic'))).toContain('Permissions Violation');
  });
});
