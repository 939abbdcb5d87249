import { mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import mqtt from 'mqtt';
import { eventOf } from '../../uploader/event.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { Rows, until, uploaderFor } from '../uploader/rig.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

const ROWS = 6_000;
const ROUNDS = 5;
const WINDOW = 20;
const PATIENCE = 120_000;
/** Live rows, with and without a backlog. */
const LIVE = 100;

/** Rows a second of a backlog of ours. */
async function ours(broker: Mosquitto): Promise<number> {
  const rows = new Rows();
  rows.append(ROWS);
  const uploader = uploaderFor(rows.outbox, { url: broker.url });
  let first = 0;
  let count = 0;
  const done = new Promise<number>((resolve) =>
    uploader.onPublished(() => {
      first ||= performance.now();
      count += 1;
      if (count === ROWS) resolve(performance.now());
    }),
  );
  await uploader.start();
  const rate = (ROWS - 1) / ((await done) - first);
  await uploader.stop();
  rows.close();
  return rate * 1_000;
}

/** Rows a second of the same payloads out of a bare table, by bare mqtt.js: the same window, marks and commits. */
async function bare(broker: Mosquitto): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'ca-bare-'));
  const db = new Database(join(folder, 'bare.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`CREATE TABLE messages (place INTEGER PRIMARY KEY, topic TEXT, payload TEXT, published REAL);
    CREATE INDEX waiting ON messages (place) WHERE published IS NULL`);
  fill(db);
  const next = db.prepare<[number, number], { place: number; topic: string; payload: string }>(
    'SELECT place, topic, payload FROM messages WHERE published IS NULL AND place > ? ORDER BY place LIMIT ?',
  );
  const mark = db.prepare('UPDATE messages SET published = ? WHERE place = ?');
  const client = await mqtt.connectAsync(broker.url, { protocolVersion: 5, reconnectPeriod: 0 });
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  let [after, inFlight, marked, first] = [0, 0, 0, 0];
  let acknowledged: number[] = [];
  const end = await new Promise<number>((resolve) => {
    const turn = () => {
      send();
      const places = acknowledged;
      acknowledged = [];
      db.transaction(() => {
        for (const place of places) mark.run(Date.now(), place);
      })();
      first ||= performance.now();
      marked += places.length;
      if (marked === ROWS) resolve(performance.now());
    };
    const send = () => {
      for (const { place, topic, payload } of next.all(after, WINDOW - inFlight)) {
        after = place;
        inFlight += 1;
        client.publish(topic, payload, { qos: 1 }, () => {
          inFlight -= 1;
          if (acknowledged.push(place) === 1) setImmediate(turn);
        });
      }
    };
    send();
  });
  await client.endAsync(true);
  db.close();
  rmSync(folder, { recursive: true });
  return ((ROWS - 1) / (end - first)) * 1_000;
}

/** The messages that the outbox would give. */
function fill(db: Database.Database): void {
  const rows = new Rows();
  rows.append(ROWS);
  const add = db.prepare('INSERT INTO messages (topic, payload) VALUES (?, ?)');
  db.transaction(() => {
    for (const row of rows.outbox.pending(0, ROWS)) {
      const { topic, payload } = eventOf(row, { device: 'bare', store: rows.outbox.store });
      add.run(topic, payload);
    }
  })();
  rows.close();
}

/** 99 of 100 live rows are at a subscriber within this time (ms) of their commit, with so many rows of backlog. */
async function live(broker: Mosquitto, backlog: number): Promise<number> {
  const rows = new Rows();
  if (backlog > 0) rows.append(backlog);
  const far = await mqtt.connectAsync(broker.url);
  await far.subscribeAsync('ca/v1/clinic/events/press');
  const since = new Map<string, number>();
  const took: number[] = [];
  far.on('message', (_topic, payload) => {
    took.push(performance.now() - (since.get(JSON.parse(payload.toString()).id) ?? Number.NaN));
  });
  const uploader = uploaderFor(rows.outbox, { url: broker.url });
  await uploader.start();
  await until('connected', () => uploader.health().status === 'ok');
  for (let n = 0; n < LIVE; n++) {
    await sleep(5 + 10 * Math.random());
    const at = performance.now();
    const [id] = rows.append(1, 'press');
    since.set(id as string, at);
  }
  await until('live rows arrive', () => took.length >= LIVE, PATIENCE);
  if (backlog > 0 && rows.outbox.depth() === 0) throw new Error('the backlog did not last');
  await uploader.stop();
  await far.endAsync(true);
  rows.close();
  return quantile(took, 0.99);
}

/** How fast a backlog is delivered, and what it costs those who come meanwhile. */
export const drain: Benchmark = {
  names: ['drain.throughput', 'drain.live'],
  about: `A backlog of ${ROWS} contacts to mosquitto, each marked and committed; median of ${ROUNDS}.\nFloor: bare mqtt.js with the same window, payloads and commits. Live: a row's commit → at a subscriber, p99, with a backlog; floor: without.`,
  async run(): Promise<Result[]> {
    const broker = await startMosquitto();
    const [values, floors]: [number[], number[]] = [[], []];
    try {
      for (let round = 0; round < ROUNDS; round++) {
        values.push(await ours(broker));
        floors.push(await bare(broker));
      }
      return [
        {
          name: 'drain.throughput',
          value: quantile(values, 0.5),
          unit: 'rows/s',
          floor: quantile(floors, 0.5),
          better: 'higher',
        },
        {
          name: 'drain.live',
          value: await live(broker, 3 * ROWS),
          unit: 'ms',
          floor: await live(broker, 0),
          better: 'lower',
        },
      ];
    } finally {
      await broker.stop();
    }
  },
};
