import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Uploader } from '../../uploader/uploader.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { type Relay, startRelay } from '../stand-ins/relay.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { allEventIds, isState, Rows, until, uploaderFor } from './rig.ts';

let broker: Mosquitto;
let far: Subscriber;
let rows: Rows;
let uploader: Uploader | null = null;
let relay: Relay | null = null;

beforeEach(async () => {
  broker = await startMosquitto();
  far = await startSubscriber({ url: broker.url });
  rows = new Rows();
});

afterEach(async () => {
  await uploader?.stop();
  await relay?.stop();
  uploader = null;
  relay = null;
  await far.stop();
  await broker.stop();
  rows.close();
});

const connected = (u: Uploader) => until('connected', () => u.health().status === 'ok');

describe('Uploader', () => {
  it('publishes 500 waiting rows in order and once, and marks them', async () => {
    const ids = rows.append(500);
    const told: string[] = [];
    uploader = uploaderFor(rows.outbox, { url: broker.url });
    uploader.onPublished((row) => told.push(row.id));
    await uploader.start();
    await rows.drained();
    await until('all arrived', () => allEventIds(far).length >= 500);
    await sleep(50);
    expect(allEventIds(far)).toEqual(ids);
    expect(told).toEqual(ids);
    expect(uploader.health().detail).toMatchObject({ connected: true, published: 500 });
    const sequences = far.messages
      .filter((m) => m.topic.includes('/events/'))
      .map((m) => (m.payload as { sequence: string }).sequence);
    expect(sequences).toEqual(sequences.toSorted());
    expect(sequences[0]).toMatch(/^\d{16}$/);
  });

  it('publishes a row in the turn that appends it', async () => {
    uploader = uploaderFor(rows.outbox, { url: broker.url });
    await uploader.start();
    await connected(uploader);
    let reads = 0;
    const { pending } = rows.outbox;
    rows.outbox.pending = (after, limit) => {
      reads += 1;
      return pending.call(rows.outbox, after, limit);
    };
    const [id] = rows.append(1, 'press');
    expect(reads).toBe(1);
    const message = await far.waitFor((m) => m.topic === 'ca/v1/clinic/events/press', 2_000);
    expect(message.payload).toMatchObject({
      id,
      source: '/ca/v1/clinic/desks/front',
      subject: id,
      data: { button: 'unhappy' },
    });
  });

  it('marks nothing before its PUBACK', async () => {
    uploader = uploaderFor(rows.outbox, { url: broker.url });
    await uploader.start();
    await connected(uploader);
    process.kill(broker.pid, 'SIGSTOP');
    try {
      rows.append(30);
      await sleep(300);
      expect(rows.outbox.depth()).toBe(30);
    } finally {
      process.kill(broker.pid, 'SIGCONT');
    }
    await rows.drained();
  });

  it('says ready and who it is, and stopped at a clean stop, without the will', async () => {
    uploader = uploaderFor(rows.outbox, { url: broker.url }, 7);
    await uploader.start();
    const first = await far.waitFor(isState('degraded'), 2_000);
    expect(first.payload).toMatchObject({ session: 7 });
    await far.waitFor((m) => m.topic === 'ca/v1/clinic/info', 2_000);
    uploader.setState('ready');
    await far.waitFor(isState('ready'), 2_000);
    await uploader.stop();
    await uploader.stop();
    await far.waitFor(isState('stopped'), 2_000);
    await sleep(100);
    expect(far.messages.some(isState('lost'))).toBe(false);
    const late = await startSubscriber({ url: broker.url });
    expect((await late.waitFor((m) => m.topic === 'ca/v1/clinic/state', 2_000)).payload).toMatchObject({
      state: 'stopped',
      session: 7,
    });
    await late.stop();
  });

  it('publishes what is appended right before the stop', async () => {
    uploader = uploaderFor(rows.outbox, { url: broker.url });
    await uploader.start();
    await connected(uploader);
    const ids = rows.append(60);
    await uploader.stop();
    expect(rows.outbox.depth()).toBe(0);
    await until('all arrived', () => allEventIds(far).length >= 60);
    expect(allEventIds(far)).toEqual(ids);
  });

  it('leaves the will when its socket dies, and is there again after the reconnect', async () => {
    relay = await startRelay(broker.port);
    uploader = uploaderFor(rows.outbox, { url: `mqtt://127.0.0.1:${relay.port}` }, 3);
    uploader.setState('ready');
    uploader.publishRetained('desks/front/presence', {
      present: false,
      since: '2026-01-05T08:00:00.000Z',
      contactId: null,
    });
    await uploader.start();
    await far.waitFor((m) => m.topic.endsWith('/presence'), 2_000);
    relay.cut();
    const lost = await far.waitFor(isState('lost'), 2_000);
    expect(lost.payload).toMatchObject({ session: 3 });
    await until('noticed', () => uploader?.health().status === 'degraded');
    expect(uploader.health().detail).toMatchObject({ code: 'CA_BROKER_UNREACHABLE', connected: false });

    const present = { present: true, since: '2026-01-05T08:02:00.000Z', contactId: 'c1' };
    uploader.publishRetained('desks/front/presence', present);
    const before = far.messages.length;
    relay.mend();
    const sentAgain = (topic: string) =>
      far.waitFor((m) => far.messages.indexOf(m) >= before && m.topic.endsWith(topic), 5_000);
    expect((await sentAgain('/state')).payload).toMatchObject({ state: 'ready' });
    await sentAgain('/info');
    expect((await sentAgain('/presence')).payload).toEqual(present);
  });

  it('keeps the latest of a burst of retained values', async () => {
    uploader = uploaderFor(rows.outbox, { url: broker.url });
    await uploader.start();
    await connected(uploader);
    for (let i = 0; i <= 100; i++) {
      uploader.publishRetained('desks/front/presence', {
        present: i % 2 === 0,
        since: '2026-01-05T08:00:00.000Z',
        contactId: `c${i}`,
      });
    }
    await far.waitFor((m) => (m.payload as { contactId?: string }).contactId === 'c100', 2_000);
    expect(far.messages.filter((m) => m.topic.endsWith('/presence')).length).toBe(2);
  });
});
