import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InputEvent } from '../drivers/types.ts';
import type { Actor } from '../uploader/orders.ts';
import { ClipKeeper } from './clip-keeper.ts';
import { ManualClock } from './clock.ts';
import type { Settings } from './contacts/model.ts';
import { Desk } from './desk.ts';
import { CaError } from './errors.ts';
import { Journal } from './journal.ts';
import { createLog } from './log.ts';
import { Orders, type OrdersOptions } from './orders.ts';
import { parseDeviceKey } from './recording/device-key.ts';
import { Spool } from './recording/spool.ts';
import { ClipVault } from './recording/vault.ts';
import { type ActionRecord, readActions } from './store/actions.ts';
import { openForReading } from './store/open.ts';
import { Store } from './store/store.ts';

const settings: Settings = {
  ...{ arrivalConfirm: 1_000, departureConfirm: 1_000, contactMax: 600_000, servedMinimum: 1_000 },
  ...{ pressGrace: 5_000, pressRepeat: 1_000, sensorLost: 30_000 },
  buttons: { happy: { rating: 5, tag: 'positive', top: true } },
};
const key = randomBytes(32).toString('hex');

let folder: string;
let clock: ManualClock;
let store: Store;
let vault: ClipVault;
let spool: Spool;
let journal: Journal;
let desk: Desk;
let emit: (event: InputEvent) => void;
let orders: Orders;
let logged: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-orders-'));
  clock = new ManualClock();
  logged = [];
  const log = createLog('info', { write: (line: string) => void logged.push(line) });
  store = new Store(folder, 'clinic', randomUUID, () => clock.now().wall, { keep: 'all', sample: 0 });
  store.beginSession('boot', clock.now());
  const deviceKey = () => parseDeviceKey(key);
  vault = new ClipVault({ folder: join(folder, 'clips'), key: deviceKey });
  spool = new Spool(join(folder, 'spool'), deviceKey);
  journal = new Journal({ clock, log });
  const hand = {
    name: 'hand',
    start: (to: (event: InputEvent) => void) => {
      emit = to;
    },
    stop: async () => {},
    health: () => ({ status: 'ok' as const }),
  };
  desk = new Desk({
    ...{ desk: 'front', settings, inputs: [hand], rule: 'any', does: new Map(), cards: new Map() },
    ...{ acknowledgement: null, pause: 900_000, media: null, store, journal, boot: 'boot', clock, log },
    ...{ trust: () => 'trusted' as const, onPresence: () => {}, newId: randomUUID },
  });
  await desk.start(new AbortController().signal);
  orders = ordersWith({});
});
afterEach(async () => {
  await desk.stop();
  store.close();
  rmSync(folder, { recursive: true });
});

function ordersWith(about: Partial<OrdersOptions>): Orders {
  const made = new Orders({ ...options(), ...about });
  void made.start();
  return made;
}

function options(): OrdersOptions {
  return {
    ...{ desks: [desk], store, vault, spool, journal, clock },
    log: createLog('info', { write: (line: string) => void logged.push(line) }),
    health: () => ({ 'desk front': desk.health() }),
    resend: (from) => ({ from, to: 7 }),
    fetch: async (contactId) => ({ contactId, state: 'waiting' }),
    reload: () => ({ when: 'now' }),
  };
}

/** A patient stays for 10 s and presses; the contact is settled after it. Its id. */
function visit(): string {
  emit({ kind: 'presence', present: true, at: clock.now() });
  clock.advance(5_000);
  emit({ kind: 'press', button: 'happy', at: clock.now() });
  clock.advance(5_000);
  const id = desk.presence().contactId ?? '';
  emit({ kind: 'presence', present: false, at: clock.now() });
  clock.advance(10_000);
  return id;
}

async function clipOf(contactId: string): Promise<string> {
  const clip = await vault.begin(contactId);
  const { file, bytes, sha256 } = await clip.finish(randomBytes(1_000), clock.now(), 'video/mp4');
  store.addClip(
    'front',
    {
      ...{ contactId, state: 'ready', reason: null, file, bytes, sha256, mediaType: 'video/mp4' },
      ...{ duration: 10_000, preRoll: 0, manifest: null },
    },
    clock.now().wall,
  );
  return join(folder, 'clips', file);
}

function actions(): Omit<ActionRecord, 'time'>[] {
  const db = openForReading(folder);
  const rows = [...readActions(db, 0, Number.MAX_SAFE_INTEGER)].map(({ time: _, ...action }) => action);
  db.close();
  return rows;
}

const ok = (actor: Actor, action: string, target: ActionRecord['target']) => ({
  ...{ actor, action, target },
  outcome: 'ok',
});

describe('desks', () => {
  test('are paused, resumed and vetoed; all of it is written down', async () => {
    expect(await orders.perform('pause', { desk: 'front', ms: 60_000 }, 'mqtt')).toEqual({ desk: 'front' });
    expect(desk.health().reason).toMatch(/paused until/);
    await orders.perform('resume', { desk: 'front' }, 'console');
    expect(desk.health().status).toBe('ok');
    emit({ kind: 'presence', present: true, at: clock.now() });
    clock.advance(5_000);
    await orders.perform('veto', { desk: 'front' }, 'page');
    expect(store.contacts.byId(desk.presence().contactId ?? '')).toMatchObject({ veto: true });
    expect(actions()).toEqual([
      ok('mqtt', 'pause', { desk: 'front', ms: 60_000 }),
      ok('console', 'resume', { desk: 'front' }),
      ok('page', 'veto', { desk: 'front' }),
    ]);
  });

  test('one that there is not is told with those there are, and its name is not written down', async () => {
    await expect(orders.perform('veto', { desk: 'Ivan' }, 'mqtt')).rejects.toMatchObject({
      code: 'CA_COMMAND_INVALID',
      message: 'there is no desk "Ivan"',
      remedy: 'There are: front.',
    });
    expect(actions()).toEqual([{ actor: 'mqtt', action: 'veto', target: {}, outcome: 'CA_COMMAND_INVALID' }]);
  });

  test('a shift that is given twice stays on; a name is no pseudonym; who it was is not logged', async () => {
    const shift = (receptionist: string) => orders.perform('shift', { desk: 'front', receptionist }, 'mqtt');
    await shift('r-17');
    await shift('r-17');
    expect(store.contacts.byId(visit())).toMatchObject({ receptionist: 'r-17' });
    await shift('r-18');
    expect(store.contacts.byId(visit())).toMatchObject({ receptionist: 'r-18' });
    await expect(shift('Anna Müller')).rejects.toMatchObject({
      code: 'CA_COMMAND_INVALID',
      message: expect.stringMatching(/^receptionist: must be a pseudonym/),
    });
    expect(actions().map(({ target }) => target)).toEqual(Array(4).fill({ desk: 'front' }));
    expect(logged.join()).not.toMatch(/r-1[78]|Anna/);
  });
});

describe('a contact is erased', () => {
  test('with its clip and its spool; what the log of actions says of it stays without its id', async () => {
    const contactId = visit();
    const file = await clipOf(contactId);
    await (await spool.begin(contactId)).close();
    await orders.perform('fetch', { contactId }, 'mqtt');
    const now = new Date(clock.now().wall).toISOString();
    expect(await orders.perform('erase', { contactId }, 'mqtt')).toEqual({ contactId, erasedAt: now });
    expect(store.contacts.byId(contactId)).toBe(null);
    expect([existsSync(file), await spool.contacts()]).toEqual([false, []]);
    const taken = ok('mqtt', 'log.erased', { places: '1' });
    expect(actions()).toEqual([ok('mqtt', 'fetch', {}), taken, ok('mqtt', 'erase', {})]);
    clock.advance(60_000);
    expect(await orders.perform('erase', { contactId }, 'console')).toEqual({ contactId, erasedAt: now });
    await orders.perform('fetch', { contactId }, 'mqtt');
    expect(actions().slice(3)).toEqual([ok('console', 'erase', {}), ok('mqtt', 'fetch', {})]);
  });

  test('and what was asked of it before, but waited for the disk, is written down without its id', async () => {
    const contactId = visit();
    const { logAction } = store;
    store.logAction = () => {
      throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
    };
    await orders.perform('fetch', { contactId }, 'mqtt');
    store.logAction = logAction;
    store.erase(contactId, 'page', clock.now().wall);
    clock.advance(1_000);
    expect(actions()).toEqual([ok('mqtt', 'fetch', {})]);
  });

  test('one that there is not leaves no word of what it was called', async () => {
    const named = orders.perform('erase', { contactId: 'Anna-Mueller' }, 'mqtt');
    await expect(named).rejects.toMatchObject({ code: 'CA_CONTACT_UNKNOWN' });
    expect(actions()).toEqual([{ ...ok('mqtt', 'erase', {}), outcome: 'CA_CONTACT_UNKNOWN' }]);
    expect(logged.join()).not.toContain('Anna');
  });

  test('and the desk that goes on writes nothing of it again', async () => {
    const contactId = visit();
    await orders.perform('erase', { contactId }, 'mqtt');
    const next = visit();
    expect(store.deskState('front')?.recent.map((press) => press.contactId)).toEqual([next]);
  });

  test('by a process that dies before its file is destroyed: the next start destroys it', async () => {
    const contactId = visit();
    const [file, other] = [await clipOf(contactId), await clipOf(visit())];
    await (await spool.begin(contactId)).close();
    store.erase(contactId, 'mqtt', clock.now().wall);
    expect(existsSync(file)).toBe(true);
    const keeper = new ClipKeeper({
      ...{ folder, vault, spool, max: 1e9, free: 0, age: 1e12, store, journal, clock },
      ...{ trust: () => 'trusted' as const, log: createLog('silent') },
    });
    await keeper.start();
    expect([existsSync(file), existsSync(other), await spool.contacts()]).toEqual([false, true, []]);
    expect(keeper.health().status).toBe('ok');
    await keeper.stop();
  });

  test('a file that could not be destroyed is destroyed when it is asked for again', async () => {
    const contactId = visit();
    const file = await clipOf(contactId);
    const { destroyOf } = vault;
    vault.destroyOf = () => Promise.reject(new CaError('CA_VAULT_UNWRITABLE', 'read-only'));
    const erase = () => orders.perform('erase', { contactId }, 'mqtt');
    await expect(erase()).rejects.toMatchObject({ code: 'CA_VAULT_UNWRITABLE' });
    expect(existsSync(file)).toBe(true);
    vault.destroyOf = destroyOf;
    await erase();
    expect(existsSync(file)).toBe(false);
    expect(actions().map(({ outcome }) => outcome)).toEqual(['CA_VAULT_UNWRITABLE', 'ok']);
  });

  test('not while the patient is there, and not while changes wait for the disk', async () => {
    const contactId = visit();
    emit({ kind: 'presence', present: true, at: clock.now() });
    clock.advance(5_000);
    const open = desk.presence().contactId ?? '';
    await expect(orders.perform('erase', { contactId: open }, 'mqtt')).rejects.toMatchObject({
      code: 'CA_CONTACT_OPEN',
    });
    journal.write(() => {
      throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
    });
    await expect(orders.perform('erase', { contactId }, 'mqtt')).rejects.toMatchObject({
      code: 'CA_STORE_UNUSABLE',
    });
    expect(store.contacts.byId(contactId)).not.toBe(null);
  });
});

test('what the device has not is denied', async () => {
  const bare = ordersWith({ resend: null, fetch: null });
  await expect(bare.perform('resend', { from: 1 }, 'mqtt')).rejects.toMatchObject({
    code: 'CA_COMMAND_DENIED',
  });
  await expect(bare.perform('fetch', { contactId: 'c' }, 'mqtt')).rejects.toMatchObject({
    code: 'CA_COMMAND_DENIED',
    remedy: expect.stringContaining('uploads'),
  });
});

test('a secret address is neither written down nor logged', async () => {
  const put = 'https://store.example/b/c?X-Amz-Signature=abc';
  const contactId = visit();
  await orders.perform('fetch', { contactId, put }, 'mqtt');
  expect(actions()).toEqual([ok('mqtt', 'fetch', { contactId })]);
  expect(logged.join()).not.toContain('Signature');
});

test('what goes wrong by mistake is a failure that is logged; what was refused before is written down', async () => {
  const broken = ordersWith({
    reload: () => {
      throw new TypeError('nothing here');
    },
  });
  await expect(broken.perform('reload', {}, 'console')).rejects.toMatchObject({ code: 'CA_COMMAND_FAILED' });
  expect(logged.join()).toContain('nothing here');
  const full = ordersWith({
    reload: () => {
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    },
  });
  await expect(full.perform('reload', {}, 'mqtt')).rejects.toMatchObject({ code: 'CA_STORE_UNUSABLE' });
  broken.refused('mqtt', 'unknown', 'CA_COMMAND_INVALID');
  expect(actions().map(({ action, outcome }) => [action, outcome])).toEqual([
    ['reload', 'CA_COMMAND_FAILED'],
    ['reload', 'CA_STORE_UNUSABLE'],
    ['unknown', 'CA_COMMAND_INVALID'],
  ]);
});

test('health is answered, and not written down: who watches asks each second', async () => {
  expect(await orders.perform('health', {}, 'console')).toEqual({ 'desk front': desk.health() });
  await orders.perform('health', {}, 'mqtt');
  expect(actions()).toEqual([]);
  const failing = ordersWith({
    health: () => {
      throw new TypeError('nothing here');
    },
  });
  await expect(failing.perform('health', {}, 'mqtt')).rejects.toMatchObject({ code: 'CA_COMMAND_FAILED' });
  expect(actions()).toEqual([{ ...ok('mqtt', 'health', {}), outcome: 'CA_COMMAND_FAILED' }]);
});

test('refusals do not wait in memory for a full disk: there may be any number of them', () => {
  let full = true;
  journal.write(() => {
    if (full) throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
  });
  for (let i = 0; i < 1_000; i++) orders.refused('mqtt', 'unknown', 'CA_COMMAND_INVALID');
  expect(journal.health().detail).toMatchObject({ waiting: 1 });
  full = false;
  clock.advance(1_000);
  orders.refused('mqtt', 'unknown', 'CA_COMMAND_INVALID');
  expect(actions()).toHaveLength(1);
  expect(logged.filter((line) => line.includes('CA_COMMAND_INVALID'))).toHaveLength(1_001);
});

test('what comes before the desks are there waits for them; what comes after they have gone is refused', async () => {
  const late = new Orders(options());
  const asked = late.perform('pause', { desk: 'front' }, 'mqtt');
  await new Promise((resolve) => setImmediate(resolve));
  expect(desk.health().status).toBe('ok');
  await late.start();
  await asked;
  expect(desk.health().reason).toMatch(/paused/);
  await late.stop();
  await expect(late.perform('resume', { desk: 'front' }, 'mqtt')).rejects.toMatchObject({
    code: 'CA_COMMAND_FAILED',
    message: 'the service is stopping',
  });
});

test('a desk is free when a stop would cut nothing off', () => {
  expect(desk.free).toBe(true);
  emit({ kind: 'presence', present: true, at: clock.now() });
  expect(desk.free).toBe(false);
  clock.advance(3_000);
  emit({ kind: 'presence', present: false, at: clock.now() });
  clock.advance(2_000);
  expect(desk.presence().contactId).toBe(null);
  expect(desk.free).toBe(false);
  clock.advance(5_000);
  expect(desk.free).toBe(true);
});
