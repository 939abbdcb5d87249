import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outbox } from '../../device/store/records.ts';
import type { Uploader } from '../../uploader/uploader.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { startRelay } from '../stand-ins/relay.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { allEventIds, eventIds, isState, Rows, until, uploaderFor } from './rig.ts';

let folder: string;
let rows: Rows;
const ends: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-faults-'));
  rows = new Rows();
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rows.close();
  rmSync(folder, { recursive: true });
});

async function mosquitto(options: Parameters<typeof startMosquitto>[0] = {}): Promise<Mosquitto> {
  const broker = await startMosquitto(options);
  ends.push(() => broker.stop());
  return broker;
}

async function farEnd(options: Parameters<typeof startSubscriber>[0]): Promise<Subscriber> {
  const far = await startSubscriber(options);
  ends.push(() => far.stop());
  return far;
}

async function start<T extends Uploader>(uploader: T): Promise<T> {
  ends.push(() => uploader.stop());
  await uploader.start();
  return uploader;
}

describe('Uploader with a broker in trouble', () => {
  it('loses nothing and keeps the order when the broker is killed in the middle', async () => {
    const broker = await mosquitto();
    const far = await farEnd({ url: broker.url });
    // Held back until the subscriber is there again: what arrives before it is nobody's fault here.
    const relay = await startRelay(broker.port);
    ends.push(() => relay.stop());
    const uploader = uploaderFor(rows.outbox, { url: `mqtt://127.0.0.1:${relay.port}` });
    const marked = new Set<string>();
    let kills = 0;
    const killAt = [300, 900];
    let killing: Promise<void> | null = null;
    uploader.onPublished((row) => {
      marked.add(row.id);
      if (marked.size < (killAt[kills] ?? Number.POSITIVE_INFINITY)) return;
      kills += 1;
      killing = (async () => {
        await broker.kill();
        relay.cut();
        // Nothing is marked that has not gone out.
        const arrived = new Set(allEventIds(far));
        expect([...marked].filter((id) => !arrived.has(id))).toEqual([]);
        await sleep(100);
        await broker.restart();
        await far.subscribed();
        relay.mend();
      })();
    });
    const ids = rows.append(1_500);
    await start(uploader);
    await rows.drained(20_000);
    await killing;
    await until('all arrived', () => eventIds(far).length >= ids.length);
    expect(kills).toBe(2);
    expect(eventIds(far)).toEqual(ids);
    // Only what was in flight at the two kills may come twice.
    expect(allEventIds(far).length - ids.length).toBeLessThanOrEqual(2 * 40);
  });

  it('starts without a broker and publishes when there is one', async () => {
    const port = await freePort();
    rows.append(3);
    const uploader = await start(uploaderFor(rows.outbox, { url: `mqtt://127.0.0.1:${port}` }));
    await until('tried', () => uploader.logged.some((line) => line.includes('ECONNREFUSED')));
    expect(uploader.health()).toMatchObject({
      status: 'degraded',
      reason: expect.stringContaining(`mqtt://127.0.0.1:${port}`),
      detail: { code: 'CA_BROKER_UNREACHABLE' },
    });
    await mosquitto({ port });
    await rows.drained();
    expect(uploader.health().status).toBe('ok');
  });

  it('reports a name that does not resolve, and stops at once', async () => {
    const uploader = await start(uploaderFor(rows.outbox, { url: 'mqtt://user:hush@broker.invalid' }));
    await until('tried', () => uploader.logged.some((line) => line.includes('no connection')));
    expect(uploader.health().detail).toMatchObject({ code: 'CA_BROKER_UNREACHABLE' });
    expect(JSON.stringify([uploader.health(), uploader.logged])).not.toContain('hush');
    const before = performance.now();
    await uploader.stop();
    expect(performance.now() - before).toBeLessThan(500);
  });

  it('says that the password is wrong, and goes on when the broker accepts it', async () => {
    const passwords = join(folder, 'passwords');
    writeFileSync(passwords, '', { mode: 0o600 });
    execFileSync('mosquitto_passwd', ['-b', passwords, 'device', 'other']);
    const broker = await mosquitto({ conf: `allow_anonymous false\npassword_file ${passwords}` });
    rows.append(3);
    const uploader = await start(
      uploaderFor(rows.outbox, { url: broker.url, user: 'device', password: () => 'correct horse' }),
    );
    await until(
      'refused twice',
      () => uploader.logged.filter((line) => line.includes('no connection')).length > 1,
    );
    expect(uploader.health()).toMatchObject({ status: 'degraded', detail: { code: 'CA_BROKER_REFUSED' } });
    expect(JSON.stringify([uploader.health(), uploader.logged])).not.toContain('correct horse');
    execFileSync('mosquitto_passwd', ['-b', passwords, 'device', 'correct horse']);
    await broker.restart();
    await rows.drained();
    expect(uploader.health().status).toBe('ok');
  });

  it('names the topic that the access list denies, holds the rows, and sends them in order once it is allowed', async () => {
    const list = join(folder, 'acl');
    writeFileSync(
      list,
      'topic readwrite ca/v1/clinic/state\ntopic read ca/v1/#\ntopic write ca/v1/clinic/events/contact.closed\n',
      { mode: 0o600 },
    );
    const broker = await mosquitto({ conf: `acl_file ${list}` });
    const far = await farEnd({ url: broker.url });
    const closed = rows.append(2);
    const pressed = rows.append(1, 'press');
    const behind = rows.append(60);
    const uploader = await start(uploaderFor(rows.outbox, { url: broker.url }));
    await until(
      'refused twice',
      () => uploader.logged.filter((l) => l.includes('CA_PUBLISH_REFUSED')).length > 1,
    );
    expect(uploader.health()).toMatchObject({
      status: 'degraded',
      reason: expect.stringContaining('ca/v1/clinic/events/press'),
      detail: { code: 'CA_PUBLISH_REFUSED' },
    });
    // Time for several tries: they must not let the rows behind pass one by one.
    await sleep(1_500);
    const waiting = rows.outbox.pending(0, 100).map((row) => row.id);
    expect(waiting[0]).toBe(pressed[0]);
    // At most the window that was in flight has passed.
    expect(waiting.length).toBeGreaterThanOrEqual(1 + 60 - 19);
    writeFileSync(list, 'topic readwrite ca/v1/#\n');
    process.kill(broker.pid, 'SIGHUP');
    await rows.drained(20_000);
    await until('all arrived', () => eventIds(far).length >= 63);
    expect(eventIds(far).toSorted()).toEqual([...closed, ...pressed, ...behind].toSorted());
    // What waited comes in order.
    const order = eventIds(far);
    expect(order.slice(-waiting.length)).toEqual(waiting);
    // The retained `info` was refused too, and is tried again by itself.
    await far.waitFor((m) => m.topic.endsWith('/info'), 12_000);
    await until('well again', () => uploader.health().status === 'ok');
  });

  it('reports a store that cannot be written, and marks the rows later', async () => {
    const broker = await mosquitto();
    let failures = 2;
    const failing: Outbox = new Proxy(rows.outbox, {
      get(outbox, name: keyof Outbox) {
        if (name === 'published' && failures-- > 0) throw new Error('disk I/O error');
        const member = outbox[name];
        return typeof member === 'function' ? member.bind(outbox) : member;
      },
    });
    rows.append(30);
    const uploader = await start(uploaderFor(failing, { url: broker.url }));
    await until('fault', () => uploader.health().detail?.code === 'CA_STORE_UNUSABLE');
    await rows.drained();
    await until('well again', () => uploader.health().status === 'ok');
  });

  it('tells of a second device of the same name', async () => {
    const broker = await mosquitto();
    const uploader = await start(uploaderFor(rows.outbox, { url: broker.url }));
    await until('connected', () => uploader.health().status === 'ok');
    const twin = await start(uploaderFor(rows.outbox, { url: broker.url }));
    await until('suspected', () => uploader.health().detail?.code === 'CA_BROKER_REFUSED', 20_000);
    expect(uploader.health().reason).toContain('name of its own');
    await twin.stop();
    await until('back', () => uploader.health().status === 'ok');
  });

  it('replaces the will of a connection that the broker still believes in', async () => {
    const broker = await mosquitto();
    const far = await farEnd({ url: broker.url });
    const old = await start(uploaderFor(rows.outbox, { url: broker.url }, 1));
    old.setState('ready');
    await far.waitFor(isState('ready'), 2_000);
    const next = uploaderFor(rows.outbox, { url: broker.url }, 2);
    next.setState('ready');
    await start(next);
    await far.waitFor((m) => isState('ready')(m) && (m.payload as { session: number }).session === 2, 2_000);
    const states = far.messages.filter((m) => m.topic.endsWith('/state')).map((m) => m.payload);
    expect(states).toMatchObject([
      { state: 'ready', session: 1 },
      { state: 'lost', session: 1 },
      { state: 'ready', session: 2 },
    ]);
    await old.stop();
  });
});
