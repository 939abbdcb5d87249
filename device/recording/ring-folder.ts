import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CaError } from '../errors.ts';
import { folderOf, type Timeline, timelineOf } from './timeline.ts';

/** statfs(2), f_type. */
const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;

/**
 * Makes the desk's folder, for this service alone, and wipes what the one before left in it. `onDisk`: the config says in
 * words that it may lie on a disk.
 * @throws CaError CA_RING_NOT_IN_RAM, and then nothing has been touched: nothing recorded between contacts may reach a disk
 */
export async function prepareFolder(folder: string, onDisk: boolean): Promise<void> {
  let there = resolve(folder);
  while (!existsSync(there)) there = dirname(there);
  const { type } = await statfs(there);
  if (type !== TMPFS && type !== RAMFS && !onDisk)
    throw new CaError('CA_RING_NOT_IN_RAM', `recording.ring: ${folder} is not on a tmpfs`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  await wipe(folder);
}

/** Removes everything captured below `folder`. */
export async function wipe(folder: string): Promise<void> {
  for (const entry of await entriesOf(folder))
    if (timelineOf(entry)) await rm(join(folder, entry), { recursive: true, force: true });
}

/** The folder of a timeline's segments, made for this service alone. */
export async function openTimeline(folder: string, timeline: Timeline): Promise<string> {
  const path = join(folder, folderOf(timeline));
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** The timelines found below `folder` with the paths of their segments, each in the order in which they were captured. */
export async function findTimelines(folder: string): Promise<{ timeline: Timeline; files: string[] }[]> {
  const found = [];
  for (const entry of await entriesOf(folder)) {
    const timeline = timelineOf(entry);
    if (!timeline) continue;
    const path = join(folder, entry);
    const names = (await readdir(path)).filter((name) => name.endsWith('.ts')).sort();
    found.push({ timeline, files: names.map((name) => join(path, name)) });
  }
  return found;
}

async function entriesOf(folder: string): Promise<string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}
