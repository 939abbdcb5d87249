import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClipRecord } from '../../device/store/records.ts';
import { Actor } from '../end-to-end/actor.ts';
import { FPS, startRig, until } from '../end-to-end/rig.ts';
import { dialogue } from '../stand-ins/dialogue.ts';
import { startMotion } from '../stand-ins/motion.ts';
import { cpuSeconds, memoryOf } from './process-cost.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

/** A service has compiled its code many contacts ago: one before those that are measured (ms). */
const FIRST_CONTACT = 20_000;
/** After the arrival: until the clip is being made (ms). */
const BEGINNING = 10_000;
const WINDOW = 15_000;
const WINDOWS = 3;
const PRE_ROLL = 3_000;

/** Whether recording costs more than with what Debian has for it. */
export const cpuMotion: Benchmark = {
  names: ['cpu.idle', 'cpu.contact', 'memory.contact'],
  about: `Processor time of the service and all it starts, while nobody is there and during a contact: 640×480 at 15 pictures a second, with the sound of a dialogue, no scores. Medians of ${WINDOWS} windows of ${WINDOW / 1000} s. Memory: what all processes keep during the contact.\nFloor: Debian's motion on the same camera at the same time, without sound, which it cannot record. As cheap as it can be set up for this job: it copies the camera's packets (encoding them anew costs it three times as much during a contact) and is told when somebody is there, looking for no motion (which costs it next to nothing).`,
  async run(): Promise<Result[]> {
    const rig = await startRig({
      edit: ({ recording }) => Object.assign(recording, { preRoll: `${PRE_ROLL}ms` }),
    });
    const silence = new AbortController();
    const talking = rig.pulse.play(dialogue(silence.signal));
    let endFloor = async () => {};
    let actor: Actor | null = null;
    try {
      const motion = await startMotion(rig.camera.url, (PRE_ROLL / 1000) * FPS);
      endFloor = motion.stop;
      const service = await rig.start();
      const trees = [service.processes, () => [motion]] as const;
      await rig.untilState('ready', 30_000);
      const clip = async (number: number) => {
        await until('the clip', () => rig.events('clip.ready').length === number, 20_000);
        return rig.events<ClipRecord>('clip.ready').at(-1)?.data.file ?? '';
      };
      actor = new Actor(rig.pty);
      await actor.arrive();
      await sleep(FIRST_CONTACT);
      await actor.leave();
      await clip(1);
      const idle = await inWindows(trees);

      const began = performance.now();
      await Promise.all([actor.arrive(), motion.eventStart()]);
      await sleep(BEGINNING);
      const contact = await inWindows(trees);
      const [memory = Number.NaN, floorMemory = Number.NaN] = trees.map((tree) => memoryOf(tree()));
      const seconds = (performance.now() - began) / 1000;
      const [movie] = await Promise.all([motion.eventEnd(), actor.leave()]);
      assertRecorded('the service', await rig.played(await clip(2)), seconds, ['video', 'audio']);
      assertRecorded('motion', movie, seconds, ['video']);
      return [
        { name: 'cpu.idle', unit: '% of a core', ...idle, better: 'lower' },
        { name: 'cpu.contact', unit: '% of a core', ...contact, better: 'lower' },
        { name: 'memory.contact', unit: 'MB', value: memory, floor: floorMemory, better: 'lower' },
      ];
    } finally {
      actor?.stop();
      silence.abort();
      await talking;
      await endFloor();
      await rig.stop();
    }
  },
};

type Tree = () => readonly { pid: number }[];

/** Percent of a core that each of both takes, at the same time. */
async function inWindows(trees: readonly [Tree, Tree]): Promise<{ value: number; floor: number }> {
  const shares: number[][] = [[], []];
  for (let n = 0; n < WINDOWS; n++) {
    const from = performance.now();
    const before = trees.map((tree) => cpuSeconds(tree()));
    await sleep(WINDOW);
    const ms = performance.now() - from;
    trees.forEach((tree, which) => {
      shares[which]?.push(((cpuSeconds(tree()) - (before[which] ?? 0)) / ms) * 1e5);
    });
  }
  const [value = Number.NaN, floor = Number.NaN] = shares.map((sample) => quantile(sample, 0.5));
  return { value, floor };
}

/** Whoever recorded nothing, or half of it, was cheap for no reason. */
function assertRecorded(who: string, file: string, seconds: number, kinds: readonly string[]): void {
  const asked = ['-count_packets', '-show_entries', 'stream=codec_type,nb_read_packets:format=duration'];
  const told = JSON.parse(execFileSync('ffprobe', ['-v', 'error', ...asked, '-of', 'json', file]).toString());
  const streams: { codec_type: string; nb_read_packets: string }[] = told.streams;
  const pictures = Number(streams.find(({ codec_type }) => codec_type === 'video')?.nb_read_packets ?? 0);
  const whole = Number(told.format.duration) > seconds && pictures > seconds * FPS * 0.95;
  if (!whole || kinds.some((kind) => !streams.some(({ codec_type }) => codec_type === kind)))
    throw new Error(
      `${who} recorded less than ${seconds} s of ${kinds.join(' and ')}: ${JSON.stringify(told)}`,
    );
}
