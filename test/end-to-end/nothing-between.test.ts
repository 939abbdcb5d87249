import { mkdirSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { Spool } from '../../device/recording/spool.ts';
import type { Health } from '../../device/service.ts';
import type { ClipRecord } from '../../device/store/records.ts';
import { Actor, type Stay } from './actor.ts';
import { contentOf, filesBelow, onlyBelow, writableDisks } from './disk-watch.ts';
import { openNamespaces } from './namespaces.ts';
import { FPS, GOP, type Rig, SETTINGS, startRig } from './rig.ts';
import { found, type Mark, RingWatch } from './ring-watch.ts';
import { startWorld, type World } from './world.ts';

/** statfs(2). */
const TMPFS = 0x01021994;
/** How well the times of the ring's stamps and of the actor are known (ms). */
const UNSURE = 200;
const GOP_MS = (GOP / FPS) * 1_000;
const ON_DISK = 'recordings between contacts may touch this disk';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** Below these folders the service may write to a disk, and nowhere else: its data, and what PulseAudio's client needs. */
const writable = (rig: Rig) => [rig.data, dirname(rig.pulse.env.ALSA_CONFIG_PATH ?? '')];

/** A service that can write to no other place. Looks again and again for what has been in the ring, in the clear, on a disk. */
async function startWatched(rig: Rig, ring: string) {
  rig.within = await openNamespaces(onlyBelow(writable(rig)));
  const service = await rig.start();
  await rig.untilState('ready', 30_000);
  const watch = new RingWatch(ring);
  const leaks: { file: string; mark: Mark }[] = [];
  const spool = new Spool(join(rig.data, 'spool'), () => parseDeviceKey(readFileSync(rig.keyFile, 'utf8')));
  const spooled = new Map<string, Buffer>();
  const search = (marks: readonly Mark[]) => {
    for (const file of writable(rig).flatMap(filesBelow))
      leaks.push(...found(marks, contentOf(file)).map((mark) => ({ file, mark })));
  };
  let over = false;
  const rounds = (async () => {
    while (!over) {
      search(watch.marks().filter(({ wall }) => wall > Date.now() - 8_000));
      for (const id of await spool.contacts()) {
        // It may be destroyed while it is read.
        for (const { name, bytes } of await all(spool.read(id)).catch(() => []))
          spooled.set(`${id} ${name}`, bytes);
      }
      await sleep(600);
    }
  })();
  return {
    ...{ service, watch, leaks, search, spooled },
    async stop() {
      over = true;
      await rounds;
      watch.stop();
      return service.stop();
    },
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('between contacts', () => {
  let rig: Rig;
  let stays: Stay[];
  let marks: Mark[];
  let watched: Awaited<ReturnType<typeof startWatched>>;
  let health: Health | undefined;
  let disks: string[];
  let ringType: number;
  let captured: number;
  const clips: Buffer[] = [];

  const within = (mark: Pick<Mark, 'wall'>, before: number, after: number) =>
    stays.some(({ arrived, left }) => mark.wall > arrived - before && mark.wall < left + after);
  /** Which belongs into a clip, and which does not: at most one GOP more than was asked for. */
  const ofContacts = () =>
    marks.filter((mark) => within(mark, SETTINGS.preRoll - UNSURE, SETTINGS.postRoll - UNSURE));
  /** Where nothing moves, pictures are alike: what the contacts have as well says nothing. */
  const foreign = (before: number, after: number) => {
    const stream = watched.watch.streams((wall) => within({ wall }, before - UNSURE, after - UNSURE));
    return marks.filter(
      (mark) => !within(mark, before + UNSURE, after + UNSURE) && !stream.includes(mark.bytes),
    );
  };
  const idle = () => foreign(SETTINGS.preRoll + GOP_MS, SETTINGS.postRoll);

  /** As it can be understood. */
  const tell = ({ track, wall }: Mark) =>
    stays.map(
      ({ arrived, left }) =>
        `${track} ${Math.round(arrived - wall)} ms before, ${Math.round(wall - left)} after`,
    );

  beforeAll(async () => {
    rig = await startRig({ world });
    watched = await startWatched(rig, rig.ring);
    const actor = new Actor(rig.pty);
    await actor.tell();
    await sleep(5_000);
    stays = await actor.play([
      { stay: 4_500, gap: 6_000 },
      { stay: 1_500, gap: 1_200, presses: [{ button: 'happy', at: 500 }] },
      { stay: 5_000, gap: 9_000 },
    ]);
    actor.stop();
    disks = writableDisks(watched.service.pid);
    ringType = statfsSync(watched.watch.present()[0] ?? '/').type;
    captured = watched.watch.bytes;
    const modules = (await (await watched.service.ask('/api/health')).json()) as Record<string, Health>;
    health = modules['desk front'];
    expect(await watched.stop()).toBe(0);
    marks = watched.watch.marks();
    watched.search(marks);
    for (const { data } of rig.events<ClipRecord>('clip.ready'))
      clips.push(await buffer(rig.vault().open(data.file ?? '')));
  }, 90_000);
  afterAll(() => rig.stop());

  test('what belongs to the contacts is in their clips: the search finds what is there', () => {
    expect(clips.length).toBe(3);
    const of = (track: Mark['track']) => ofContacts().filter((mark) => mark.track === track);
    for (const track of ['video', 'audio'] as const) {
      const there = of(track).filter(({ bytes }) => clips.some((clip) => clip.includes(bytes)));
      console.log(`${track}: ${there.length} of ${of(track).length} marks of the contacts are in the clips`);
      expect(of(track).length).toBeGreaterThan(60);
      // A mark that runs over the border of two slices is not found: there the containers differ.
      expect(there.length).toBeGreaterThan(of(track).length * 0.9);
    }
  });

  test('the clips hold nothing else', () => {
    expect(idle().length).toBeGreaterThan(100);
    for (const clip of clips) expect(found(idle(), clip).map(tell)).toEqual([]);
  });

  test('the spool, which is as secret, holds nothing but the contacts up to when their end was known', () => {
    const others = foreign(SETTINGS.preRoll + GOP_MS, SETTINGS.departureConfirm);
    const spooled = [...watched.spooled.values()];
    const there = found(ofContacts(), Buffer.concat(spooled));
    console.log(`${there.length} of ${ofContacts().length} marks of the contacts were seen in the spool`);
    expect(there.length).toBeGreaterThan(60);
    expect(others.length).toBeGreaterThan(100);
    expect(found(others, Buffer.concat(spooled)).map(tell)).toEqual([]);
  });

  test('nothing of either was ever on a disk in the clear, not during the contacts either', () => {
    expect(watched.leaks).toEqual([]);
  });

  test('there is no other place on a disk that the service could have written to', () => {
    expect(disks.sort()).toEqual(writable(rig).sort());
  });

  test('the ring lay in RAM, told what it threw away, and is gone', () => {
    expect(ringType).toBe(TMPFS);
    expect(filesBelow(rig.ring)).toEqual([]);
    const { ringDiscardedBytes, ringBytes } = health?.detail ?? {};
    const discarded = Number(ringDiscardedBytes);
    console.log(`${captured} bytes captured, ${discarded} discarded, ${ringBytes} left`);
    expect(discarded).toBeGreaterThan(captured / 3);
    // But for the segment that was being written.
    expect(discarded + Number(ringBytes)).toBeGreaterThan(captured * 0.85);
    expect(discarded + Number(ringBytes)).toBeLessThanOrEqual(captured);
  });

  test('nor does swap or a core dump bring it there', () => {
    const unit = readFileSync(new URL('../../systemd/contact-analyzer.service', import.meta.url), 'utf8');
    expect(unit).toMatch(/^MemorySwapMax=0$/m);
    expect(unit).toMatch(/^LimitCORE=0$/m);
  });
});

describe('a ring on a disk', () => {
  let rig: Rig;
  const start = async (ringOnDisk?: string) => {
    rig = await startRig({
      world,
      device: 'on-disk',
      edit: (config) =>
        Object.assign(config.recording, {
          ring: join(config.data, 'ring'),
          ...(ringOnDisk && { ringOnDisk }),
        }),
    });
    mkdirSync(join(rig.data, 'ring'));
  };
  afterAll(() => rig?.stop());

  test('is refused', async () => {
    await start();
    // Where temporary files lie in RAM, the ring below them does so too.
    expect(statfsSync(rig.data).type).not.toBe(TMPFS);
    await expect(rig.start()).rejects.toThrow(
      /ended with 1.*recording\.ring: .* is not on a tmpfs.*tmpfs such as/s,
    );
    expect(filesBelow(join(rig.data, 'ring'))).toEqual([]);
    await rig.stop();
  });

  test('is taken with the words, and then the search finds what lies between contacts', async () => {
    await start(ON_DISK);
    const watched = await startWatched(rig, join(rig.data, 'ring'));
    await sleep(4_000);
    await watched.stop();
    expect(watched.leaks.length).toBeGreaterThan(20);
    expect(new Set(watched.leaks.map(({ mark }) => mark.track)).size).toBe(2);
  }, 60_000);
});
