import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContactRecord } from '../../device/store/records.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { openPty, type Pty } from '../stand-ins/pty.ts';
import { PlayedRadar } from '../stand-ins/radar.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { type RunningService, startService } from './service.ts';

/**
 * A desk of many wires, and the whole service: a radar and a Zigbee sensor that must both see somebody, a Zigbee button,
 * a tablet, a shift button at a microcontroller, which also answers presses with its lamp.
 */

const CODE = 'front-desk-code';
let folder: string;
let broker: Mosquitto;
let [uart, box]: Pty[] = [];
let radar: PlayedRadar;
let subscriber: Subscriber;
let zigbee: mqtt.MqttClient;
let service: RunningService;
let tablet: string;
const lamp: string[] = [];
/** What the microcontroller says of presence; it repeats it, as the protocol asks. */
let boxSays = 'P0';
let alive: NodeJS.Timeout;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-wires-'));
  const port = await freePort();
  tablet = `http://127.0.0.1:${port}/front/${CODE}`;
  [uart, box, broker] = await Promise.all([openPty(), openPty(), startMosquitto()]);
  radar = new PlayedRadar(uart);
  alive = setInterval(() => void box?.write(`${boxSays}\n`).catch(() => {}), 1_000);
  box.onLine((line) => {
    lamp.push(line);
    box?.write(`${line}\n`).catch(() => {});
  });
  const at = { broker: { url: broker.url } };
  const config = {
    device: 'wires',
    data: folder,
    arrival: { confirm: '300ms' },
    departure: { confirm: '500ms' },
    contact: { served: '1s' },
    press: { grace: '1s', repeat: '500ms' },
    mqtt: { broker: 'external', url: broker.url },
    page: { port: 0 },
    tablet: { host: '127.0.0.1', port },
    clock: { trusted: true },
    desks: {
      front: {
        presence: 'all',
        inputs: [
          { driver: 'ld2410', port: uart.port },
          { driver: 'mqtt-presence', topic: 'zigbee2mqtt/front-presence', ...at },
          { driver: 'mqtt-button', topic: 'zigbee2mqtt/front-button', actions: { single: 'happy' }, ...at },
          { driver: 'tablet', code: CODE },
          { driver: 'line-protocol', port: box.port },
        ],
        buttons: {
          happy: { rating: 5, tag: 'positive' },
          unhappy: { rating: 1, tag: 'negative' },
          shift: { does: 'shift', receptionist: 'r-1' },
        },
        acknowledge: { driver: 'line-protocol', port: box.port },
      },
    },
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
  subscriber = await startSubscriber({ url: broker.url });
  zigbee = await mqtt.connectAsync(broker.url);
  zigbee.publish('zigbee2mqtt/front-presence', '{"occupancy":false,"linkquality":120}', { retain: true });
  service = await startService(join(folder, 'config.yaml'));
});
afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await zigbee.endAsync();
  clearInterval(alive);
  radar.stop();
  await subscriber.stop();
  await Promise.all([uart?.stop(), box?.stop(), broker.stop()]);
  rmSync(folder, { recursive: true });
});

const health = async () =>
  ((await (await service.ask('/api/health')).json()) as Record<string, { reason?: string }>)['desk front']
    ?.reason ?? '';
const closed = async (count: number) => {
  const contacts = () =>
    subscriber.messages.flatMap(({ topic, payload }) =>
      topic === 'ca/v1/wires/events/contact.closed' ? [(payload as { data: ContactRecord }).data] : [],
    );
  await expect.poll(() => contacts().length, { timeout: 15_000 }).toBe(count);
  return contacts()[count - 1];
};
const occupied = (occupancy: boolean) =>
  zigbee.publish('zigbee2mqtt/front-presence', JSON.stringify({ occupancy }), { retain: true });
const present = () =>
  expect
    .poll(
      () =>
        (
          subscriber.messages.findLast(({ topic }) => topic === 'ca/v1/wires/desks/front/presence')
            ?.payload as {
            present: boolean;
          }
        )?.present,
      { timeout: 10_000 },
    )
    .toBe(true);

test('the radar is set up before the first patient: one desk deep, no Bluetooth, no waste of its flash', async () => {
  await expect.poll(() => radar.bluetooth, { timeout: 15_000 }).toBe(false);
  await expect.poll(() => radar.configuring, { timeout: 5_000 }).toBe(false);
  expect([radar.movingGate, radar.stillGate, radar.noOne]).toEqual([2, 2, 1]);
  const before = radar.written.length;
  await uart?.unplug();
  await expect.poll(health, { timeout: 10_000 }).toContain(uart?.port ?? '-');
  await uart?.plug();
  await expect.poll(health, { timeout: 20_000 }).not.toContain(uart?.port ?? '-');
  await sleep(1_500);
  expect(radar.written.length).toBe(before);
}, 60_000);

test('a contact takes both sensors; the Zigbee button rates it, the tablet has the last word, and each is answered', async () => {
  await box?.write('Bshift\n');
  radar.state = 2;
  await sleep(1_500);
  occupied(true);
  // The microcontroller has a say as well: it is a sensor, too.
  boxSays = 'P1';
  await present();
  lamp.length = 0;
  zigbee.publish('zigbee2mqtt/front-button', '{"action":"single"}');
  await expect.poll(() => lamp, { timeout: 10_000 }).toEqual(['L1', 'L0']);
  const { session, stamp } = (await (await fetch(`${tablet}/state`)).json()) as {
    session: string;
    stamp: number;
  };
  const press = { id: randomUUID(), button: 'unhappy', session, stamp, ago: 0, elapsed: 0 };
  const answer = await fetch(`${tablet}/presses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(press),
  });
  expect([answer.status, await answer.json()]).toEqual([200, { result: 'counted' }]);
  await sleep(1_000);
  occupied(false);
  const contact = await closed(1);
  expect(contact).toMatchObject({
    tag: 'negative',
    rating: 1,
    served: true,
    endReason: 'departed',
    receptionist: 'r-1',
  });
  expect(contact?.presses.map(({ button }) => button)).toEqual(['happy', 'unhappy']);
}, 60_000);

test('a sensor that is lost is unknown, not absent: the others decide', async () => {
  await uart?.unplug();
  await expect.poll(health, { timeout: 10_000 }).toContain(uart?.port ?? '-');
  boxSays = 'P1';
  occupied(true);
  await present();
  occupied(false);
  expect(await closed(2)).toMatchObject({ tag: 'unrated', endReason: 'departed' });
}, 60_000);
