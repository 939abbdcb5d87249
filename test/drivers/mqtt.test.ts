import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Aedes } from 'aedes';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { input } from '../../config/input-schema.ts';
import { type Clock, ManualClock, systemClock } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import { openWires } from '../../drivers/open.ts';
import type { InputDriver, InputEvent } from '../../drivers/types.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';

/** A real mosquitto; the messages are recorded ones (their sources stand in drivers/mqtt/payloads.test.ts). */

const RADAR = 'zigbee2mqtt/0xa4c1382a6b329e9d';
const here = (present: boolean) =>
  `{"detection_delay":0.1,"fading_time":30,"illuminance_lux":369,"linkquality":98,"presence":${present},"target_distance":null}`;
const pressed = (action: string) => `{"linkquality":117,"battery":60,"action":"${action}"}`;
const PATIENT = { timeout: 10_000, interval: 10 };

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

async function broker(conf = ''): Promise<Mosquitto> {
  const started = await startMosquitto({ conf });
  cleanUp.push(() => started.kill());
  return started;
}

/** The device or gateway at the other side. Comes back by itself when the broker does. */
async function publisher(url: string, login: { username?: string; password?: string } = {}) {
  const client: MqttClient = await mqtt.connectAsync(url, { ...login, reconnectPeriod: 100 });
  cleanUp.push(() => client.endAsync(true));
  return (topic: string, payload: string, retain = false) =>
    client.publishAsync(topic, payload, { qos: 1, retain });
}

const PASSWORDS: Record<string, string> = { right: 'opensesame', wrong: 'sesame' };

/** The inputs of one desk, started, with what they said. */
function listen(configs: object[], clock: Clock = systemClock) {
  const wires = openWires(
    { inputs: configs.map((config) => input.parse(config)) },
    {
      clock,
      readSecret: (reference) => {
        const secret = 'file' in reference ? PASSWORDS[reference.file] : undefined;
        if (secret === undefined) throw new CaError('CA_SECRET_UNREADABLE', 'there is no such file');
        return secret;
      },
      tablet: () => expect.unreachable('no tablet'),
      faces: () => expect.unreachable('no camera'),
    },
  );
  return wires.inputs.map((driver) => {
    const events: InputEvent[] = [];
    driver.start((event) => events.push(event));
    cleanUp.push(() => driver.stop());
    const said = () =>
      events.map((event) => {
        if (event.kind === 'presence') return event.present ? 'here' : 'gone';
        return event.kind === 'press' ? event.button : event.kind;
      });
    return { driver, events, said };
  }) as [Listening, ...Listening[]];
}
interface Listening {
  driver: InputDriver;
  events: InputEvent[];
  said: () => string[];
}

const presence = (url: string, more = {}) => ({
  driver: 'mqtt-presence',
  broker: { url },
  topic: RADAR,
  ...more,
});
const button = (url: string, more = {}) => ({
  driver: 'mqtt-button',
  broker: { url },
  topic: 'zigbee2mqtt/0xec1bbdfffe36d6b9',
  actions: { single: 'happy', double: 'unhappy' },
  ...more,
});

const messages = ({ driver }: Listening) => Number(driver.health().detail?.messages);
const code = ({ driver }: Listening) => driver.health().detail?.code ?? driver.health().status;

/** Subscribing takes a moment: says a battery level until it is heard. */
async function heard(listening: Listening, say: () => Promise<unknown>): Promise<void> {
  const before = messages(listening);
  await expect.poll(async () => say().then(() => messages(listening)), PATIENT).toBeGreaterThan(before);
}

describe('as it is published', () => {
  test.each([
    ['Zigbee2MQTT', RADAR, [here(true), here(true), '{"linkquality":70}', here(false)]],
    ['ESPHome', 'front-desk/binary_sensor/somebody/state', ['ON', 'ON', 'OFF']],
    [
      'Tasmota',
      'stat/tasmota_0848A2/RESULT',
      ['{"Switch1":{"Action":"ON"}}', '{"Switch1":{"Action":"OFF"}}'],
    ],
  ])('presence from %s: each change once, stamped when it arrived', async (_, topic, payloads) => {
    const { url } = await broker();
    const publish = await publisher(url);
    const [sensor] = listen([presence(url, { topic })]);
    await heard(sensor, () => publish(topic, '{"battery":100}'));
    const before = systemClock.now();
    for (const payload of payloads) await publish(topic, payload);
    await expect.poll(sensor.said, PATIENT).toEqual(['here', 'gone']);
    for (const { at } of sensor.events) {
      expect(at.mono).toBeGreaterThanOrEqual(before.mono);
      expect(at.mono).toBeLessThanOrEqual(systemClock.now().mono);
    }
    expect(sensor.driver.health()).toMatchObject({ status: 'ok', detail: { unknown: 0, notJson: 0 } });
  });

  test('presses: each one, also two alike; an action without a button is counted', async () => {
    const { url } = await broker();
    const publish = await publisher(url);
    const tasmota = {
      topic: 'stat/bell/RESULT',
      field: 'Button2.Action',
      actions: { SINGLE: 'fine' },
    };
    const config = button(url);
    const [zigbee, bell] = listen([config, button(url, tasmota)]) as [Listening, Listening];
    await heard(zigbee, () => publish(config.topic, '{"battery":60}'));
    await heard(bell, () => publish(tasmota.topic, '{"POWER":"ON"}'));
    for (const action of ['single', '', 'single', '', 'double', 'hold'])
      await publish(config.topic, pressed(action));
    for (const payload of ['{"Button1":{"Action":"SINGLE"}}', '{"Button2":{"Action":"SINGLE"}}'])
      await publish(tasmota.topic, payload);
    await expect.poll(zigbee.said, PATIENT).toEqual(['happy', 'happy', 'unhappy']);
    await expect.poll(bell.said, PATIENT).toEqual(['fine']);
    expect(zigbee.driver.health().detail).toMatchObject({ unmapped: 1, retained: 0, unknown: 0 });
  });

  test('mutilated messages are counted and harm nothing; nothing of them is shown', async () => {
    const { url } = await broker();
    const publish = await publisher(url);
    const [sensor] = listen([presence(url)]);
    await heard(sensor, () => publish(RADAR, '{"battery":100}'));
    const bad = [here(true).slice(0, -1), 'Mr Smith', `{"presence":true,"x":"${'x'.repeat(17_000)}"}`, '[]'];
    for (const payload of bad) await publish(RADAR, payload);
    await publish(RADAR, here(true));
    await expect.poll(sensor.said, PATIENT).toEqual(['here']);
    expect(sensor.driver.health().detail).toMatchObject({ notJson: 1, unknown: 2, tooLong: 1 });
    expect(JSON.stringify(sensor.driver.health())).not.toContain('Smith');
  });

  test('a flood drops nobody: 10 000 messages, a press among them, and the level after them', async () => {
    const { url } = await broker('max_queued_messages 0\nmax_inflight_messages 0');
    const publish = await publisher(url);
    const [sensor, buttons] = listen([presence(url), button(url)]) as [Listening, Listening];
    await heard(sensor, () => publish(RADAR, '{"battery":100}'));
    await heard(buttons, () => publish(button(url).topic, '{"battery":100}'));
    const before = messages(sensor);
    const flood: Promise<unknown>[] = [];
    for (let n = 0; n < 10_000; n++) {
      flood.push(publish(RADAR, n % 2 ? here(false) : '{"illuminance_lux":'));
      if (n === 5_000) flood.push(publish(button(url).topic, pressed('single')));
    }
    flood.push(publish(RADAR, here(true)));
    await Promise.all(flood);
    await expect.poll(sensor.said, { timeout: 20_000 }).toEqual(['gone', 'here']);
    expect(buttons.said()).toEqual(['happy']);
    expect(messages(sensor) - before).toBe(10_001);
    expect(sensor.driver.health().detail?.notJson).toBe(5_000);
  });
});

describe('what the broker has kept', () => {
  test('is the level at the start, but no press', async () => {
    const { url } = await broker();
    const publish = await publisher(url);
    const { topic } = button(url);
    await publish(RADAR, here(true), true);
    await publish(topic, pressed('single'), true);
    const [sensor, buttons] = listen([presence(url), button(url)]) as [Listening, Listening];
    await expect.poll(sensor.said, PATIENT).toEqual(['here']);
    await expect.poll(() => buttons.driver.health().detail?.retained, PATIENT).toBe(1);
    // Now it is one, however it is published.
    await publish(topic, pressed('double'), true);
    await expect.poll(buttons.said, PATIENT).toEqual(['unhappy']);
  });

  test('of a device that is away is nothing, until it says something itself', async () => {
    const { url } = await broker();
    const publish = await publisher(url);
    const availability = `${RADAR}/availability`;
    await publish(availability, '{"state":"offline"}', true);
    await publish(RADAR, here(true), true);
    const [sensor] = listen([presence(url, { availability })]);
    await expect.poll(sensor.said, PATIENT).toEqual(['lost']);
    await heard(sensor, () => publish(RADAR, '{"battery":100}'));
    expect(sensor.said()).toEqual(['lost']);
    await publish(RADAR, here(false));
    await expect.poll(sensor.said, PATIENT).toEqual(['lost', 'gone']);
  });
});

test('availability: offline is a loss, once; after it the same level is news', async () => {
  const { url } = await broker();
  const publish = await publisher(url);
  const availability = 'tele/tasmota_0848A2/LWT';
  const [sensor] = listen([presence(url, { availability })]);
  await heard(sensor, () => publish(RADAR, here(true)));
  await publish(availability, 'Offline', true);
  await publish(availability, 'Offline', true);
  await expect.poll(sensor.said, PATIENT).toEqual(['here', 'lost']);
  expect(code(sensor)).toBe('CA_INPUT_LOST');
  expect(sensor.driver.health().reason).toMatch(/LWT: the device is offline.*battery/s);
  await publish(availability, 'Online', true);
  await expect.poll(() => code(sensor), PATIENT).toBe('ok');
  await publish(RADAR, here(true));
  await expect.poll(sensor.said, PATIENT).toEqual(['here', 'lost', 'here']);
});

test('silent: lost after so long without a message of the topic, until one comes', async () => {
  const { url } = await broker();
  const publish = await publisher(url);
  const clock = new ManualClock();
  const availability = `${RADAR}/availability`;
  const [sensor] = listen([presence(url, { silent: '10min', availability })], clock);
  await heard(sensor, () => publish(RADAR, here(true)));
  clock.advance(599_999);
  expect(sensor.said()).toEqual(['here']);
  clock.advance(1);
  expect(sensor.said()).toEqual(['here', 'lost']);
  expect(sensor.driver.health().reason).toMatch(/no message for 600 s/);
  expect(code(sensor)).toBe('CA_INPUT_SILENT');
  await publish(RADAR, here(true));
  await expect.poll(sensor.said, PATIENT).toEqual(['here', 'lost', 'here']);
  clock.advance(599_999);
  await heard(sensor, () => publish(RADAR, '{"battery":100}'));
  clock.advance(599_999);
  expect(code(sensor)).toBe('ok');
  // Offline, it is known to be away: that is the reason, and the time does not go on.
  await publish(availability, 'offline');
  await expect.poll(() => code(sensor), PATIENT).toBe('CA_INPUT_LOST');
  clock.advance(700_000);
  expect(code(sensor)).toBe('CA_INPUT_LOST');
});

describe('the broker', () => {
  test('killed: all its inputs are lost, once; back: they hear again, and the same level is news', async () => {
    const server = await broker();
    const { url } = server;
    const publish = await publisher(url);
    const { topic } = button(url);
    const [sensor, buttons] = listen([presence(url), button(url)]) as [Listening, Listening];
    await heard(sensor, () => publish(RADAR, here(true)));
    await heard(buttons, () => publish(topic, '{"battery":60}'));
    await server.kill();
    await expect.poll(sensor.said, PATIENT).toEqual(['here', 'lost']);
    await expect.poll(buttons.said, PATIENT).toEqual(['lost']);
    // At least one attempt in vain, which says nothing new.
    await expect.poll(() => sensor.driver.health().reason, PATIENT).toMatch(/ECONNREFUSED.*address/s);
    expect([code(sensor), code(buttons)]).toEqual(['CA_BROKER_UNREACHABLE', 'CA_BROKER_UNREACHABLE']);
    await server.restart();
    await heard(sensor, () => publish(RADAR, here(true)));
    await heard(buttons, () => publish(topic, '{"battery":60}'));
    await publish(topic, pressed('single'));
    await expect.poll(buttons.said, PATIENT).toEqual(['lost', 'happy']);
    expect(sensor.said()).toEqual(['here', 'lost', 'here']);
    expect([code(sensor), code(buttons)]).toEqual(['ok', 'ok']);
  });

  test('not there at the start: lost at once and found later', async () => {
    const port = await freePort();
    const url = `mqtt://127.0.0.1:${port}`;
    const [sensor] = listen([presence(url)]);
    await expect.poll(sensor.said, PATIENT).toEqual(['lost']);
    const server = await startMosquitto({ port });
    cleanUp.push(() => server.kill());
    const publish = await publisher(url);
    await publish(RADAR, here(false), true);
    await expect.poll(sensor.said, PATIENT).toEqual(['lost', 'gone']);
  });

  test('refuses a wrong password, says so, and takes the right one once it is in the file', async () => {
    PASSWORDS.wrong = 'sesame';
    const folder = await mkdtemp(join(tmpdir(), 'ca-mqtt-input-'));
    cleanUp.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'passwords');
    await writeFile(file, '');
    execFileSync('mosquitto_passwd', ['-b', file, 'desk', 'opensesame'], { stdio: 'pipe' });
    const { url } = await broker(`allow_anonymous false\npassword_file ${file}`);
    const login = (password: string) => ({ broker: { url, user: 'desk', password: { file: password } } });
    const [wrong, missing, right] = listen([
      presence(url, login('wrong')),
      presence(url, login('missing')),
      presence(url, login('right')),
    ]) as [Listening, Listening, Listening];
    await expect.poll(() => code(wrong), PATIENT).toBe('CA_BROKER_REFUSED');
    expect(wrong.driver.health().reason).toMatch(/not authorized.*`broker.user` and `broker.password`/is);
    expect(code(missing)).toBe('CA_SECRET_UNREADABLE');
    const publish = await publisher(url, { username: 'desk', password: 'opensesame' });
    await publish(RADAR, here(true), true);
    await expect.poll(right.said, PATIENT).toEqual(['here']);
    expect(JSON.stringify([wrong, right].map(({ driver }) => driver.health()))).not.toContain('sesame');
    PASSWORDS.wrong = 'opensesame';
    await expect.poll(wrong.said, PATIENT).toEqual(['lost', 'here']);
  });

  test('does not let us read a topic: that input alone is lost, until it does', async () => {
    // Mosquitto with an access list grants every subscription, and then sends nothing; aedes refuses.
    const forbidden = new Set(['secret/availability']);
    const aedes = await Aedes.createBroker({
      authorizeSubscribe: (_, subscription, done) =>
        done(null, forbidden.has(subscription.topic) ? null : subscription),
    });
    const server = createServer(aedes.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUp.push(async () => {
      await promisify(aedes.close.bind(aedes))();
      server.close();
    });
    const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const publish = await publisher(url);
    await publish(RADAR, here(true), true);
    const [sensor, half] = listen([
      presence(url),
      presence(url, { availability: 'secret/availability' }),
    ]) as [Listening, Listening];
    await expect.poll(sensor.said, PATIENT).toEqual(['here']);
    await expect.poll(() => code(half), PATIENT).toBe('CA_BROKER_REFUSED');
    expect(half.driver.health().reason).toMatch(/may not read secret\/availability\. .*access list/);
    await publish(RADAR, here(false), true);
    await expect.poll(sensor.said, PATIENT).toEqual(['here', 'gone']);
    expect(half.driver.health().detail?.code).toBe('CA_BROKER_REFUSED');
    forbidden.clear();
    await expect.poll(() => code(half), PATIENT).toBe('ok');
    await publish(RADAR, here(true), true);
    await expect.poll(half.said, PATIENT).toContain('here');
    expect(half.said().filter((said) => said === 'lost')).toHaveLength(1);
  });
});

test('stop leaves no timer and no connection, whether connected or not; then it can start again', async () => {
  const server = await broker();
  const publish = await publisher(server.url);
  const clock = new ManualClock();
  const configs = [presence(server.url, { silent: '1min' }), button(server.url)];
  const [sensor, buttons] = listen(configs, clock) as [Listening, Listening];
  await heard(sensor, () => publish(RADAR, here(true)));
  await sensor.driver.stop();
  await buttons.driver.stop();
  expect(clock.waiting()).toEqual([]);
  await publish(RADAR, here(false));
  expect(sensor.said()).toEqual(['here']);

  await server.kill();
  const [lost] = listen([presence(server.url, { silent: '1min' })], clock);
  await expect.poll(lost.said, PATIENT).toEqual(['lost']);
  await lost.driver.stop();
  expect(clock.waiting()).toEqual([]);

  await server.restart();
  const again: InputEvent[] = [];
  sensor.driver.start((event) => again.push(event));
  await heard(sensor, () => publish(RADAR, here(true)));
  expect(again).toHaveLength(1);
});

/** Just enough of a broker to send what mosquitto would not: the same packet twice. */
async function rawBroker() {
  const sockets: Socket[] = [];
  const subscriptions: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      // Several packets may come at once; all are short, so that one byte says how long.
      for (let rest = bytes; rest.length > 1; rest = rest.subarray(2 + (rest[1] ?? 0))) {
        const packet = rest.subarray(0, 2 + (rest[1] ?? 0));
        if (packet[0] === 0x10) socket.write(Buffer.from([0x20, 2, 0, 0]));
        if (packet[0] !== 0x82) continue;
        subscriptions.push(packet.subarray(6, -1).toString());
        socket.write(Buffer.from([0x90, 3, packet[2] ?? 0, packet[3] ?? 0, 1]));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    subscriptions,
    publish(topic: string, payload: string, id: number, dup: boolean) {
      const body = Buffer.concat([
        Buffer.from([0, topic.length]),
        Buffer.from(topic),
        Buffer.from([0, id]),
        Buffer.from(payload),
      ]);
      sockets[0]?.write(Buffer.concat([Buffer.from([dup ? 0x3a : 0x32, body.length]), body]));
    },
  };
}

test('a press that is delivered twice is one press; one that was lost on the way is none the less', async () => {
  const server = await rawBroker();
  const { topic } = button(server.url);
  const [buttons] = listen([button(server.url)]);
  await expect.poll(() => server.subscriptions, PATIENT).toEqual([topic]);
  server.publish(topic, pressed('single'), 1, false);
  server.publish(topic, pressed('single'), 1, true);
  // Its first delivery did not arrive.
  server.publish(topic, pressed('single'), 2, true);
  server.publish(topic, pressed('double'), 3, false);
  // The broker has begun again with its ids: not marked, so it is another one.
  server.publish(topic, pressed('double'), 3, false);
  await expect.poll(buttons.said, PATIENT).toEqual(['happy', 'happy', 'unhappy', 'unhappy']);
});

test('the inputs of a desk share the connection to their broker', async () => {
  const server = await rawBroker();
  const listening = listen([
    presence(server.url),
    button(server.url),
    button(server.url, { topic: 'other' }),
  ]);
  await expect.poll(() => server.subscriptions.length, PATIENT).toBe(3);
  expect(server.sockets).toHaveLength(1);
  const [socket] = server.sockets;
  await listening[0].driver.stop();
  await listening[1]?.driver.stop();
  expect(socket?.destroyed).toBe(false);
  await listening[2]?.driver.stop();
  await expect.poll(() => socket?.destroyed, PATIENT).toBe(true);
});
