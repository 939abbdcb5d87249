import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClipRecord, ContactRecord, PressRecord } from '../../device/store/records.ts';
import { clipTimes } from '../stand-ins/clip-times.ts';
import { Actor, type Stay } from './actor.ts';
import { FPS, GOP, type Rig, SETTINGS, startRig, until } from './rig.ts';
import type { RunningService } from './service.ts';

describe('kill -9 of the service', () => {
  let rig: Rig;
  let actor: Actor;
  let service: RunningService;

  beforeAll(async () => {
    rig = await startRig();
    service = await rig.start();
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
  const clipOf = (id: string) =>
    rig.events<ClipRecord>('clip.ready').find(({ data }) => data.contactId === id)?.data;

  /** Kills the service, sees that nothing of it lives on, and starts it again. */
  async function powerCut(): Promise<number> {
    const at = Date.now();
    await service.kill();
    await until('no orphans', () => service.processes().length === 0, 2_000).catch(() => {
      expect(service.processes()).toEqual([]);
    });
    service = await rig.start();
    return at;
  }

  test('in the middle of a contact: it is closed as power-loss, once, with its press and what was recorded', async () => {
    const before = await actor.play([{ stay: 2_000, gap: 3_500, presses: [{ button: 'happy', at: 1_000 }] }]);
    await until('the first clip', () => clipOf(closed()[0]?.id ?? '') !== undefined, 5_000);
    const earlier = closed()[0];

    const arrived = await actor.arrive();
    await sleep(2_500);
    await actor.press('unhappy');
    await sleep(700);
    const cut = await powerCut();
    // Nobody stands there any more when the device is back.
    await actor.leave();
    await until('the contact that was open', () => closed().length === 2, 10_000);
    const [, lost] = closed();
    expect(lost).toMatchObject({ endReason: 'power-loss', tag: 'negative', rating: 1, tagSource: 'press' });
    expect(lost?.presses).toMatchObject([{ button: 'unhappy', flags: [] }]);
    expect(Math.abs(Date.parse(lost?.startedAt ?? '') - arrived)).toBeLessThan(150);
    // Its end is the last that is known of it: at least the press, at most the cut.
    const end = Date.parse(lost?.endedAt ?? '');
    expect(end).toBeGreaterThan(arrived + 2_300);
    expect(end).toBeLessThanOrEqual(cut);

    await until('its clip', () => clipOf(lost?.id ?? '') !== undefined, 10_000);
    const times = await clipTimes(await rig.played(clipOf(lost?.id ?? '')?.file ?? ''));
    const [first, last] = [times.first ?? 0, times.last ?? 0];
    console.log(
      `recovered clip: start ${first - arrived + SETTINGS.preRoll} ms, ends ${cut - last} ms before the cut, ${end - last} before the end`,
    );
    expect(first - (arrived - SETTINGS.preRoll)).toBeLessThanOrEqual(150);
    expect(first - (arrived - SETTINGS.preRoll)).toBeGreaterThan(-(GOP / FPS) * 1_000 - 300);
    // All that the contact's time covers.
    expect(last).toBeGreaterThan(end - 400);

    await sleep(3_000);
    expect(closed()).toEqual([earlier, lost]);
    expect(earlier && Math.abs(Date.parse(earlier.startedAt) - (before[0] as Stay).arrived)).toBeLessThan(
      150,
    );
  }, 60_000);

  test('between a departure and the end of its grace time: it is closed as departed, once', async () => {
    const { length } = closed();
    const arrived = await actor.arrive();
    await sleep(1_000);
    await actor.press('soso');
    await sleep(1_000);
    const left = await actor.leave();
    await sleep(SETTINGS.departureConfirm + 400);
    expect(closed().length).toBe(length);
    await powerCut();
    await until('the contact that had ended', () => closed().length === length + 1, 10_000);
    const departed = closed().at(-1);
    expect(departed).toMatchObject({ endReason: 'departed', tag: 'neutral', presses: [{ button: 'soso' }] });
    expect(Math.abs((departed?.duration ?? 0) - (left - arrived))).toBeLessThan(150);
    await until('its clip', () => clipOf(departed?.id ?? '') !== undefined, 10_000);
    await sleep(SETTINGS.grace);
    expect(closed().length).toBe(length + 1);
  }, 60_000);

  test('a patient who still stands there after the cut is a new contact', async () => {
    const { length } = closed();
    await actor.arrive();
    await sleep(1_500);
    await powerCut();
    await actor.tell();
    await sleep(2_500);
    const left = await actor.leave();
    await until('both contacts', () => closed().length === length + 2, 10_000);
    const [first, second] = closed().slice(length);
    expect([first?.endReason, second?.endReason]).toEqual(['power-loss', 'departed']);
    expect(Date.parse(first?.endedAt ?? '')).toBeLessThanOrEqual(Date.parse(second?.startedAt ?? ''));
    expect(Math.abs(Date.parse(second?.endedAt ?? '') - left)).toBeLessThan(150);
  }, 60_000);

  test('over all the cuts no event was lost, and none told twice', () => {
    expect(rig.sequences()).toEqual(rig.sequences().map((_, n) => n + 1));
    const ids = rig.events<PressRecord>('press').map(({ data }) => data.id);
    expect(new Set(ids).size).toBe(3);
    expect(ids.length).toBe(3);
  });

  test('every message fits the published schema', () => {
    expect(rig.subscriber.faults[0]).toBeUndefined();
  });
});
