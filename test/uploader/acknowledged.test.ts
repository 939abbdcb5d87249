import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { Outbox, OutboxRow } from '../../device/store/records.ts';
import type { Uploader } from '../../uploader/uploader.ts';
import { quantile } from '../bench/result.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { startRelay } from '../stand-ins/relay.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { allEventIds, Rows, until, uploaderFor } from './rig.ts';

let broker: Mosquitto;
let far: Subscriber;
let hub: MqttClient;
let rows: Rows;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  broker = await startMosquitto();
  far = await startSubscriber({ url: broker.url });
  hub = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
  rows = new Rows({ hub: true });
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await hub.endAsync(true);
  await far.stop();
  await broker.stop();
  rows.close();
});

async function start(
  options: { hub?: boolean; replay?: number; url?: string; outbox?: Outbox } = {},
): Promise<Uploader> {
  const { hub: withHub = true, replay = null, url = broker.url, outbox = rows.outbox } = options;
  const uploader = uploaderFor(outbox, { url }, 1, undefined, { hub: withHub, replay });
  ends.push(() => uploader.stop());
  await uploader.start();
  return uploader;
}

const acknowledge = (upTo: number, store = rows.outbox.store) =>
  hub.publishAsync('ca/v1/clinic/ack', JSON.stringify({ store, upTo }), { qos: 1, retain: true });

const published = () => rows.outbox.pending(0, 1).length === 0;
const arrived = (n: number) => until(`${n} arrived`, () => allEventIds(far).length >= n, 20_000);

describe('a hub that acknowledges', () => {
  it('alone ends the waiting of a row; what it said while the device was away counts', async () => {
    rows.append(50);
    const uploader = await start();
    await until('published', published);
    expect(uploader.health()).toMatchObject({
      status: 'ok',
      detail: { waiting: 50, published: 50, acknowledged: 0 },
    });
    await acknowledge(30);
    await until('acknowledged', () => rows.outbox.depth() === 20);
    await uploader.stop();
    await acknowledge(50);
    const next = await start();
    await until('acknowledged', () => rows.outbox.depth() === 0);
    expect(next.health().detail).toMatchObject({ waiting: 0, acknowledged: 50 });
    // Nothing goes out a second time for a restart.
    await sleep(100);
    expect(allEventIds(far)).toHaveLength(50);
  });

  it('is not heard for another store, and told of for what there never was', async () => {
    rows.append(10);
    const uploader = await start();
    await until('published', published);
    await acknowledge(10, '0123456789abcdef');
    await acknowledge(11);
    await until('refused', () => uploader.health().detail?.code === 'CA_ACK_INVALID');
    expect(uploader.health().reason).toContain('up to 11, the newest event is 10');
    expect(rows.outbox.depth()).toBe(10);
    await acknowledge(10);
    await until('well again', () => uploader.health().status === 'ok');
    expect(rows.outbox.depth()).toBe(0);
  });

  it('costs one commit for many', async () => {
    rows.append(300);
    let commits = 0;
    const { acknowledge: original } = rows.outbox;
    rows.outbox.acknowledge = (upTo) => {
      commits += 1;
      original.call(rows.outbox, upTo);
    };
    await start();
    await until('published', published);
    for (let n = 1; n <= 300; n++) await acknowledge(n);
    await until('acknowledged', () => rows.outbox.depth() === 0);
    expect(commits).toBeLessThanOrEqual(5);
  });

  it('is missed when it says nothing', async () => {
    const clock = new ManualClock();
    const uploader = uploaderFor(rows.outbox, { url: broker.url }, 1, clock, { hub: true });
    ends.push(async () => {
      const stopped = uploader.stop();
      clock.advance(10_000);
      await stopped;
    });
    await uploader.start();
    rows.append(1);
    await until('published', published);
    clock.advance(299_000);
    expect(uploader.health().status).toBe('ok');
    clock.advance(1_000);
    expect(uploader.health()).toMatchObject({ status: 'degraded', detail: { code: 'CA_HUB_SILENT' } });
    await acknowledge(1);
    await until('heard', () => {
      clock.advance(1_000);
      return uploader.health().status === 'ok';
    });
  });
});

describe('what goes first', () => {
  it('is what happens now: 20,000 rows of backlog hold up no live one, and keep their order', async () => {
    const waiting = rows.append(20_000);
    const uploader = await start({ hub: false });
    await until('under way', () => allEventIds(far).length > 100);
    const live = new Map<string, number>();
    while (!published()) {
      const [id] = rows.append(1, 'press');
      live.set(id as string, performance.now());
      await sleep(20);
    }
    await arrived(20_000 + live.size);
    expect(live.size).toBeGreaterThan(20);
    const events = far.messages.filter((m) => m.topic.includes('/events/'));
    const late = events.flatMap(({ payload, at }) => {
      const since = live.get((payload as { id: string }).id);
      return since === undefined ? [] : [at - since];
    });
    expect(quantile(late, 0.99)).toBeLessThan(1_000);
    const order = allEventIds(far);
    expect(order.filter((id) => !live.has(id))).toEqual(waiting);
    expect(order.filter((id) => live.has(id))).toEqual([...live.keys()]);
    expect(uploader.health().detail).toMatchObject({ waiting: rows.outbox.depth() });
  });

  it('within a window of 20, of which old rows leave 4', async () => {
    const read = { pending: 0, again: 0 };
    for (const name of ['pending', 'again'] as const) {
      const original = rows.outbox[name].bind(rows.outbox) as (...of: number[]) => OutboxRow[];
      rows.outbox[name] = (...of: number[]) => {
        const found = original(...of);
        read[name] += found.length;
        return found;
      };
    }
    rows.append(50);
    const uploader = await start();
    await until('published', published);
    read.pending = 0;
    // Nobody acknowledges anything.
    process.kill(broker.pid, 'SIGSTOP');
    try {
      uploader.resend(1);
      await sleep(50);
      rows.append(50);
      expect(read).toEqual({ again: 16, pending: 4 });
    } finally {
      process.kill(broker.pid, 'SIGCONT');
    }
    await until('published', published);
  });

  it('and the backlog no faster than it may', async () => {
    rows.append(300);
    const began = performance.now();
    await start({ replay: 200 });
    await until('under way', () => allEventIds(far).length > 0);
    const before = allEventIds(far).length;
    const [live] = rows.append(1, 'press');
    await arrived(301);
    // Before it came what was on its way, and no more: 300 is what the backlog has.
    expect(allEventIds(far).indexOf(live as string)).toBeLessThan(before + 100);
    // 20 are saved up.
    expect(performance.now() - began).toBeGreaterThan(1_350);
  });
});

describe('a hub that asks again', () => {
  /** The device's answer to `cmd/resend`. */
  async function ask(from: number): Promise<unknown> {
    await hub.subscribeAsync('hub/answers');
    const answer = new Promise<unknown>((resolve) =>
      hub.once('message', (_topic, payload) => resolve(JSON.parse(payload.toString()))),
    );
    const properties = { responseTopic: 'hub/answers', correlationData: Buffer.from('1') };
    await hub.publishAsync('ca/v1/clinic/cmd/resend', JSON.stringify({ from }), { qos: 1, properties });
    return answer;
  }

  it('gets the range once more, once, and what is new passes it', async () => {
    const ids = rows.append(3_000);
    const uploader = await start({ replay: 100_000 });
    await until('published', published);
    await arrived(3_000);
    const told: string[] = [];
    uploader.onPublished((row) => told.push(row.id));
    expect(await ask(1_001)).toEqual({ ok: true, result: { from: 1_001, to: 3_000 } });
    const live = rows.append(30);
    await arrived(5_030);
    await sleep(100);
    const second = allEventIds(far).slice(3_000);
    expect(second.filter((id) => !live.includes(id))).toEqual(ids.slice(1_000));
    expect(second.filter((id) => live.includes(id))).toEqual(live);
    expect(second.indexOf(live.at(-1) as string)).toBeLessThan(1_000);
    // Published once, however often it is sent.
    expect(told).toEqual(live);
  });

  it('is told what is gone, and what never was', async () => {
    rows.append(20);
    await start();
    await until('published', published);
    await acknowledge(20);
    await until('acknowledged', () => rows.outbox.depth() === 0);
    expect(await ask(21)).toEqual({ ok: true, result: { from: 21, to: 20 } });
    rows.db.exec('DELETE FROM outbox WHERE sequence <= 15');
    expect(await ask(5)).toEqual({ ok: true, result: { from: 16, to: 20 } });
    rows.outbox.forget(Date.now() + 1);
    expect(await ask(5)).toMatchObject({ ok: false, code: 'CA_MESSAGES_GONE' });
  });

  it('does so while there is a backlog: nothing goes twice that was never gone', async () => {
    const ids = rows.append(500);
    const uploader = await start({ replay: 1_000 });
    let waiting: string[] = [];
    const resend = uploader.resend.bind(uploader);
    uploader.resend = (from) => {
      const answer = resend(from);
      waiting = rows.outbox.pending(0, 1_000).map(({ id }) => id);
      return answer;
    };
    await until('under way', () => allEventIds(far).length > 200);
    expect(await ask(1)).toEqual({ ok: true, result: { from: 1, to: 500 } });
    await until('published', published);
    await arrived(1_000 - waiting.length);
    await sleep(100);
    expect(waiting.length).toBeGreaterThan(20);
    const once = new Set(waiting);
    const counts = countsOf(allEventIds(far));
    expect(ids.filter((id) => counts.get(id) !== (once.has(id) ? 1 : 2))).toEqual([]);
  });

  it('gets all of it, with the connection cut in the middle', async () => {
    const ids = rows.append(2_000);
    const relay = await startRelay(broker.port);
    ends.push(() => relay.stop());
    await start({ url: `mqtt://127.0.0.1:${relay.port}`, replay: 2_000 });
    await until('published', published);
    await arrived(2_000);
    await ask(1);
    for (const n of [2_300, 3_100]) {
      await arrived(n);
      relay.cut();
      await sleep(50);
      relay.mend();
    }
    await until('all once more', () => [...countsOf(allEventIds(far)).values()].every((n) => n >= 2), 20_000);
    await sleep(200);
    expect([...countsOf(allEventIds(far)).keys()]).toEqual(ids);
    expect(allEventIds(far).length).toBeLessThanOrEqual(4_000 + 2 * 16);
  });
});

it('sends no row more often than once, and once for each cut at which it was on its way', async () => {
  const ids = rows.append(4_000);
  const relay = await startRelay(broker.port);
  ends.push(() => relay.stop());
  const onTheirWay = new Map<string, number>();
  await start({ url: `mqtt://127.0.0.1:${relay.port}` });
  for (let cuts = 0; cuts < 4; cuts++) {
    await arrived(100 + cuts * 700 + Math.floor(Math.random() * 300));
    relay.cut();
    // A backlog alone: the first that have no mark, and those whose mark is being made.
    for (const { id } of rows.outbox.pending(0, 40)) onTheirWay.set(id, (onTheirWay.get(id) ?? 0) + 1);
    await sleep(20);
    relay.mend();
  }
  await until('published', published, 20_000);
  await arrived(4_000);
  await sleep(100);
  const counts = countsOf(allEventIds(far));
  expect([...counts.keys()]).toEqual(ids);
  expect([...counts].filter(([id, n]) => n > 1 + (onTheirWay.get(id) ?? 0))).toEqual([]);
  expect(allEventIds(far).length - 4_000).toBeLessThanOrEqual(4 * 16);
});

it('says who it is while the disk cannot be read, and sends what waits once it can', async () => {
  rows.append(5);
  const newest = rows.outbox.newest.bind(rows.outbox);
  const uploader = uploaderFor(rows.outbox, { url: broker.url }, 7);
  ends.push(() => uploader.stop());
  rows.outbox.newest = () => {
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' });
  };
  await uploader.start();
  const state = await far.waitFor((m) => m.topic.endsWith('/state'), 5_000);
  expect(state.payload).toMatchObject({ session: 7, sequence: 5 });
  expect(uploader.health().detail).toMatchObject({ code: 'CA_STORE_UNUSABLE' });
  rows.outbox.newest = newest;
  await arrived(5);
});

it('of a contact that is erased no more is sent; where a row was on its way, its place is told of after it', async () => {
  rows.append(40);
  await start();
  await far.waitFor((m) => m.topic.endsWith('/info'), 5_000);
  await until('published', published);
  const erase = (id: string) => {
    rows.db.transaction(() => rows.outbox.scrub(id))();
    rows.outbox.notify();
  };
  const stalled = async (n: number, whom: number) => {
    process.kill(broker.pid, 'SIGSTOP');
    rows.append(n);
    erase(`row-${whom}`);
    await sleep(20);
    process.kill(broker.pid, 'SIGCONT');
    await until('published', published);
  };
  // All of them are on their way; then, most of them have not been read.
  await stalled(10, 41);
  await stalled(90, 140);
  await arrived(40 + 10 + 1 + 90);
  expect(allEventIds(far)).toContain('row-41');
  expect(allEventIds(far)).not.toContain('row-140');
  const erased = far.messages.filter((m) => m.topic.endsWith('outbox.dropped')).map((m) => m.payload);
  expect(erased.map((payload) => (payload as { data: { from: number } }).data.from)).toEqual([41, 140]);
});

function countsOf(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
