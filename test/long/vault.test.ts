import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Health } from '../../device/service.ts';
import type { ClipRecord, ContactRecord } from '../../device/store/records.ts';
import { Actor, type Scene, type Stay } from '../end-to-end/actor.ts';
import { filesBelow } from '../end-to-end/disk-watch.ts';
import { openNamespaces } from '../end-to-end/namespaces.ts';
import { type Class, fillVault, inOrderOfLoss, type OldClip } from '../end-to-end/old-clips.ts';
import { bootAnew } from '../end-to-end/power-cut.ts';
import { type Rig, type RigOptions, SETTINGS, startRig, until } from '../end-to-end/rig.ts';
import { startWorld, type World } from '../end-to-end/world.ts';
import { clipTimes } from '../stand-ins/clip-times.ts';
import { readOnlyDisk } from '../stand-ins/read-only-disk.ts';

const MB = 1_000_000;
/** The most valuable one is the oldest. */
const CLASSES: Class[] = ['negative', 'positive', 'unrated', 'reviewed', 'neutral', 'positive', 'negative'];
const UNHAPPY = { presses: [{ button: 'unhappy', at: 600 }] };

let world: World;
let rig: Rig;
let actor: Actor;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(async () => {
  actor?.stop();
  await rig?.stop();
});

/** A shell script that puts a folder on a small disk of its own, with what is in it. */
const diskOf = (folder: string, size: string) =>
  `mkdir ${folder}.disk
   mount -t tmpfs -o size=${size} disk ${folder}.disk
   cp -a ${folder}/. ${folder}.disk/
   mount --move ${folder}.disk ${folder}`;

async function start(): Promise<void> {
  const from = rig.subscriber.messages.length;
  await rig.start();
  await rig.untilState('ready', 30_000, from);
  // While the disk takes a session.
  await rig.running.ask('/api/me');
  actor?.stop();
  actor = new Actor(rig.pty);
  await actor.tell();
  await sleep(2_500);
}

const newRig = async (device: string, options: Omit<RigOptions, 'device' | 'world'> = {}) => {
  rig = await startRig({ ...options, world, device });
};
const closed = () => rig.events<ContactRecord>('contact.closed').map(({ data }) => data);
const ready = () => rig.events<ClipRecord>('clip.ready').map(({ data }) => data);
/** Those of the contacts that were acted. */
const made = (old: readonly OldClip[] = []) =>
  ready().filter(({ contactId }) => !old.some(({ id }) => id === contactId));
const deleted = () =>
  rig.events<{ contactId: string; reason: string }>('clip.deleted').map(({ data }) => data);
const health = async () => (await (await rig.running.ask('/api/health')).json()) as Record<string, Health>;

/** Waits until the service says that something is wrong with one of its parts. */
async function untilSaid(part: string, reason: RegExp, ms: number): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    const said = (await health())[part]?.reason ?? '';
    if (reason.test(said)) return;
    if (Date.now() > end) throw new Error(`${part} says within ${ms} ms: ${said}`);
    await sleep(200);
  }
}

async function act(scene: Scene): Promise<Stay> {
  const [stay] = await actor.play([scene]);
  return stay as Stay;
}

function expectCounted(contact: ContactRecord | undefined, { arrived, left }: Stay): void {
  expect(Math.abs(Date.parse(contact?.startedAt ?? '') - arrived)).toBeLessThan(250);
  expect(Math.abs(Date.parse(contact?.endedAt ?? '') - left)).toBeLessThan(250);
}

/** The clip shows its contact from before the arrival to after the departure. */
async function expectWhole(clip: ClipRecord | undefined, { arrived, left }: Stay): Promise<void> {
  const { first, last } = await clipTimes(await rig.played(clip?.file ?? ''));
  expect(first).toBeLessThan(arrived - SETTINGS.preRoll + 200);
  expect(last).toBeGreaterThan(left + SETTINGS.postRoll - 250);
}

test('a full disk: the least valuable clips make room, counting never stops, new clips are made', async () => {
  await newRig('full', { edit: (config) => Object.assign(config.vault, { free: '0MB' }) });
  const old = await fillVault(rig, CLASSES, 1.5 * MB);
  rig.within = await openNamespaces(diskOf(rig.data, '32m'));
  const order = inOrderOfLoss(old);
  const folder = rig.within.see(rig.data);
  /** Somebody else's file takes all that is free. */
  const fill = (n: number) =>
    rig.within?.run(`dd if=/dev/zero of=${rig.data}/other-${n} bs=64k 2>/dev/null || true`);
  await start();
  expect(deleted()).toEqual([]);

  const stays: Stay[] = [];
  for (let round = 0; deleted().length < 5 && round < 6; round++) {
    await fill(round);
    const stay = { arrived: await actor.arrive(), left: 0 };
    await sleep(1_500);
    await actor.press('unhappy');
    await untilSaid('journal', /disk is full.*changes wait in memory/, 3_000);
    await untilSaid('desk front', /no space left/, 3_000);
    stay.left = await actor.leave();
    stays.push(stay);
    await until('the clip', () => made(old).length === stays.length, 30_000);
    await until('the contact', () => closed().length - old.length === stays.length, 10_000);
  }
  const gone = deleted();
  console.log(`${stays.length} contacts on a full disk; ${gone.length} clips made room`);
  expect(gone.length).toBeGreaterThanOrEqual(5);
  expect(gone.map(({ contactId }) => contactId)).toEqual(order.slice(0, gone.length));
  expect(new Set(gone.map(({ reason }) => reason))).toEqual(new Set(['space']));
  for (const [n, stay] of stays.entries()) expectCounted(closed()[old.length + n], stay);
  for (const [n, stay] of stays.entries()) await expectWhole(made(old)[n], stay);

  // What was told to be gone is gone, and nothing else.
  const there = filesBelow(join(folder, 'clips')).map((file) => relative(join(folder, 'clips'), file));
  const lost = new Set(gone.map(({ contactId }) => contactId));
  const kept = [...old.filter(({ id }) => !lost.has(id)), ...made(old)].map(({ file }) => file);
  expect(there.sort()).toEqual(kept.sort());
  expect(readdirSync(join(folder, 'spool'))).toEqual([]);
}, 240_000);

test('a vault above its limit: as many of the least valuable go as must', async () => {
  await newRig('small', { edit: (config) => Object.assign(config.vault, { max: '100MB' }) });
  const old = await fillVault(rig, CLASSES, 28 * MB);
  await start();
  await until('room', () => deleted().length >= 4, 5_000);
  await sleep(500);
  expect(deleted().map(({ contactId }) => contactId)).toEqual(inOrderOfLoss(old).slice(0, 4));
  const left = filesBelow(join(rig.data, 'clips'));
  expect(left.length).toBe(3);
  expect((await health()).vault).toMatchObject({
    status: 'ok',
    detail: { deletedForRoom: 4, max: 100 * MB },
  });
}, 60_000);

test('a disk that becomes read-only: contacts are counted in memory, and they and their clips are there when it is writable again', async () => {
  await newRig('read-only');
  const disk = readOnlyDisk(rig.data);
  Object.assign(rig.env, disk.env);
  try {
    await start();
    const stays = [await act({ stay: 1_500, gap: 4_000 })];
    await until('the first', () => closed().length === 1 && ready().length === 1, 5_000);

    // One is open when it happens, one comes and goes meanwhile.
    const arrived = await actor.arrive();
    await sleep(2_500);
    disk.refuse();
    await sleep(1_500);
    stays.push({ arrived, left: await actor.leave() });
    await sleep(2_000);
    stays.push(await act({ stay: 2_500, gap: 4_000, ...UNHAPPY }));
    await untilSaid('journal', /disk I\/O error.*changes wait in memory/, 1_000);
    await untilSaid('desk front', /read-only file system/, 1_000);
    expect(closed().length).toBe(1);
    const today = (await (await rig.running.ask('/api/today')).json()) as { desks: unknown[] };
    expect(today.desks).toMatchObject([{ desk: 'front', present: false }]);

    const from = rig.subscriber.messages.length;
    disk.allow();
    await until('the contacts', () => closed().length === 3, 5_000);
    await until('their clips', () => ready().length === 3, 20_000);
    for (const [n, stay] of stays.entries()) expectCounted(closed()[n], stay);
    for (const [n, { id }] of closed().entries())
      await expectWhole(
        ready().find(({ contactId }) => contactId === id),
        stays[n] as Stay,
      );
    expect(closed().map(({ tag }) => tag)).toEqual(['unrated', 'unrated', 'negative']);
    await rig.untilState('ready', 20_000, from);
    expect(rig.sequences()).toEqual(rig.sequences().map((_, n) => n + 1));
    expect(filesBelow(join(rig.data, 'spool'))).toEqual([]);
  } finally {
    disk.remove();
  }
}, 90_000);

test('another device key: old clips are told to be unreadable and kept, new ones are made; with the old key they are back', async () => {
  await newRig('keys');
  const page = async (id: string | undefined) => {
    const answer = await rig.running.ask(`/api/contacts/${id}/clip`).catch(() => null);
    // A clip that breaks off is no clip either.
    const bytes = await answer?.arrayBuffer().catch(() => null);
    return { status: answer?.status ?? 0, bytes: bytes ? Buffer.from(bytes) : null };
  };
  const oldKey = readFileSync(rig.keyFile);
  await bootAnew(rig, 100);
  const booted = Date.now();
  await start();
  await act({ stay: 1_500, gap: 3_500, ...UNHAPPY });
  await until('the first clip', () => ready().length === 1, 5_000);
  const [first] = ready();
  const clip = await page(first?.contactId);
  expect(clip.status).toBe(200);
  expect(
    createHash('sha256')
      .update(clip.bytes ?? '')
      .digest('hex'),
  ).toBe(first?.sha256);

  // Somebody stands there when the power is cut; and the key is not the same afterwards, but the monotonic times are.
  const arrived = await actor.arrive();
  await sleep(3_500);
  const sealed = readFileSync(join(rig.data, 'clips', first?.file ?? ''));
  const cut = Date.now();
  await rig.running.kill();
  await actor.leave();
  await bootAnew(rig, 100);
  const bootedAnew = Date.now();
  writeFileSync(rig.keyFile, `${randomBytes(32).toString('hex')}\n`);
  await start();
  expect(await page(first?.contactId)).toMatchObject({ status: 500 });
  expect(rig.running.lines.join('\n')).toMatch(/CA_VAULT_WRONG_KEY.*Give the service the device key/);
  const stay = await act({ stay: 2_500, gap: 4_000, ...UNHAPPY });
  await until('a clip with the new key', () => ready().length === 2, 5_000);
  expect((await page(ready()[1]?.contactId)).status).toBe(200);
  await expectWhole(ready()[1], stay);
  expect(readFileSync(join(rig.data, 'clips', first?.file ?? '')).equals(sealed)).toBe(true);

  await sleep(Math.max(0, bootedAnew + (cut - booted) + 1_000 - Date.now()));
  await rig.running.kill();
  writeFileSync(rig.keyFile, oldKey);
  await start();
  expect((await page(first?.contactId)).bytes?.equals(clip.bytes ?? Buffer.alloc(0))).toBe(true);
  expect((await page(ready()[1]?.contactId)).status).toBe(500);
  // The recording that the power cut left could only be read now. RAM has another one, of the same monotonic times.
  await until('the clip of the contact that was open', () => ready().length === 3, 5_000);
  const { first: begins, last: ends } = await clipTimes(await rig.played(ready()[2]?.file ?? ''));
  expect(begins).toBeLessThan(arrived);
  expect(ends).toBeLessThan(cut);
}, 120_000);

test('a clip that is being written is shown by nobody', async () => {
  await newRig('half');
  await start();
  const clips = () => filesBelow(join(rig.data, 'clips'));
  await actor.arrive();
  await until('an unfinished clip', () => clips().some((file) => file.includes('.incoming')), 10_000);
  const { contacts } = (await (await rig.running.ask('/api/today')).json()) as { contacts: ContactRecord[] };
  expect(contacts).toMatchObject([{ state: 'open', clip: null }]);
  const { id } = contacts[0] as ContactRecord;
  expect((await rig.running.ask(`/api/contacts/${id}/clip`)).status).toBe(404);
  await actor.leave();
  // It is finished, but what becomes of its contact is open.
  await until('a finished clip', () => clips().length === 1 && !clips()[0]?.includes('.incoming'), 5_000);
  expect((await rig.running.ask(`/api/contacts/${id}/clip`)).status).toBe(404);
  await until('the contact', () => closed().length === 1, 10_000);
  // Nobody complained: it is there, and asks for a reason.
  expect((await rig.running.ask(`/api/contacts/${id}/clip`)).status).toBe(403);
}, 60_000);
