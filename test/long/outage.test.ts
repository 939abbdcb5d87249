import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'better-sqlite3';
import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Effect } from '../../device/contacts/model.ts';
import { type DeskInput, type DeskState, EMPTY_DESK, reduce } from '../../device/contacts/reduce.ts';
import { Store } from '../../device/store/store.ts';
import type { EventMessage } from '../../uploader/messages.ts';
import { quantile } from '../bench/result.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { at, settings, WALL } from '../stand-ins/stored-desk.ts';
import { until, uploaderFor } from '../uploader/rig.ts';

const CONTACTS = 100_000;
const DESKS = Array.from({ length: 8 }, (_, n) => `desk-${n}`);
const DAYS = 3;
const SECONDS = DAYS * 86_400;
/** Less than three days need, more than their contacts do. */
const LIMITS = { age: 30 * 86_400_000, size: 130_000_000 };
/** Contacts between two looks at the backlog: about as many as come in a quarter of an hour. */
const LOOK = 400;
const ROOM = 1e12;

let folder: string;
let store: Store;
let inside: Database.Database;
let broker: Mosquitto | null = null;
let wall = WALL;
const states = new Map<string, DeskState>();

beforeAll(() => {
  // In RAM: what is measured here is the memory of the process and the size of the file, not the disk.
  folder = mkdtempSync('/dev/shm/ca-outage-');
  // The store's own connection: a commit for each event would take minutes of which nothing is to be learnt.
  const { pragma } = Database.prototype;
  Database.prototype.pragma = function (...of) {
    inside = this;
    return pragma.apply(this, of);
  };
  store = new Store(folder, 'clinic', randomUUID, () => wall, { keep: 'none', sample: 0 }, true);
  Database.prototype.pragma = pragma;
  store.beginSession('boot-1', at(0));
});
afterAll(async () => {
  await broker?.stop();
  store.close();
  rmSync(folder, { recursive: true });
});

/** What happens at a desk in a row, in one commit: the messages are those of one commit for each. */
function put(desk: string, ...inputs: DeskInput[]): void {
  const all: Effect[] = [];
  let state = states.get(desk) ?? EMPTY_DESK;
  for (const input of inputs) {
    const [next, effects] = reduce(settings, state, input);
    state = next;
    all.push(...effects);
  }
  states.set(desk, state);
  const { at: now } = inputs.at(-1) as DeskInput;
  wall = now.wall;
  const clock = 'trusted';
  store.record({ desk, event: null, state, effects: all, at: now, clock, captured: false, scored: [] });
}

/** A contact of 11 s, whole, from second `s` on; each third patient presses a button. */
function contact(desk: string, s: number, n: number): void {
  const id = randomUUID;
  const button = n % 2 === 0 ? 'happy' : 'unhappy';
  put(
    desk,
    { id: id(), kind: 'presence', present: true, at: at(s) },
    { kind: 'wake', at: at(s + 1) },
    ...(n % 3 === 0 ? [{ id: id(), kind: 'press', button, at: at(s + 3) } as const] : []),
    { id: id(), kind: 'presence', present: false, at: at(s + 11) },
    { kind: 'wake', at: at(s + 19) },
  );
}

/** Resident memory without garbage, MB. */
async function memory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  await sleep(300);
  return process.memoryUsage().rss / 1e6;
}

/** A hub that keeps what it must: which contacts it has, and up to where nothing is missing. */
class Hub {
  readonly contacts = new Map<string, string>();
  readonly dropped: Record<string, number> = {};
  readonly arrivedAt = new Map<string, number>();
  doubles = 0;
  upTo = 0;
  readonly #ahead = new Map<number, number>();

  take(event: EventMessage): void {
    const sequence = Number(event.sequence);
    const first = event.type === 'outbox.dropped' ? event.data.from : sequence;
    if (sequence <= this.upTo || this.#ahead.has(first)) {
      this.doubles += 1;
      return;
    }
    this.#ahead.set(first, sequence);
    for (let next = this.#ahead.get(this.upTo + 1); next !== undefined; ) {
      this.#ahead.delete(this.upTo + 1);
      this.upTo = next;
      next = this.#ahead.get(this.upTo + 1);
    }
    if (event.type === 'contact.closed') this.contacts.set(event.data.id, JSON.stringify(event.data));
    if (event.type === 'press') this.arrivedAt.set(event.data.id, performance.now());
    if (event.type !== 'outbox.dropped') return;
    for (const [type, n] of Object.entries(event.data.counts))
      this.dropped[type] = (this.dropped[type] ?? 0) + n;
  }
}

test(`${DAYS} days without a broker, ${CONTACTS} contacts`, { timeout: 600_000 }, async () => {
  const port = await freePort();
  const url = `mqtt://127.0.0.1:${port}`;
  const uploader = uploaderFor(store.outbox, { url }, 1, undefined, { hub: true });
  await uploader.start();
  const sizes: number[] = [];
  const steps: number[] = [];
  const began = performance.now();
  for (let n = 0; n < CONTACTS; n++) {
    if (n % LOOK === 0) inside.exec('BEGIN');
    contact(DESKS[n % DESKS.length] as string, (n / CONTACTS) * SECONDS, n);
    if (n % LOOK !== LOOK - 1) continue;
    inside.exec('COMMIT');
    for (let more = true; more; ) {
      const start = performance.now();
      more = store.backlog.step(LIMITS, at((n / CONTACTS) * SECONDS), ROOM);
      steps.push(performance.now() - start);
    }
    await sleep(0);
    if (n % 10_000 === 9_999) sizes.push(await memory());
  }
  const filled = performance.now() - began;
  const db = new Database(`${folder}/contacts.sqlite`, { readonly: true });
  const one = (sql: string) => db.prepare<[], { n: number }>(sql).get()?.n ?? Number.NaN;
  const pages = one("SELECT sum(pgsize) AS n FROM dbstat WHERE name LIKE 'outbox%'");
  const data = one('SELECT sum(octet_length(data)) AS n FROM outbox');
  const rows = one('SELECT count(*) AS n FROM outbox');
  console.log({
    filled: `${Math.round(filled / 1_000)} s`,
    memory: sizes.map(Math.round).join(' '),
    outboxMB: Math.round(pages / 1e6),
    rowOverhead: Math.round((pages - data) / rows),
    rows,
    dropped: store.outbox.dropped,
    trimMedian: quantile(steps, 0.5),
    trimP99: quantile(steps, 0.99),
    trimMax: Math.max(...steps),
  });
  expect(uploader.health().detail).toMatchObject({ connected: false, waiting: rows });
  expect(store.outbox.dropped).toBeGreaterThan(10_000);
  // Flat: nothing is kept in memory for a row that waits.
  expect((sizes.at(-1) as number) - (sizes[1] as number)).toBeLessThan(30);
  // SQLite joins pages that are less than a third full, and leaves the others: what is dropped in between is room lost.
  expect(pages).toBeLessThan(LIMITS.size * 1.5);
  // The machine may have other work; no single step is to hold up a desk.
  expect(quantile(steps, 0.5)).toBeLessThan(20);
  expect(quantile(steps, 0.99)).toBeLessThan(300);

  broker = await startMosquitto({ port, conf: 'max_queued_messages 0' });
  const hub = new Hub();
  const far = await mqtt.connectAsync(url, { protocolVersion: 5 });
  far.on('message', (_topic, payload) => hub.take(JSON.parse(payload.toString())));
  await far.subscribeAsync('ca/v1/clinic/events/#', { qos: 1 });
  await until('connected', () => uploader.health().detail?.connected === true, 60_000);
  const drained = performance.now();
  const live = new Map<string, number>();
  let acknowledged = 0;
  for (let s = SECONDS + 60; store.outbox.depth() > 0; s += 10) {
    if (performance.now() - drained > 240_000) throw new Error(`${store.outbox.depth()} rows still wait`);
    // Rows remain for as long as the broker has not taken the last one of the old ones.
    if (store.outbox.pending(0, 1)[0]?.sequence !== undefined && hub.upTo < store.outbox.newest() - 200) {
      const id = randomUUID();
      live.set(id, performance.now());
      put('desk-0', { id, kind: 'press', button: 'happy', at: at(s) });
    }
    if (hub.upTo > acknowledged) {
      acknowledged = hub.upTo;
      const ack = JSON.stringify({ store: store.outbox.store, upTo: acknowledged });
      await far.publishAsync('ca/v1/clinic/ack', ack, { qos: 1, retain: true });
    }
    await sleep(100);
  }
  const seconds = (performance.now() - drained) / 1_000;
  const late = [...live].map(([id, since]) => (hub.arrivedAt.get(id) ?? Number.NaN) - since);
  console.log({
    drained: `${Math.round(seconds)} s`,
    rate: `${Math.round(rows / seconds)} rows/s`,
    live: live.size,
    liveP99: quantile(late, 0.99),
    doubles: hub.doubles,
    memory: Math.round(await memory()),
  });
  await uploader.stop();
  await far.endAsync(true);
  expect(hub.upTo).toBe(store.outbox.newest());
  expect(hub.doubles).toBe(0);
  expect(hub.contacts.size).toBe(CONTACTS);
  const kept = db.prepare<[], { id: string }>("SELECT id FROM contacts WHERE state = 'settled'").all();
  db.close();
  // Field by field, each hundredth.
  for (const { id } of kept.filter((_, n) => n % 100 === 0))
    expect(JSON.parse(hub.contacts.get(id) ?? 'null')).toEqual(store.contacts.byId(id));
  expect(kept.every(({ id }) => hub.contacts.has(id))).toBe(true);
  expect(Object.values(hub.dropped).reduce((sum, n) => sum + n)).toBe(store.outbox.dropped);
  expect(hub.dropped['contact.closed']).toBeUndefined();
  expect(live.size).toBeGreaterThan(50);
  expect(quantile(late, 0.99)).toBeLessThan(1_000);
});
