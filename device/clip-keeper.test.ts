import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { onFullDisk } from '../test/stand-ins/full-disk.ts';
import { at, readyClip, StoredDesk } from '../test/stand-ins/stored-desk.ts';
import { ClipKeeper } from './clip-keeper.ts';
import { ManualClock } from './clock.ts';
import { Journal } from './journal.ts';
import { createLog } from './log.ts';
import { parseDeviceKey } from './recording/device-key.ts';
import { CHUNK } from './recording/sealed-file.ts';
import { Spool } from './recording/spool.ts';
import { ClipVault } from './recording/vault.ts';
import type { ClockTrust } from './store/records.ts';

const key = parseDeviceKey(randomBytes(32).toString('hex'));
const PLENTY = 10 ** 12;
const DAY = 86_400_000;

let clock: ManualClock;
let desk: StoredDesk;
let vault: ClipVault;
let spool: Spool;
let journal: Journal;
let logged: string[];
let keeper: ClipKeeper;
let trust: ClockTrust;
let seconds: number;
let ids: number;

beforeEach(() => {
  clock = new ManualClock();
  desk = new StoredDesk();
  vault = new ClipVault({ folder: clips(), key: () => key });
  spool = new Spool(join(desk.folder, 'spool'), () => key);
  logged = [];
  trust = 'trusted';
  journal = new Journal({ clock, log: createLog('fatal') });
  [seconds, ids] = [0, 0];
});
afterEach(async () => {
  await keeper.stop();
  desk.end();
});

const clips = (file = '') => join(desk.folder, 'clips', file);

function keeperWith(limits: { max?: number; free?: number; age?: number }): ClipKeeper {
  keeper = new ClipKeeper({
    ...{
      folder: desk.folder,
      vault,
      spool,
      max: PLENTY,
      free: 0,
      age: 90 * DAY,
      trust: () => trust,
      ...limits,
    },
    ...{ store: desk.store, journal, clock, log: createLog('warn', { write: (line) => logged.push(line) }) },
  });
  return keeper;
}

/** A contact that is over, with the press of a button. Returns its id. */
function contact(button: string | null): string {
  const id = `c-${++ids}`;
  seconds += 100;
  desk.put({ id, kind: 'presence', present: true, at: at(seconds) });
  if (button) desk.press(seconds + 5, button);
  desk.gone(seconds + 20).wait(seconds + 60);
  return id;
}

/** Its clip, in the vault alone. */
async function stored(contactId: string, bytes = 3 * CHUNK) {
  const clip = await vault.begin(contactId);
  await clip.write(randomBytes(bytes - CHUNK));
  return clip.finish(randomBytes(CHUNK), at(seconds), 'video/mp4');
}

/** A contact with its clip. Returns the id. */
async function recorded(button: string | null): Promise<string> {
  const id = contact(button);
  expect(desk.store.addClip('front', readyClip(id, await stored(id)), at(seconds).wall)).toBe('ready');
  return id;
}

/** A spool of some contact's. */
async function spooled(contactId: string): Promise<void> {
  const file = await spool.begin(contactId);
  await file.append({ zero: 0, name: '1.ts', bytes: randomBytes(10) });
  await file.close();
}

const deleted = () => desk.told().flatMap((row) => (row.type === 'clip.deleted' ? [row.subject] : []));
const files = async () =>
  (await readdir(clips(), { recursive: true })).filter((name) => name.endsWith('.mp4')).sort();
const fileOf = (id: string) => `2026-01-05/${id}.mp4`;

/** Bytes of the whole disk: more than are ever free, whoever else writes to it. */
async function wholeDisk(): Promise<number> {
  const { blocks, bsize } = await statfs(desk.folder);
  return blocks * bsize;
}

test('leaves everything alone while there is room', async () => {
  await recorded('happy');
  await recorded('unhappy');
  await keeperWith({}).start();
  expect(await keeper.makeRoom()).toBe(false);
  expect(deleted()).toEqual([]);
  expect(await files()).toHaveLength(2);
  expect(keeper.health()).toEqual({
    status: 'ok',
    detail: {
      ...{ bytes: desk.store.clipBytes(), heldBytes: 0, max: PLENTY },
      ...{ deletedForRoom: 0, deletedForAge: 0 },
    },
  });
});

test('says what holds keep before it has no room left', async () => {
  const [first, second] = [await recorded('unhappy'), await recorded('unhappy')];
  const clip = desk.store.clipBytes() / 2;
  keeperWith({ max: 2.4 * clip });
  const until = { day: '2100-01-01', wall: Date.UTC(2100, 0, 2) };
  const hold = async (id: string) => {
    desk.store.cases.holds.set([id], { reason: 'a complaint', until }, 'admin');
    await keeper.makeRoom();
    return keeper.health();
  };
  expect(await hold(first)).toMatchObject({ status: 'ok', detail: { heldBytes: clip } });
  expect(await hold(second)).toMatchObject({
    status: 'degraded',
    reason: expect.stringContaining('2 clips that are held take 83 % of vault.max'),
    detail: { heldBytes: 2 * clip, bytes: 2 * clip },
  });
  expect(deleted()).toEqual([]);
});

test('keeps the clips within their limit: the least valuable go, of these the oldest, and no more than must', async () => {
  const negative = await recorded('unhappy');
  const unrated = await recorded(null);
  const positive = await recorded('happy');
  const positiveLater = await recorded('happy');
  const clip = desk.store.clipBytes() / 4;
  keeperWith({ max: 3 * clip });
  expect(await keeper.makeRoom()).toBe(true);
  expect(deleted()).toEqual([positive]);
  expect(existsSync(clips(fileOf(positive)))).toBe(false);
  expect(desk.store.clipBytes()).toBe(3 * clip);
  expect(await keeper.makeRoom()).toBe(false);
  expect(keeper.health()).toMatchObject({ status: 'ok', detail: { bytes: 3 * clip, deletedForRoom: 1 } });
  await recorded('unhappy');
  await recorded('unhappy');
  await keeper.makeRoom();
  expect(deleted()).toEqual([positive, positiveLater, unrated]);
  await recorded('unhappy');
  await keeper.makeRoom();
  expect(deleted()).toEqual([positive, positiveLater, unrated, negative]);
  expect(desk.faults()).toEqual([]);
});

test('looks at its limits by itself: others write to the disk, too', async () => {
  keeperWith({ max: 0 });
  await keeper.start();
  const late = await recorded('happy');
  expect(deleted()).toEqual([]);
  clock.advance(30_000);
  await keeper.stop();
  expect(deleted()).toEqual([late]);
  expect(clock.waiting()).toEqual([]);
});

describe('a clip that has been kept for as long as it may', () => {
  test('is destroyed, whatever its tag, and no younger one; its message says why', async () => {
    const old = [await recorded('unhappy'), await recorded('happy')];
    seconds = (3 * DAY) / 1_000;
    const young = await recorded('unhappy');
    const began = at(100).wall;
    clock.step(began + 30 * DAY - clock.now().wall);
    await keeperWith({ age: 30 * DAY }).start();
    expect(deleted()).toEqual([]);
    clock.advance(30_000);
    await keeper.makeRoom();
    expect(deleted()).toEqual(old.slice(0, 1));
    clock.advance(120_000);
    await keeper.makeRoom();
    expect(deleted()).toEqual(old);
    expect(await files()).toEqual([fileOf(young).replace('05', '08')]);
    expect(desk.told().at(-1)).toMatchObject({ type: 'clip.deleted', data: { reason: 'age' } });
    expect(desk.faults()).toEqual([]);
    expect(keeper.health()).toMatchObject({ status: 'ok', detail: { deletedForRoom: 0, deletedForAge: 2 } });
  });

  test('stays while the clock is not known to be right, though it says that years have passed', async () => {
    const id = await recorded('happy');
    trust = 'untrusted';
    clock.step(3_650 * DAY);
    await keeperWith({ age: DAY }).start();
    expect(deleted()).toEqual([]);
    trust = 'trusted';
    expect(await keeper.makeRoom()).toBe(true);
    expect(deleted()).toEqual([id]);
  });

  test('is told once while the store refuses writes', async () => {
    const id = await recorded('happy');
    clock.step(3_650 * DAY);
    keeperWith({ age: DAY });
    await onFullDisk(4_096, async () => {
      for (let n = 0; n < 3; n++) await keeper.makeRoom();
      expect(journal.health().detail).toMatchObject({ waiting: 1 });
      expect(await files()).toEqual([]);
    });
    clock.advance(1_000);
    expect(deleted()).toEqual([id]);
  });
});

test('deletes clips while the disk has less room than it is to have, and says so when there are none left', async () => {
  const negative = await recorded('unhappy');
  const positive = await recorded('happy');
  keeperWith({ free: await wholeDisk() });
  await keeper.start();
  expect(deleted()).toEqual([positive, negative]);
  expect(await files()).toEqual([]);
  expect(keeper.health()).toMatchObject({ status: 'degraded', detail: { bytes: 0, deletedForRoom: 2 } });
  expect(keeper.health().reason).toMatch(/no room for clips \(vault\.free\) and none to delete/);
});

test('says so when the clips that wait for their contact to be settled are more than the limit', async () => {
  desk.here(1).gone(20).wait(22);
  desk.store.addClip('front', readyClip('e1', await stored('e1')), at(23).wall);
  keeperWith({ max: CHUNK });
  expect(await keeper.makeRoom()).toBe(false);
  expect(keeper.health().reason).toMatch(/no room for clips \(vault\.max\) and none to delete/);
  desk.wait(60);
  expect(await keeper.makeRoom()).toBe(true);
  expect(keeper.health()).toMatchObject({ status: 'ok' });
});

test('a store that refuses writes does not make it delete one clip after the other, nor the same for ever', async () => {
  const ids = [await recorded('happy'), await recorded('happy'), await recorded('happy')];
  keeperWith({ max: 0 });
  // The log of the store has grown beyond this; a clip's key lies before it.
  await onFullDisk(4_096, async () => {
    expect(await keeper.makeRoom()).toBe(true);
    expect(journal.health()).toMatchObject({ status: 'failed', detail: { waiting: 1 } });
    expect(await files()).toEqual(ids.slice(1).map(fileOf));
    // Whoever asks again is not told that there is more room now.
    for (let n = 0; n < 3; n++) expect(await keeper.makeRoom()).toBe(false);
    expect(keeper.health().detail).toMatchObject({ deletedForRoom: 1 });
    expect(journal.health().detail).toMatchObject({ waiting: 1 });
  });
  expect(deleted()).toEqual([]);
  clock.advance(1_000);
  expect(deleted()).toEqual(ids.slice(0, 1));
  expect(await keeper.makeRoom()).toBe(true);
  expect(deleted()).toEqual(ids);
});

test('a clip that the disk does not let go of is told as deleted, and tried again until it is gone', async () => {
  const id = await recorded('happy');
  const day = clips('2026-01-05');
  keeperWith({ max: 0 });
  await rename(day, `${day}.away`);
  await writeFile(day, 'a file where the folder belongs');
  for (let n = 0; n < 2; n++) {
    expect(await keeper.makeRoom()).toBe(false);
    expect(deleted()).toEqual([id]);
    expect(keeper.health().reason).toMatch(/^clips cannot be deleted \(.*c-1.*ENOTDIR/);
  }
  expect(logged.join()).toMatch(/could not be tidied up/);
  await rm(day);
  await rename(`${day}.away`, day);
  expect(await keeper.makeRoom()).toBe(true);
  expect(await files()).toEqual([]);
  expect(keeper.health()).toMatchObject({ status: 'ok', detail: { deletedForRoom: 1 } });
});

test('the start destroys files of the vault that the store does not vouch for, begun ones too', async () => {
  const kept = await recorded('happy');
  await stored('never-told');
  await writeFile(clips('.incoming/half-written'), randomBytes(CHUNK));
  await keeperWith({}).start();
  expect(await files()).toEqual([fileOf(kept)]);
  expect(await readdir(clips('.incoming'))).toEqual([]);
  expect(logged.join()).toMatch(/"removed":2/);
  expect(deleted()).toEqual([]);
});

test('the start keeps a clip whose contact is not settled yet', async () => {
  desk.here(1).gone(20).wait(22);
  const { file } = await stored('e1');
  desk.store.addClip('front', readyClip('e1', { file }), at(23).wall);
  await keeperWith({}).start();
  expect(await files()).toEqual([file]);
});

test('the start tells of clips that vanished, and of no others', async () => {
  const [gone, kept] = [await recorded('unhappy'), await recorded('unhappy')];
  await rm(clips(fileOf(gone)));
  await keeperWith({}).start();
  expect(deleted()).toEqual([gone]);
  expect(desk.store.contacts.byId(gone)?.clip).toMatchObject({
    state: 'deleted',
    reason: 'missing',
    file: null,
  });
  expect(desk.store.contacts.byId(kept)?.clip).toMatchObject({ state: 'ready' });
  expect(desk.told().at(-1)).toMatchObject({
    type: 'alert',
    subject: gone,
    data: { code: 'CA_CLIP_MISSING' },
  });
  expect(desk.faults()).toEqual([]);
});

test('a vault that is not there, as without its disk, is no reason to tell that all clips are lost', async () => {
  await recorded('unhappy');
  await rename(clips(), join(desk.folder, 'elsewhere'));
  await keeperWith({}).start();
  expect(deleted()).toEqual([]);
  expect(keeper.health()).toMatchObject({ status: 'degraded' });
  expect(keeper.health().reason).toMatch(/there is no vault/);
  // Also when there is room.
  await keeper.makeRoom();
  expect(keeper.health()).toMatchObject({ status: 'degraded' });
});

test('the start destroys what was spooled of contacts that are owed no clip', async () => {
  const made = await recorded('happy');
  const cut = contact('happy');
  desk.here(1_000).press(1_005, 'happy');
  const [open] = [...desk.store.owedClips()].filter((id) => id !== cut);
  for (const id of [made, cut, open ?? '', 'of-nobody']) await spooled(id);
  await keeperWith({}).start();
  expect((await spool.contacts()).sort()).toEqual([cut, open].sort());
});

test('the service starts, and says so, when it cannot be tidied up', async () => {
  await writeFile(join(desk.folder, 'spool'), 'a file where the folder belongs');
  await keeperWith({}).start();
  await keeper.makeRoom();
  expect(keeper.health()).toMatchObject({ status: 'degraded' });
  expect(keeper.health().reason).toMatch(/ENOTDIR/);
});
