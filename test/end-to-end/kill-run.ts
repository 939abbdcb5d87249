import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContactRecord } from '../../device/store/records.ts';
import { randomOf } from '../stand-ins/random.ts';
import { filesBelow } from './disk-watch.ts';
import {
  type Act,
  type Expected,
  KINDS,
  type Kind,
  POST_ROLL,
  playKills,
  scheduleOf,
} from './kill-schedule.ts';
import { judge, type Verdict } from './kill-verdict.ts';
import { type Rig, startRig, until } from './rig.ts';
import { startSecondMicrophone } from './second-microphone.ts';
import { startWorld, type World } from './world.ts';

/** What a run of kills has shown. */
export interface KillRun {
  verdicts: Verdict[];
  kills: number;
  /** All that is wrong, each with its service. */
  wrong: string[];
}

/** Plays a schedule for each of `desks`, each a service of its own, side by side. The seed repeats it. */
export async function runKills(seed: number, desks: readonly (readonly Kind[])[]): Promise<KillRun> {
  const random = randomOf(seed);
  const schedules = desks.map((kinds) => scheduleOf(random, kinds));
  const world = await startWorld();
  const rigs: Rig[] = [];
  try {
    for (const n of schedules.keys()) rigs.push(await startKilled(world, `clinic-${n + 1}`));
    const microphone = startSecondMicrophone(world.pulse);
    const began = Date.now();
    const played = await Promise.all(rigs.map((rig, n) => play(rig, schedules[n] ?? [])));
    const seconds = (Date.now() - began) / 1_000;
    const heard = await microphone.heard();
    const deaf = heard.size < seconds * 0.8 ? [`only ${heard.size} beeps in ${Math.round(seconds)} s`] : [];
    // Only now: whoever reads clips leaves the others no time.
    const runs = [];
    for (const [n, rig] of rigs.entries()) runs.push(await verdictsOf(rig, played[n] ?? [], heard));
    const killed = played.flat().filter((expected) => expected.killed);
    const kills = new Set(killed.map(({ act }) => act)).size;
    const all = runs.flatMap(({ verdicts }) => verdicts);
    return { verdicts: all, kills, wrong: [...deaf, ...runs.flatMap(({ wrong }) => wrong)] };
  } finally {
    for (const rig of rigs) await rig.stop();
    await world.stop();
  }
}

const startKilled = (world: World, device: string) =>
  startRig({
    world,
    device,
    edit(config) {
      // The clip is made as far behind as the end of a contact may be known late.
      config.sensor.lost = '1s';
      config.recording.postRoll = `${POST_ROLL}ms`;
    },
  });

/** Starts the service and plays its schedule; resolves when all has been told, or should have been. */
async function play(rig: Rig, acts: readonly Act[]): Promise<Expected[]> {
  const service = await rig.start();
  await rig.untilState('ready', 30_000);
  await sleep(5_000);
  const expected = await playKills(rig, acts, service);
  const done = () => closed(rig).length >= expected.length && closed(rig).every(({ id }) => hasClip(rig, id));
  await until('all clips', done, 10_000).catch(() => {});
  return expected;
}

async function verdictsOf(
  rig: Rig,
  expected: readonly Expected[],
  heard: Set<number>,
): Promise<Omit<KillRun, 'kills'>> {
  const contacts = closed(rig).sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  const verdicts = [];
  for (const [n, one] of expected.entries()) {
    const contact = contacts[n];
    // A contact that a kill cuts in two is expected twice.
    const next = expected.slice(n + 1).find(({ act }) => act !== one.act)?.act.kind ?? null;
    if (contact) verdicts.push(await judge(rig, one, next, contact, heard));
  }
  const wrong = [
    ...verdicts.flatMap(({ kind, at, wrong }) => wrong.map((what) => `${kind} at ${at} ms: ${what}`)),
    ...once(rig, contacts, expected.length),
    ...leftWhileRunning(rig),
    ...(await leftBehind(rig)),
  ];
  if (wrong.length > 0) console.log([`${rig.device} warned:`, ...rig.warnings].join('\n'));
  return { verdicts, wrong: wrong.map((what) => `${rig.device}: ${what}`) };
}

const closed = (rig: Rig) => rig.events<ContactRecord>('contact.closed').map(({ data }) => data);

const hasClip = (rig: Rig, id: string) =>
  rig.events<{ contactId: string }>('clip.ready').some(({ data }) => data.contactId === id);

/** Each contact and each message is told once, and nothing else. */
function once(rig: Rig, contacts: readonly ContactRecord[], expected: number): string[] {
  const wrong: string[] = [];
  const ids = new Set(contacts.map(({ id }) => id));
  if (contacts.length !== expected) wrong.push(`${contacts.length} contacts instead of ${expected}`);
  if (ids.size !== contacts.length) wrong.push('a contact was told twice');
  const started = rig.events<ContactRecord>('contact.started').map(({ data }) => data.id);
  if (started.length !== ids.size || started.some((id) => !ids.has(id)))
    wrong.push(`${started.length} contacts began, ${ids.size} were closed`);
  const sequences = rig.sequences();
  if (sequences.some((sequence, n) => sequence !== n + 1)) wrong.push(`sequence: ${sequences.join(' ')}`);
  if (rig.subscriber.faults[0]) wrong.push(rig.subscriber.faults[0]);
  return wrong;
}

/** Between contacts the disk holds the clips that were told of, and nothing else of any recording. */
function leftWhileRunning(rig: Rig): string[] {
  const files = (folder: string) =>
    filesBelow(join(rig.data, folder)).map((file) => relative(join(rig.data, folder), file));
  const told = rig.events<{ file: string }>('clip.ready').map(({ data }) => data.file);
  const clips = files('clips');
  return [
    ...files('spool').map((file) => `left in the spool: ${file}`),
    ...clips.filter((file) => !told.includes(file)).map((file) => `left in the vault: ${file}`),
    ...told.filter((file) => !clips.includes(file)).map((file) => `not in the vault: ${file}`),
  ];
}

async function leftBehind(rig: Rig): Promise<string[]> {
  const code = await rig.running.stop();
  return [
    ...(code === 0 ? [] : [`the service ended with ${code}`]),
    ...rig.running.processes().map(({ command }) => `still runs: ${command}`),
    ...filesBelow(rig.ring).map((file) => `left in the ring: ${file}`),
  ];
}

/** The worst of each figure for each kind of kill. */
function worstOf({ verdicts }: KillRun): Record<string, Record<string, number>> {
  const rows = KINDS.flatMap((kind) => {
    const of = verdicts.filter((verdict) => verdict.kind === kind);
    const most = (figure: 'pictures' | 'sound' | 'hole' | 'beepsMissing') =>
      Math.max(...of.map((verdict) => verdict[figure] ?? 0));
    const [pictures, sound] = [most('pictures'), most('sound')];
    const row = {
      contacts: of.length,
      pictures,
      sound,
      hole: most('hole'),
      beepsMissing: most('beepsMissing'),
    };
    return of.length === 0 ? [] : [[kind, row] as const];
  });
  return Object.fromEntries(rows);
}

/** Prints what came of each contact, and the worst of it. */
export function printKills(run: KillRun): void {
  console.table(run.verdicts.map(({ wrong, ...figures }) => ({ ...figures, wrong: wrong.length })));
  console.log(`${run.kills} kills; the worst, ms:`);
  console.table(worstOf(run));
}
