import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ClipRecord, ContactRecord } from '../../device/store/records.ts';
import { clipTimes } from '../stand-ins/clip-times.ts';
import { Actor } from './actor.ts';
import { filesBelow } from './disk-watch.ts';
import { type ConfigDraft, type Rig, startRig } from './rig.ts';
import type { World } from './world.ts';

/** What the tests of veto, pause and keeping have in common. */

/** How late a picture's barcode may be against the actor's clock, ms. */
const UNSURE = 100;
/** A press, or a veto, this long after the departure still belongs to the contact, ms. */
export const GRACE = 5_000;
/** The shortest that a config may ask for, ms. */
export const PAUSE = 60_000;

/** A desk with a button for everything; `keep` says which clips stay. */
export async function startDesk(
  world: World,
  device: string,
  keep: string,
): Promise<{ rig: Rig; actor: Actor }> {
  const edit = ({ press, recording, desks }: ConfigDraft) => {
    // So long a clip that is finished waits for what becomes of its contact.
    Object.assign(press, { grace: `${GRACE}ms` });
    Object.assign(recording, { keep, sample: 0, pause: `${PAUSE}ms` });
    Object.assign(desks.front.buttons, { forget: { does: 'veto' }, blind: { does: 'pause' } });
  };
  const rig = await startRig({ world, device, edit });
  await rig.start();
  await rig.untilState('ready', 30_000);
  const actor = new Actor(rig.pty);
  await actor.tell();
  await sleep(3_000);
  return { rig, actor };
}

export const closed = (rig: Rig) => rig.events<ContactRecord>('contact.closed').map(({ data }) => data);
export const ready = (rig: Rig) => rig.events<ClipRecord>('clip.ready').map(({ data }) => data);
/** Paths of what the service has recorded to the disk, in whatever form. */
export const onDisk = (rig: Rig) => [...filesBelow(`${rig.data}/spool`), ...filesBelow(`${rig.data}/clips`)];
/** Paths of finished clips, told of or not. */
export const clips = (rig: Rig) => filesBelow(`${rig.data}/clips`).filter((file) => file.endsWith('.mp4'));
/** Its processes that have camera or microphone open. */
export const capturing = (rig: Rig) =>
  rig.running.processes().filter(({ command }) => /^(ffmpeg|arecord)\b/.test(command));

/** All that a clip shows was captured after a moment (wall clock). */
export async function expectAfter(rig: Rig, clip: ClipRecord | undefined, moment: number): Promise<void> {
  const { taken, beeps, zero } = await clipTimes(await rig.played(clip?.file ?? ''));
  expect(taken.length).toBeGreaterThan(15);
  expect(taken[0]).toBeGreaterThan(moment - UNSURE);
  for (const { at } of beeps) expect((zero ?? 0) + at).toBeGreaterThan(moment - UNSURE);
}
