import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClipRecord, ContactRecord } from '../../device/store/records.ts';
import { startRtspCamera } from '../stand-ins/rtsp-camera.ts';
import { Actor, type Stay } from './actor.ts';
import { FPS, GOP, type Rig, startRig, until } from './rig.ts';

describe('while contacts go on', () => {
  let rig: Rig;
  let actor: Actor;
  const acted: Stay[] = [];

  beforeAll(async () => {
    rig = await startRig();
    await rig.start();
    await rig.untilState('ready', 20_000);
    actor = new Actor(rig.pty);
    await actor.tell();
    await sleep(2_000);
  });

  afterAll(async () => {
    actor.stop();
    await rig.stop();
  });

  const closed = () => rig.events<ContactRecord>('contact.closed').map(({ data }) => data);
  const clips = () => rig.events<ClipRecord>('clip.ready').map(({ data }) => data.contactId);

  /** All contacts acted so far have arrived, once, each with its times. */
  async function expectAll(): Promise<void> {
    await until(`${acted.length} contacts`, () => closed().length >= acted.length, 40_000);
    expect(closed().length).toBe(acted.length);
    closed().forEach((contact, n) => {
      expect(contact.endReason).toBe('departed');
      expect(Math.abs(Date.parse(contact.startedAt) - (acted[n]?.arrived ?? 0))).toBeLessThan(150);
      expect(Math.abs(Date.parse(contact.endedAt ?? '') - (acted[n]?.left ?? 0))).toBeLessThan(150);
    });
  }

  test('the broker hangs, dies and comes back: what happened meanwhile arrives afterwards, in order', async () => {
    // It hangs first: what is sent to it now is on its way when it dies.
    process.kill(rig.broker.pid, 'SIGSTOP');
    acted.push(...(await actor.play([{ stay: 1_500, gap: 3_000 }])));
    await rig.broker.kill();
    acted.push(...(await actor.play([{ stay: 2_000, gap: 3_000 }])));
    await rig.broker.restart();
    await rig.subscriber.subscribed();
    acted.push(...(await actor.play([{ stay: 1_500, gap: 3_000 }])));
    await expectAll();
  }, 90_000);

  test("the sensor's cable is pulled and put back during a contact: it stays one contact", async () => {
    const arrived = await actor.arrive();
    await sleep(1_500);
    await rig.pty.unplug();
    await sleep(2_000);
    await rig.pty.plug();
    // The driver tries again after a second or two; the device repeats its level by itself.
    await sleep(5_000);
    acted.push({ arrived, left: await actor.leave() });
    await sleep(3_500);
    await expectAll();
  }, 60_000);

  test('the camera goes away and comes back: contacts are counted all the time, and recorded again afterwards', async () => {
    const { port } = rig.camera;
    let from = rig.subscriber.messages.length;
    await rig.camera.stop();
    await rig.untilState('degraded', 20_000, from);
    acted.push(...(await actor.play([{ stay: 2_000, gap: 3_500 }])));
    await expectAll();
    from = rig.subscriber.messages.length;
    rig.camera = await startRtspCamera({ fps: FPS, gop: GOP, port });
    await rig.untilState('ready', 40_000, from);
    await sleep(2_500);
    acted.push(...(await actor.play([{ stay: 2_000, gap: 3_500 }])));
    await expectAll();
    await until('the clip', () => clips().includes(closed().at(-1)?.id ?? ''), 10_000);
  }, 120_000);

  test('no event was lost on the way, and none told twice', () => {
    expect(rig.sequences()).toEqual(rig.sequences().map((_, n) => n + 1));
  });

  test('every message fits the published schema', () => {
    expect(rig.subscriber.faults[0]).toBeUndefined();
  });
});
