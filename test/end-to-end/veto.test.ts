import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from './actor.ts';
import { capturing, clips, closed, expectAfter, GRACE, onDisk, ready, startDesk } from './button-desk.ts';
import { filesBelow } from './disk-watch.ts';
import { type Rig, SETTINGS, until } from './rig.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe('a veto', () => {
  let rig: Rig;
  let actor: Actor;

  beforeAll(async () => {
    ({ rig, actor } = await startDesk(world, 'veto', 'all'));
  }, 60_000);
  afterAll(async () => {
    actor.stop();
    await rig.stop();
  });

  /** The contact that was closed last, and what must be true of it after a veto. */
  async function expectVetoed(count: number, stay: { arrived: number; left: number }): Promise<void> {
    await until('the contact', () => closed(rig).length === count, 10_000);
    const contact = closed(rig).at(-1);
    expect(contact).toMatchObject({ veto: true, state: 'settled', endReason: 'departed', served: true });
    expect(Math.abs((contact?.duration ?? 0) - (stay.left - stay.arrived))).toBeLessThan(200);
    expect(contact?.clip?.file ?? null).toBeNull();
    expect(ready(rig).map(({ contactId }) => contactId)).not.toContain(contact?.id);
    expect(onDisk(rig).filter((file) => file.includes(contact?.id ?? '?'))).toEqual([]);
  }

  test('in the open contact: all of it is gone at once, and nothing is captured before the patient has left', async () => {
    const arrived = await actor.arrive();
    await until('a spool', () => filesBelow(`${rig.data}/spool`).length > 0, 5_000);
    await sleep(500);
    await actor.press('forget');
    await until('nothing on the disk', () => onDisk(rig).length === 0, 1_000);
    await until('nothing in RAM', () => filesBelow(rig.ring).length === 0, 1_500);
    await until('nothing that captures', () => capturing(rig).length === 0, 1_500);
    await sleep(1_500);
    expect([...onDisk(rig), ...filesBelow(rig.ring), ...capturing(rig)]).toEqual([]);
    const left = await actor.leave();

    // The next one comes within a pre-roll.
    await sleep(SETTINGS.departureConfirm + 200);
    await actor.arrive();
    await sleep(5_000);
    await actor.leave();
    await expectVetoed(1, { arrived, left });
    await until('the next clip', () => ready(rig).length === 1, 10_000);
    await expectAfter(rig, ready(rig)[0], left);
    expect(closed(rig)[1]).toMatchObject({ veto: false });
  }, 60_000);

  test('of the contact that has just ended: its clip was there, and is gone', async () => {
    const files = onDisk(rig);
    const arrived = await actor.arrive();
    await sleep(2_500);
    const left = await actor.leave();
    await until('the clip, which waits', () => clips(rig).length > files.length, GRACE - 500);
    const inRam = filesBelow(rig.ring);
    const vetoed = await actor.press('forget');
    await until('the clip is gone', () => clips(rig).length === files.length, 1_000);
    await until(
      'what was in RAM is gone',
      () => !filesBelow(rig.ring).some((file) => inRam.includes(file)),
      2_000,
    );
    expect(onDisk(rig)).toEqual(files);

    await actor.arrive();
    await sleep(4_500);
    await actor.leave();
    await until('both contacts', () => closed(rig).length === 4, 10_000);
    const [contact] = closed(rig).slice(2);
    expect(contact).toMatchObject({ veto: true, endReason: 'departed' });
    expect(Math.abs((contact?.duration ?? 0) - (left - arrived))).toBeLessThan(200);
    await until('the next clip', () => ready(rig).length === 2, 10_000);
    await expectAfter(rig, ready(rig)[1], vetoed);
  }, 60_000);

  test('while the clip is being made: none is', async () => {
    const files = onDisk(rig);
    for (const [n, after] of [-30, 10, 40, 90, 160].entries()) {
      const arrived = await actor.arrive();
      await sleep(2_200);
      const left = await actor.leave();
      // Its end is known then, and the clip finished.
      await sleep(SETTINGS.departureConfirm + after);
      await actor.press('forget');
      await expectVetoed(5 + n, { arrived, left });
      await until('nothing new on the disk', () => onDisk(rig).length === files.length, 1_000);
    }
    expect(onDisk(rig)).toEqual(files);
  }, 90_000);

  test('was told like everything else: in order, by the schema', () => {
    expect(rig.sequences()).toEqual(rig.sequences().map((_, n) => n + 1));
    expect(rig.subscriber.faults[0]).toBeUndefined();
    expect(rig.events('clip.deleted')).toEqual([]);
  });
});
