import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { openDatabase } from '../../device/store/open.ts';
import { eventOf } from '../../uploader/event.ts';
import type { Hub } from '../../uploader/hub/hub.ts';
import type { Uploader } from '../../uploader/uploader.ts';
import { type HubProcess, startHubProcess } from '../delivery/hub-process.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { type Postgres, startPostgres } from '../stand-ins/postgres.ts';
import { WALL } from '../stand-ins/stored-desk.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { Clinic, hubFor, Tables } from './hub-rig.ts';
import { until, uploaderFor } from './rig.ts';

let server: Postgres;
let admin: Tables;
let broker: Mosquitto;
let tables: Tables;
let database: string;
let runs = 0;
let clinic: Clinic;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

beforeEach(async () => {
  admin = new Tables(server.url);
  // Each test in a database of its own.
  const name = `hub_${++runs}`;
  await admin.sql`CREATE DATABASE ${admin.sql(name)}`;
  database = server.url.replace(/postgres$/, name);
  tables = new Tables(database);
  broker = await startMosquitto();
  clinic = new Clinic();
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await broker.stop();
  await tables.end();
  await admin.end();
  clinic.end();
});

async function hub(): Promise<Hub & { logged: string[] }> {
  const started = await hubFor(broker.url, database);
  ends.push(() => started.stop());
  await until('the hub is well', () => started.health().status === 'ok');
  return started;
}

/** The device at the broker. */
async function uploader(of = clinic): Promise<Uploader> {
  const started = uploaderFor(of.store.outbox, { url: broker.url }, 1, systemClock, { hub: true });
  ends.push(() => started.stop());
  await started.start();
  return started;
}

const published = () => until('published', () => clinic.store.outbox.pending(0, 1).length === 0);

/** The highest that any hub has acknowledged so far. */
async function acknowledgements(): Promise<{ highest: number }> {
  const heard = { highest: 0 };
  const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
  ends.push(() => client.endAsync(true));
  client.on('message', (_topic, payload) => {
    heard.highest = Math.max(heard.highest, JSON.parse(payload.toString()).upTo);
  });
  await client.subscribeAsync('ca/v1/clinic/ack', { qos: 1 });
  return heard;
}

/** The hub as a process, to be killed. */
function mortalHub(): HubProcess {
  const started = startHubProcess({ HUB_MQTT: broker.url, HUB_DATABASE: database });
  ends.push(() => started.stop());
  return started;
}

const acknowledged = (of = clinic) =>
  until('all is acknowledged', () => of.store.outbox.acknowledged === of.store.outbox.newest());

/** Everything is there, nothing twice, nothing else, and the device knows. */
async function whole(of = clinic): Promise<void> {
  await tables.complete(of);
  await acknowledged(of);
  const held = await tables.compare(of);
  expect(held.hub).toEqual(held.device);
  expect(
    await tables.sql`SELECT * FROM holes UNION ALL SELECT device, store, 0, 0, "time" FROM rejected`,
  ).toEqual([]);
}

// Three kills, or a wait that was doubled twice, take their time on a busy machine.
describe('startHub', { timeout: 90_000 }, () => {
  it('has what the device told before it came and while it was there, and acknowledges it', async () => {
    clinic.patients(10);
    await uploader();
    await published();
    const { logged } = await hub();
    clinic.patients(10);
    await whole();
    // What the broker could not give to a hub that was not there.
    expect(logged.join('')).toMatch(/"from":1,.*asking/);
    const far: Subscriber = await startSubscriber({ url: broker.url });
    const ack = await far.waitFor(({ topic }) => topic === 'ca/v1/clinic/ack', 2_000);
    const { store } = clinic.store.outbox;
    expect(ack).toMatchObject({ retain: true, payload: { store, upTo: clinic.store.outbox.newest() } });
    await far.stop();
  });

  it('gets all that a broker had acknowledged and then lost', async () => {
    await uploader();
    clinic.patients(30);
    await published();
    await broker.kill();
    await broker.restart();
    await hub();
    await whole();
  });

  it('loses nothing when the broker is killed again and again', async () => {
    await hub();
    await uploader();
    for (let n = 0; n < 5; n++) {
      clinic.patients(10);
      await sleep(Math.random() * 150);
      await broker.kill();
      await broker.restart();
    }
    await whole();
  });

  it('loses nothing when it is killed again and again', async () => {
    const heard = await acknowledgements();
    const process = mortalHub();
    await uploader();
    for (let n = 0; n < 4; n++) {
      clinic.patients(20);
      await sleep(300 + Math.random() * 400);
      await process.kill();
      expect(await tables.upTo(clinic).catch(() => 0)).toBeGreaterThanOrEqual(heard.highest);
      await process.revive();
    }
    await whole();
  });

  it('loses nothing when the database is killed in the middle of batches', async () => {
    const heard = await acknowledgements();
    const { health } = await hub();
    await uploader();
    for (let n = 0; n < 3; n++) {
      await until('caught up', () => heard.highest === clinic.store.outbox.newest(), 25_000);
      clinic.patients(30);
      await sleep(Math.random() * 150);
      await server.kill();
      clinic.patients(5);
      await until('noticed', () => health().status === 'degraded');
      await server.restart();
      expect(await tables.upTo(clinic).catch(() => 0)).toBeGreaterThanOrEqual(heard.highest);
    }
    await whole();
    expect(health()).toMatchObject({ status: 'ok', detail: { behind: 0 } });
  });

  it('fills a database that was restored from an older backup', async () => {
    await hub();
    await uploader();
    clinic.patients(10);
    await whole();
    const [name, backup] = [`hub_${runs}`, `backup_${runs}`];
    await tables.end();
    // Nobody may be connected to what is copied: the hub is sent away, and comes back too late or too early.
    await admin.sql`ALTER DATABASE ${admin.sql(name)} WITH ALLOW_CONNECTIONS false`;
    await admin.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
    await admin.sql`CREATE DATABASE ${admin.sql(backup)} TEMPLATE ${admin.sql(name)}`;
    await admin.sql`ALTER DATABASE ${admin.sql(name)} WITH ALLOW_CONNECTIONS true`;
    tables = new Tables(database);
    clinic.patients(10);
    await whole();
    await tables.end();
    await admin.sql`DROP DATABASE ${admin.sql(name)} WITH (FORCE)`;
    await admin.sql`ALTER DATABASE ${admin.sql(backup)} RENAME TO ${admin.sql(name)}`;
    tables = new Tables(database);
    expect(await tables.upTo(clinic)).toBeLessThan(clinic.store.outbox.newest());
    await whole();
  });

  it('begins anew with the store of a new disk, and keeps what came from the old one', async () => {
    await hub();
    const old = await uploader();
    const ids = clinic.patients(5);
    await whole();
    await old.stop();
    const replaced = new Clinic();
    ends.push(async () => replaced.end());
    replaced.patients(3);
    await uploader(replaced);
    await tables.complete(replaced);
    await acknowledged(replaced);
    const contacts = await tables.sql`SELECT id, store FROM contacts`;
    expect(contacts).toHaveLength(8);
    expect(contacts.filter(({ store }) => store === clinic.store.outbox.store)).toHaveLength(ids.length);
    expect(await tables.upTo(clinic)).toBe(clinic.store.outbox.newest());
  });

  it('passes what the device says it dropped, and has each contact all the same', async () => {
    clinic.patients(6);
    const { outbox } = clinic.store;
    const rows = clinic
      .rows()
      .filter(({ type, subject }) => type === 'contact.started' || (type === 'press' && subject));
    outbox.drop(
      rows.map(({ sequence }) => sequence),
      'size',
      () => {},
    );
    await hub();
    await uploader();
    await tables.complete(clinic);
    await acknowledged();
    const held = await tables.compare(clinic);
    expect(held.hub).toEqual(held.device);
    const dropped =
      await tables.sql`SELECT sum((SELECT sum(n::int) FROM jsonb_each_text(counts) AS c (t, n)))::int AS n FROM dropped`;
    expect(dropped).toEqual([{ n: rows.length }]);
    expect(await tables.sql`SELECT * FROM holes`).toEqual([]);
  });

  it('writes down what is gone for good, and goes on', async () => {
    clinic.patients(6);
    const sql = openDatabase(clinic.folder);
    sql.prepare('DELETE FROM outbox WHERE sequence BETWEEN 3 AND 7').run();
    sql.close();
    const { logged } = await hub();
    await uploader();
    await tables.complete(clinic);
    expect(await tables.sql`SELECT first::int, last::int FROM holes`).toMatchObject([{ first: 3, last: 7 }]);
    expect(logged.join('')).toContain('the device no longer has');
  });

  it('passes the end of a store of which nothing is left', async () => {
    clinic.patients(6);
    const sql = openDatabase(clinic.folder);
    sql.prepare('DELETE FROM outbox').run();
    sql.close();
    await hub();
    await uploader();
    await tables.complete(clinic);
    const last = clinic.store.outbox.newest();
    expect(await tables.sql`SELECT first::int, last::int FROM holes`).toMatchObject([{ first: 1, last }]);
    // And counting goes on.
    clinic.patients(1);
    await tables.complete(clinic);
  });

  it('erases what the device erased while it was away, whatever comes late', async () => {
    const first = await hub();
    const device = await uploader();
    const [, erased = ''] = clinic.patients(4);
    await whole();
    const late = clinic.rows().filter(({ subject }) => subject === erased);
    expect(late.length).toBeGreaterThan(1);
    await first.stop();
    clinic.store.erase(erased, 'console', WALL);
    // Nothing comes after it that would show the gap: the device's word does.
    await published();
    device.setState('ready');
    await hub();
    await whole();
    const straggler = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
    for (const row of late) {
      const { topic, payload } = eventOf(row, { device: clinic.device, store: clinic.store.outbox.store });
      await straggler.publishAsync(topic, payload, { qos: 1 });
    }
    await straggler.endAsync();
    clinic.patients(1);
    await whole();
    for (const table of ['contacts', 'presses', 'clips', 'alerts', 'erased'])
      expect(JSON.stringify(await tables.sql`SELECT * FROM ${tables.sql(table)}`).includes(erased)).toBe(
        table === 'erased',
      );
  });

  it('waits for a database that is not there yet, and for a broker', async () => {
    await Promise.all([server.kill(), broker.kill()]);
    const late = await hubFor(broker.url, database);
    ends.push(() => late.stop());
    expect(late.health()).toMatchObject({
      status: 'degraded',
      reason: expect.stringContaining('PostgreSQL'),
    });
    clinic.patients(3);
    await uploader();
    await Promise.all([server.restart(), broker.restart()]);
    await whole();
  });
});
