import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  capturing,
  clips,
  closed,
  expectAfter,
  GRACE,
  onDisk,
  PAUSE,
  ready,
  startDesk,
} from './button-desk.ts';
import { filesBelow } from './disk-watch.ts';
import { type Rig, SETTINGS, until } from './rig.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function untilDark(rig: Rig): Promise<void> {
  await until('nothing that captures', () => capturing(rig).length === 0, 3_000);
  await until('nothing in RAM', () => filesBelow(rig.ring).length === 0, 1_000);
}

/** For two seconds nothing of the service captures, and nothing is in RAM or on the disk. */
async function expectDark(rig: Rig): Promise<void> {
  await untilDark(rig);
  for (let looks = 0; looks < 20; looks++) {
    expect([...capturing(rig), ...filesBelow(rig.ring), ...onDisk(rig)]).toEqual([]);
    await sleep(100);
  }
}

test.concurrent('a pause captures nothing, counts, survives kill -9, and ends by itself or by its button', {
  timeout: 150_000,
}, async () => {
  const { rig, actor } = await startDesk(world, 'pause', 'all');
  try {
    const paused = await actor.press('blind');
    await expectDark(rig);
    const arrived = await actor.arrive();
    await sleep(2_000);
    const left = await actor.leave();
    await until('the contact', () => closed(rig).length === 1, 10_000);
    expect(Math.abs((closed(rig)[0]?.duration ?? 0) - (left - arrived))).toBeLessThan(200);

    await rig.running.kill();
    const from = rig.subscriber.messages.length;
    await rig.start();
    await actor.tell();
    await rig.untilState('degraded', 10_000, from);
    await expectDark(rig);
    const health = (await (await rig.running.ask('/api/health')).json()) as Record<string, unknown>;
    expect(health['desk front']).toMatchObject({
      ...{ status: 'degraded', reason: expect.stringMatching(/paused until 20/) },
    });

    await until('capture again', () => capturing(rig).length > 0, paused + PAUSE + 10_000 - Date.now());
    const ended = Date.now();
    expect(Math.abs(ended - paused - PAUSE)).toBeLessThan(2_000);
    await sleep(3_000);
    await actor.play([{ stay: 2_000, gap: 0 }]);
    await until('a clip', () => ready(rig).length === 1, 10_000);
    await expectAfter(rig, ready(rig)[0], ended);

    await actor.press('blind');
    await untilDark(rig);
    // Sooner it would be one with the press before.
    await sleep(SETTINGS.repeat);
    const resumed = await actor.press('blind');
    await actor.play([{ stay: 4_000, gap: 0 }]);
    await until('a clip', () => ready(rig).length === 2, 10_000);
    await expectAfter(rig, ready(rig)[1], resumed);
    expect(closed(rig).length).toBe(3);
  } finally {
    actor.stop();
    await rig.stop();
  }
});

test.concurrent('what is not kept is gone from spool, vault and RAM when the contact closes; what is kept is there', {
  timeout: 90_000,
}, async () => {
  const { rig, actor } = await startDesk(world, 'kept', 'negative');
  try {
    for (const [n, button] of ['happy', 'unhappy', null, 'soso'].entries()) {
      const presses = button ? [{ button, at: 1_000 }] : [];
      const before = onDisk(rig);
      await actor.play([{ stay: 3_000, gap: 0, presses }]);
      await until('the clip, which waits', () => clips(rig).length > before.length, GRACE - 200);
      expect(closed(rig).length).toBe(n);
      await until('the contact', () => closed(rig).length === n + 1, GRACE);
      await until('the rest is gone', () => onDisk(rig).length === (n > 0 ? 1 : 0), 1_000);
    }
    const [happy, unhappy, unrated, soso] = closed(rig);
    expect(unhappy?.clip).toMatchObject({ state: 'ready' });
    for (const contact of [happy, unrated, soso]) expect(contact?.clip?.file ?? null).toBeNull();
    expect(ready(rig).map(({ contactId }) => contactId)).toEqual([unhappy?.id]);
    expect(onDisk(rig)).toEqual([expect.stringContaining(unhappy?.id ?? '?')]);
    expect(rig.events('clip.deleted')).toEqual([]);
    // RAM has what a contact that began now would need, and no more.
    const inRam = filesBelow(rig.ring);
    await sleep(SETTINGS.preRoll + SETTINGS.arrivalConfirm + 9_500);
    expect(filesBelow(rig.ring).filter((file) => inRam.includes(file))).toEqual([]);
  } finally {
    actor.stop();
    await rig.stop();
  }
});
