import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import type { Recorder } from '../../device/recording/recorder.ts';
import {
  BeepingMicrophone,
  eventually,
  type Place,
  placeAt,
  recorderFor,
  sleep,
  started,
  timesOf,
} from './rig.ts';

vi.setConfig({ testTimeout: 60_000 });

/** What the disk does is the same with pictures. */
let place: Place;
let recorder: Recorder;

beforeEach(() => {
  place = placeAt();
});
afterEach(async () => {
  await recorder.stop();
  await place.remove();
});

function newRecorder(): Recorder {
  recorder = recorderFor(place, { camera: null, microphone: new BeepingMicrophone() });
  return recorder;
}

const now = () => systemClock.now();

/** Nothing can be written there: a file lies where the folder belongs. */
async function refuse(what: 'clips' | 'spool'): Promise<() => Promise<void>> {
  const path = join(place.folder, what);
  await rm(path, { recursive: true, force: true });
  await writeFile(path, '');
  return () => rm(path);
}

/** Names of what the spool holds of a contact. */
async function spooled(contactId: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of place.spool.read(contactId)) names.push(name);
  return names;
}

it('leaves a clip that the disk refuses when the service ends to the next, which makes it', async () => {
  await started(newRecorder());
  const allow = await refuse('clips');
  const startedAt = now();
  recorder.begin('c', startedAt);
  await sleep(5_000);
  expect(recorder.health().reason).toMatch(/ENOTDIR/);
  const endedAt = now();
  recorder.giveUp();
  const clip = recorder.end('c', endedAt, { now: true });
  await expect(clip).rejects.toMatchObject({ code: 'CA_VAULT_UNWRITABLE' });
  await recorder.stop();
  expect(await place.spool.contacts()).toEqual(['c']);

  await allow();
  newRecorder();
  const made = await recorder.recover('c', startedAt, endedAt.mono);
  expect(made.manifest).toMatchObject({ recovered: true, tracks: ['audio'], gaps: [] });
  expect(Math.abs(made.manifest.startError)).toBeLessThan(70);
  const { sound } = await timesOf(place, made);
  // But for the segment that was open.
  expect(sound).toBeGreaterThan(3_000 + 5_000 - 2_500);
  expect(Math.abs(sound - made.duration)).toBeLessThan(150);
  await recorder.stored('c');
  expect(await place.spool.contacts()).toEqual([]);
});

it('tries a clip again until the disk takes it, and says so meanwhile', async () => {
  await started(newRecorder());
  const allow = await refuse('clips');
  recorder.begin('c', now());
  await sleep(3_000);
  const endedAt = now();
  let made = false;
  const clip = recorder.end('c', endedAt).finally(() => {
    made = true;
  });
  await sleep(4_000);
  expect(made).toBe(false);
  expect(recorder.health().reason).toMatch(/ENOTDIR.*Check that the disk of the clips/);
  await allow();
  expect((await clip).manifest).toMatchObject({ recovered: false, gaps: [] });
  expect(now().mono - endedAt.mono).toBeLessThan(12_000);
  expect(recorder.health()).toMatchObject({ status: 'ok' });
});

it('stops trying when the clip is not wanted any more', async () => {
  await started(newRecorder());
  const allow = await refuse('clips');
  recorder.begin('c', now());
  await sleep(1_000);
  const clip = recorder.end('c', now());
  clip.catch(() => {});
  await sleep(2_000);
  const discarded = recorder.discard('c');
  await expect(clip).rejects.toMatchObject({ code: 'CA_VAULT_UNWRITABLE' });
  await expect(discarded).rejects.toMatchObject({ code: 'CA_VAULT_UNREADABLE' });
  // What could be destroyed was.
  expect(await place.spool.contacts()).toEqual([]);
  await allow();
});

it('spools what waited when the disk takes it again, nothing left out', async () => {
  await started(newRecorder());
  const allow = await refuse('spool');
  recorder.begin('c', now());
  await eventually('degraded', 5_000, () => /spool/.test(recorder.health().reason ?? ''));
  await sleep(3_000);
  await allow();
  await eventually('spooled', 5_000, () => !/spool/.test(recorder.health().reason ?? ''));
  const names = await spooled('c');
  const first = Number(names[0]?.slice(7, 13));
  expect(names.length).toBeGreaterThanOrEqual(3);
  expect(names.map((name) => Number(name.slice(7, 13)) - first)).toEqual(names.map((_, n) => n));
  const clip = await recorder.end('c', now());
  expect(clip.manifest.gaps).toEqual([]);
});
