import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { PressRecord } from '../../device/store/records.ts';
import { HomeAssistant } from '../../uploader/home-assistant.ts';
import { type CommandName, commands } from '../../uploader/orders.ts';
import type { Uploader } from '../../uploader/uploader.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { type Received, type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { contact, isState, Rows, until, uploaderFor } from './rig.ts';

interface Part {
  p: string;
  unique_id: string;
  state_topic?: string;
  value_template?: string;
  command_topic?: string;
  payload_press?: string;
  event_types?: string[];
}

interface Discovery {
  dev: { ids: string[]; name: string };
  o: { name: string };
  availability: { topic: string; value_template: string }[];
  cmps: Record<string, Part>;
}

function announced(allowed: readonly CommandName[], prefix?: string): Map<string, Discovery> {
  const found = new Map<string, Discovery>();
  const homeAssistant = new HomeAssistant({
    sender: { device: 'clinic', store: '0123456789abcdef', prefix },
    desks: [
      { desk: 'front', buttons: ['happy', 'unhappy'] },
      { desk: 'back', buttons: [] },
    ],
    prefix: 'homeassistant',
    version: '0.1.0',
    commands: allowed,
    put: (topic, payload) => found.set(topic, JSON.parse(payload)),
  });
  homeAssistant.announce();
  return found;
}

/** What Home Assistant makes of the payloads. */
function render(jobs: readonly { template: string; payload: unknown }[]): string[] {
  const input = JSON.stringify(jobs.map((job) => ({ ...job, payload: JSON.stringify(job.payload) })));
  const program = new URL('../stand-ins/templates.py', import.meta.url).pathname;
  return JSON.parse(execFileSync('python3', [program], { input, encoding: 'utf8' }));
}

const FRONT = 'homeassistant/device/clinic/front/config';

describe('what is said to Home Assistant', () => {
  it('is one device per desk, with an id of its own for every part', () => {
    const found = announced([]);
    expect([...found.keys()]).toEqual([FRONT, 'homeassistant/device/clinic/back/config']);
    const devices = [...found.values()];
    const parts = devices.flatMap(({ cmps }) => Object.values(cmps));
    expect(new Set(parts.map((part) => part.unique_id)).size).toBe(parts.length);
    expect(new Set(devices.map(({ dev }) => dev.ids[0])).size).toBe(2);
    expect(devices.map(({ cmps }) => Object.keys(cmps))).toEqual([
      ['presence', 'contacts', 'support', 'dissatisfaction', 'queue', 'press'],
      ['presence', 'contacts', 'support', 'dissatisfaction', 'queue'],
    ]);
    expect(devices[0]?.o.name).toBe('Contact Analyzer');
  });

  it('offers to pause and to resume where that is allowed, as the commands want it', () => {
    const offered = (allowed: CommandName[]) =>
      Object.entries(announced(allowed).get(FRONT)?.cmps ?? {}).filter(([, part]) => part.p === 'button');
    expect(offered(['erase', 'veto'])).toEqual([]);
    expect(offered(['resume']).map(([name]) => name)).toEqual(['resume']);
    for (const [name, part] of offered(['pause', 'resume'])) {
      expect(part.command_topic).toBe(`ca/v1/clinic/cmd/${name}`);
      const request = commands[name as 'pause' | 'resume'].request.parse(
        JSON.parse(part.payload_press ?? ''),
      );
      expect(request).toEqual({ desk: 'front' });
    }
  });

  it('has the topic root of the config in every topic', () => {
    for (const { cmps, availability } of announced(['pause'], 'clinics/north').values()) {
      const topics = Object.values(cmps).flatMap((part) => part.state_topic ?? part.command_topic ?? []);
      for (const topic of [...topics, ...availability.map((a) => a.topic)])
        expect(topic).toMatch(/^clinics\/north\/ca\/v1\/clinic\//);
    }
  });
});

describe('Home Assistant at a real broker', () => {
  let broker: Mosquitto;
  let far: Subscriber;
  let rows: Rows;
  let uploader: Uploader;

  beforeEach(async () => {
    broker = await startMosquitto();
    far = await startSubscriber({ url: broker.url });
    rows = new Rows();
    uploader = uploaderFor(rows.outbox, { url: broker.url });
    await uploader.start();
    await far.waitFor(isState('degraded'), 5_000);
  });

  afterEach(async () => {
    await uploader.stop();
    await far.stop();
    await broker.stop();
    rows.close();
  });

  const append = (press: Partial<PressRecord>) => {
    const whole = { ...(contact('c-1').presses[0] as PressRecord), ...press };
    rows.outbox.append({
      ...{
        id: whole.id,
        type: 'press',
        desk: whole.desk,
        subject: null,
        wall: Date.parse(whole.time),
        data: whole,
      },
    });
  };

  it('finds every topic published, and understands every value', async () => {
    const estimate = { value: 0.3, low: 0.108, high: 0.603 };
    const indices = (served: number, known: typeof estimate | null) => ({
      ...{ from: '2026-01-05T00:00:00.000Z', to: '2026-01-06T00:00:00.000Z', served, rated: 0, top: 0 },
      ...{ negative: 0, support: known, dissatisfaction: known, responseRate: null },
    });
    const since = '2026-01-05T08:00:00.000Z';
    for (const [desk, present, served, known] of [
      ['front', true, 10, estimate],
      ['back', null, 0, null],
    ] as const) {
      uploader.publishRetained(`desks/${desk}/presence`, { present, since, contactId: null });
      uploader.publishRetained(`desks/${desk}/indices/day`, indices(served, known));
    }
    uploader.publishRetained('health', {
      ...{ status: 'ok', modules: {}, disk: null, temperature: null, outbox: 7, dropped: 0, sequence: 1 },
      ...{ store: rows.outbox.store, clock: 'trusted', time: since },
    });
    append({ time: new Date().toISOString() });
    rows.outbox.notify();
    await far.waitFor((m) => m.topic.endsWith('/press'), 5_000);
    await far.waitFor((m) => m.topic.endsWith('/health'), 5_000);

    const found = announced([]);
    const values = (desk: string) => {
      const { cmps, availability } = found.get(`homeassistant/device/clinic/${desk}/config`) as Discovery;
      const parts = Object.entries(cmps).map(([name, part]) => [name, part.state_topic, part.value_template]);
      const jobs = [...parts, ['available', availability[0]?.topic, availability[0]?.value_template]];
      const rendered = render(
        jobs.map(([, topic, template]) => ({
          template: template ?? '',
          payload: (far.messages.findLast((m) => m.topic === topic) as Received).payload,
        })),
      );
      return Object.fromEntries(jobs.map(([name], index) => [name, rendered[index]]));
    };
    const { press, ...front } = values('front');
    expect(front).toEqual({
      ...{ presence: 'ON', contacts: '10', support: '30.0', dissatisfaction: '30.0', queue: '7' },
      available: 'online',
    });
    expect(JSON.parse(press ?? '')).toEqual({ event_type: 'unhappy', rating: 1 });
    expect(values('back')).toEqual({
      ...{ presence: 'None', contacts: '0', support: 'None', dissatisfaction: 'None', queue: '7' },
      available: 'online',
    });
  });

  it('counts the presses of this desk alone, the known buttons, and those of now', async () => {
    const now = new Date().toISOString();
    const old = '2026-01-05T08:00:00.000Z';
    const presses: [Partial<PressRecord>, boolean][] = [
      [{ id: 'here', time: now }, true],
      [{ id: 'elsewhere', time: now, desk: 'back' }, false],
      [{ id: 'unknown', time: now, button: 'other', rating: null }, false],
      [{ id: 'of-a-backlog', time: old }, false],
      [{ id: 'nobody-knows-when', time: old, clock: 'untrusted' }, true],
    ];
    for (const [press] of presses) append(press);
    rows.outbox.notify();
    const isPress = (m: Received) => m.topic.endsWith('/press');
    await until('all arrived', () => far.messages.filter(isPress).length === presses.length);
    const template = announced([]).get(FRONT)?.cmps.press?.value_template ?? '';
    const rendered = render(far.messages.filter(isPress).map(({ payload }) => ({ template, payload })));
    expect(rendered.map((text) => text !== '')).toEqual(presses.map(([, counts]) => counts));
  });

  it('is told at the connect, and again when it says that it has started', async () => {
    const house = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
    const heard: { topic: string; retain: boolean; payload: unknown }[] = [];
    house.on('message', (topic, payload, { retain }) =>
      heard.push({ topic, retain, payload: JSON.parse(payload.toString()) }),
    );
    const shown = uploaderFor(rows.outbox, { url: broker.url }, 2, systemClock, {
      homeAssistant: {
        desks: [{ desk: 'front', buttons: ['happy'] }],
        ...{ prefix: 'homeassistant', version: '0.1.0', commands: ['pause'] },
      },
    });
    await uploader.stop();
    await shown.start();
    try {
      await until('connected', () => shown.health().status === 'ok');
      await house.subscribeAsync('homeassistant/device/#', { qos: 1 });
      await until('told', () => heard.length === 1);
      expect(heard[0]).toMatchObject({ topic: FRONT, payload: { cmps: { press: {}, pause: {} } } });
      await house.publishAsync('homeassistant/status', 'offline', { qos: 1 });
      await house.publishAsync('homeassistant/status', 'online', { qos: 1 });
      await until('told again', () => heard.length > 1);
      await sleep(50);
      expect(heard.length).toBe(2);
      expect(heard[1]).toEqual({ ...heard[0], retain: false });
      // What else is said to the device is not kept from it.
      await house.publishAsync('ca/v1/clinic/cmd/resend', '{"from":1}', {
        ...{ qos: 1, properties: { responseTopic: 'homeassistant/device/answer' } },
      });
      await until('answered', () => heard.length > 2);
      expect(heard[2]?.payload).toMatchObject({ ok: true });
    } finally {
      await shown.stop();
      await house.endAsync();
    }
  });
});
