import { execFileSync } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes } from 'aedes';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { EmbeddedBroker } from '../../uploader/embedded-broker.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { startRelay } from '../stand-ins/relay.ts';
import { startSubscriber } from '../stand-ins/subscriber.ts';
import { type LinkRig, linkFor } from './link-rig.ts';
import { until } from './rig.ts';

const ends: (() => Promise<unknown>)[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-link-'));
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true });
});

function start(rig: LinkRig): LinkRig {
  ends.push(() => rig.link.stop());
  rig.link.start();
  return rig;
}

async function mosquitto(conf = ''): Promise<Mosquitto> {
  const broker = await startMosquitto({ conf });
  ends.push(() => broker.stop());
  return broker;
}

/** Something that listens and is no broker. */
async function listening(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function faultOf(url: string): Promise<{ code: string; text: string }> {
  const rig = start(linkFor({ url }));
  await until('failed twice', () => rig.waits().length > 1, 25_000);
  const { fault } = rig.link;
  return { code: fault?.code ?? '', text: `${fault?.message}. ${fault?.remedy}` };
}

describe('a link that cannot be made says what to do about it', () => {
  it.each([
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a shell', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ])('%s answers', async (_, answer) => {
    const url = await listening((socket) => socket.once('data', () => socket.write(answer)));
    expect(await faultOf(url)).toEqual({
      code: 'CA_BROKER_UNREACHABLE',
      text: expect.stringContaining('does not speak MQTT: check host and port'),
    });
  });

  it('what listens hangs up', async () => {
    expect(await faultOf(await listening((socket) => socket.end()))).toEqual({
      code: 'CA_BROKER_UNREACHABLE',
      text: expect.stringContaining('hangs up without a word'),
    });
  });

  it('what listens says nothing', async () => {
    const rig = start(linkFor({ url: await listening(() => {}) }));
    await until('failed', () => rig.waits().length > 0, 15_000);
    expect(rig.link.fault?.code).toBe('CA_BROKER_UNREACHABLE');
    expect(rig.link.fault?.remedy).toContain('does not answer: check the port');
  });

  it('nothing listens', async () => {
    expect(await faultOf(`mqtt://127.0.0.1:${await freePort()}`)).toEqual({
      code: 'CA_BROKER_UNREACHABLE',
      text: expect.stringContaining('Nothing listens there'),
    });
  });

  it('its name is not known', async () => {
    expect(await faultOf('mqtt://broker.invalid')).toEqual({
      code: 'CA_BROKER_UNREACHABLE',
      text: expect.stringMatching(/(ENOTFOUND|EAI_AGAIN).*name server of the network/),
    });
  });

  it('the broker speaks only MQTT 3.1.1', async () => {
    const port = await freePort();
    const aedes = new EmbeddedBroker({ port, log: pino({ level: 'silent' }) });
    await aedes.start();
    ends.push(() => aedes.stop());
    expect(await faultOf(`mqtt://127.0.0.1:${port}`)).toEqual({
      code: 'CA_BROKER_REFUSED',
      text: expect.stringContaining("set `mqtt.version` to '3.1.1'"),
    });
  });
});

describe('a link that does not hold', () => {
  const WELCOME_5 = Buffer.from([0x20, 3, 0, 0, 0]);
  const WRONG_VERSION = Buffer.from([0x20, 2, 0, 1]);

  it('names the version that is to be set: the other one', async () => {
    const url = await listening((socket) => socket.once('data', () => socket.end(WRONG_VERSION)));
    const rig = start(linkFor({ url, version: '3.1.1' }));
    await until('failed', () => rig.waits().length > 0);
    expect(rig.link.fault?.code).toBe('CA_BROKER_REFUSED');
    expect(rig.link.fault?.remedy).toContain("set `mqtt.version` to '5'");
  });

  it('suspects a second device only when it is thrown out three times in a row', async () => {
    const clock = new ManualClock();
    const welcomes = [true, true, false, true, true, true];
    const url = await listening((socket) =>
      socket.once('data', () => socket.end(welcomes.shift() ? WELCOME_5 : '')),
    );
    const rig = start(linkFor({ url }, { clock }));
    for (let failures = 1; failures <= 6; failures++) {
      await until(`failure ${failures}`, () => rig.waits().length === failures);
      const code = failures < 6 ? 'CA_BROKER_UNREACHABLE' : 'CA_BROKER_REFUSED';
      expect([failures, rig.link.fault?.code]).toEqual([failures, code]);
      clock.advance(30_000);
    }
    expect(rig.ups()).toBe(5);
  });
});

it('waits twice as long after each failure, up to half a minute, and never quite the same', async () => {
  const clock = new ManualClock();
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  const rig = start(linkFor({ url }, { clock }));
  for (let failures = 1; failures <= 10; failures++) {
    await until(`failure ${failures}`, () => rig.waits().length === failures);
    clock.advance(30_000);
  }
  const longest = (failure: number) => Math.min(30_000, 500 * 2 ** failure);
  for (const [failure, wait] of rig.waits().entries()) {
    expect(wait).toBeGreaterThanOrEqual(longest(failure) / 2);
    expect(wait).toBeLessThanOrEqual(longest(failure));
  }
  expect(new Set(rig.waits().slice(6)).size).toBeGreaterThan(1);
});

it('finds a half-open connection by its keepalive, and connects anew', async () => {
  const broker = await mosquitto();
  const relay = await startRelay(broker.port);
  ends.push(() => relay.stop());
  const rig = start(linkFor({ url: `mqtt://127.0.0.1:${relay.port}` }, { keepalive: 2 }));
  await until('connected', () => rig.link.connection !== null);
  // Well again by itself: silence alone is no fault.
  await sleep(4_000);
  expect(rig.ups()).toBe(1);
  relay.stall();
  const answered: unknown[] = [];
  const options = { retain: false, contentType: 'application/json' } as const;
  rig.link.connection?.publish('ca/v1/clinic/info', '{}', options, (refusal) => answered.push(refusal));
  // 1.25 to 1.5 × keepalive; the rest is for a busy machine. The broker's own limit is no news: nothing passes.
  await until('found', () => rig.link.connection === null, 10_000);
  expect(rig.link.fault?.code).toBe('CA_BROKER_UNREACHABLE');
  expect(rig.link.fault?.message).toMatch(/keepalive/i);
  // What was on its way was not refused.
  expect(answered).toEqual([]);
  relay.mend();
  // An attempt that had begun while nothing passed goes on where it stood.
  await until('connected anew', () => rig.link.connection !== null, 15_000);
});

it('makes answers wait for room, drops the oldest of too many, and tells when there is room again', async () => {
  const broker = await mosquitto();
  const relay = await startRelay(broker.port);
  ends.push(() => relay.stop());
  const far = await startSubscriber({ url: broker.url });
  ends.push(() => far.stop());
  const rig = start(linkFor({ url: `mqtt://127.0.0.1:${relay.port}` }));
  await until('connected', () => rig.link.connection !== null);
  relay.stall();
  const answer = (n: number) => {
    const payload = { ok: false, code: 'CA_COMMAND_FAILED', message: `${n}`, remedy: '' };
    rig.link.connection?.answer('ca/v1/clinic/answers/hub', JSON.stringify(payload), null);
  };
  for (let n = 1; n <= 130; n++) answer(n);
  expect(rig.link.connection?.room).toBe(0);
  relay.mend();
  await until('all that waited', () => rig.rooms() === 120);
  await until('heard', () => far.messages.length === 120);
  const said = far.messages.map(({ payload }) => Number((payload as { message: string }).message));
  // 20 were on their way, 100 may wait.
  expect(said).toEqual(
    [...Array(20).keys(), ...Array.from({ length: 100 }, (_, n) => 30 + n)].map((n) => n + 1),
  );
  expect(rig.logged.filter((line) => line.includes('an answer is dropped')).length).toBe(10);
  expect(rig.link.connection?.room).toBe(20);
});

describe('what the access list denies', () => {
  const ADMIN = 'admin of the test';
  // It warns of the password in the clear.
  const QUIET = { stdio: 'pipe' } as const;

  /** mosquitto's list in a file denies no subscription, it only delivers nothing: its plug-in does. */
  async function strict(): Promise<{ broker: Mosquitto; grant: (filter: string) => void }> {
    const file = join(folder, 'dynsec.json');
    execFileSync('mosquitto_ctrl', ['dynsec', 'init', file, 'admin', ADMIN], QUIET);
    chmodSync(file, 0o600);
    const plugin = globSync('/usr/lib/*/mosquitto_dynamic_security.so')[0];
    const broker = await mosquitto(`allow_anonymous false\nplugin ${plugin}\nplugin_opt_config_file ${file}`);
    const order = (...words: string[]) =>
      execFileSync(
        'mosquitto_ctrl',
        [...['-h', '127.0.0.1', '-p', `${broker.port}`, '-u', 'admin', '-P', ADMIN, 'dynsec'], ...words],
        QUIET,
      );
    order('createClient', 'clinic', '-p', 'of the clinic');
    order('createRole', 'device');
    order('addClientRole', 'clinic', 'device');
    const grant = (filter: string) => order('addRoleACL', 'device', 'subscribePattern', filter, 'allow');
    grant('ca/v1/clinic/ack');
    return { broker, grant };
  }

  it.each(['5', '3.1.1'] as const)(
    'of subscriptions is told by name, and heard once it is allowed (MQTT %s)',
    async (version) => {
      const { broker, grant } = await strict();
      const subscriptions = ['ca/v1/clinic/ack', 'ca/v1/clinic/cmd/+'];
      const login = { user: 'clinic', password: () => 'of the clinic' };
      const rig = start(linkFor({ url: broker.url, version, ...login }, { subscriptions }));
      await until('told', () => rig.link.fault?.code === 'CA_SUBSCRIBE_REFUSED');
      expect(rig.link.fault?.message).toContain('ca/v1/clinic/cmd/+');
      expect(rig.link.fault?.message).not.toContain('ack');
      expect(rig.link.connection).not.toBeNull();
      grant('ca/v1/clinic/cmd/+');
      // This plug-in sends away whose role was changed; the next connection asks for everything.
      await until('granted', () => rig.link.fault === null && rig.link.connection !== null);
    },
  );

  it('of subscriptions is asked for again over the same connection', async () => {
    const port = await freePort();
    const aedes = await Aedes.createBroker();
    const server = createServer(aedes.handle).listen(port, '127.0.0.1');
    ends.push(async () => {
      server.close();
      await new Promise<void>((resolve) => aedes.close(resolve));
    });
    let allowed = false;
    const asked: string[] = [];
    aedes.authorizeSubscribe = (_, subscription, done) => {
      asked.push(subscription.topic);
      done(null, allowed || subscription.topic.endsWith('ack') ? subscription : null);
    };
    const subscriptions = ['ca/v1/clinic/ack', 'ca/v1/clinic/cmd/+'];
    const rig = start(linkFor({ url: `mqtt://127.0.0.1:${port}`, version: '3.1.1' }, { subscriptions }));
    await until('asked again', () => asked.length >= 4);
    expect(rig.link.fault?.code).toBe('CA_SUBSCRIBE_REFUSED');
    allowed = true;
    await until('granted', () => rig.link.fault === null);
    expect(rig.ups()).toBe(1);
    expect(asked.filter((topic) => topic.endsWith('ack'))).toEqual(['ca/v1/clinic/ack']);
    aedes.publish(
      { cmd: 'publish', topic: 'ca/v1/clinic/cmd/health', payload: '{}', qos: 1, retain: false, dup: false },
      () => {},
    );
    await until('heard', () => rig.heard.length === 1);
    expect(rig.heard[0]).toMatchObject({ topic: 'ca/v1/clinic/cmd/health', retained: false });
  });

  it('of publishing is told by MQTT 5 alone: by 3.1.1 the broker takes the message and drops it', async () => {
    const list = join(folder, 'acl');
    writeFileSync(list, 'topic read #\n', { mode: 0o600 });
    const broker = await mosquitto(`acl_file ${list}`);
    const far = await startSubscriber({ url: broker.url });
    ends.push(() => far.stop());
    for (const [version, code] of [
      ['5', 'CA_PUBLISH_REFUSED'],
      ['3.1.1', null],
    ] as const) {
      const rig = start(linkFor({ url: broker.url, version }));
      await until('connected', () => rig.link.connection !== null);
      const refusal = await new Promise<{ code: string; message: string } | null>((resolve) =>
        rig.link.connection?.publish(
          'ca/v1/clinic/info',
          '{}',
          { retain: false, contentType: 'application/json' },
          resolve,
        ),
      );
      expect(refusal?.code ?? null).toBe(code);
      if (refusal) expect(refusal.message).toContain('ca/v1/clinic/info');
      rig.link.connection?.answer('ca/v1/clinic/answers/hub', '{}', null);
      await until('answered', () => rig.rooms() === 1);
      const told = rig.logged.filter((line) => line.includes('refused an answer'));
      expect(told.length).toBe(code === null ? 0 : 1);
      if (code !== null) expect(told[0]).toContain('ca/v1/clinic/answers/hub');
      await rig.link.stop();
    }
    await sleep(100);
    expect(far.messages).toEqual([]);
  });
});
