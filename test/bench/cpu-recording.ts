import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContactRecord } from '../../device/store/records.ts';
import type { FaceSummary } from '../../models/readings.ts';
import { Actor } from '../end-to-end/actor.ts';
import { type Rig, startRig, until } from '../end-to-end/rig.ts';
import { newMark, processesWith } from '../end-to-end/service.ts';
import { cpuSeconds } from './process-cost.ts';
import type { Benchmark, Result } from './result.ts';

const FACE = join(import.meta.dirname, '../../.cache/media/astronaut.png');
const WARM_UP = 6_000;
const WINDOW = 40_000;

/** What the service adds to the work that has to be done anyway. */
export const cpuRecording: Benchmark = {
  names: ['cpu.recording'],
  about:
    'Processor time of the service and all it starts, during a contact: 640×480 at 15 pictures a second, sound, faces scored five times a second.\nFloor: arecord, a bare ffmpeg making the same ring and pictures, and the bare models on these pictures, at the same time.',
  async run(): Promise<Result[]> {
    if (!existsSync(FACE)) throw new Error(`${FACE} is missing: \`npm test\` fetches it`);
    const rig = await startRig({ face: FACE });
    const ring = mkdtempSync('/dev/shm/ca-bare-');
    let endFloor = async () => {};
    try {
      const service = await rig.start();
      const floor = await startFloor(rig, ring);
      endFloor = floor.stop;
      await rig.untilState('ready', 30_000);
      const actor = new Actor(rig.pty);
      await actor.arrive();
      await sleep(WARM_UP);
      const trees = [service.processes, floor.processes];
      const before = trees.map((tree) => cpuSeconds(tree()));
      await sleep(WINDOW);
      const [value = Number.NaN, bare = Number.NaN] = trees.map(
        (tree, n) => ((cpuSeconds(tree()) - (before[n] ?? 0)) / WINDOW) * 1e5,
      );
      await actor.leave();
      actor.stop();
      await until('the contact', () => rig.events('contact.closed').length === 1, 20_000);
      assertScored(rig, floor.scored());
      return [{ name: 'cpu.recording', value, unit: '% of a core', floor: bare, better: 'lower' }];
    } finally {
      await endFloor();
      await rig.stop();
      rmSync(ring, { recursive: true });
    }
  },
};

/** Both must have found the face in nearly all pictures, or the nets did half of their work. */
function assertScored(rig: Rig, bare: number): void {
  const scores = rig.events<ContactRecord>('contact.closed')[0]?.data.scores ?? [];
  const score = scores.find(({ kind }) => kind === 'face')?.summary as FaceSummary | undefined;
  const expected = (WINDOW / 1000) * 4;
  if (!score || score.scored < expected || bare < expected)
    throw new Error(
      `faces scored: ${score?.scored ?? 0} of ${score?.looked ?? 0} by the service, ${bare} by the floor`,
    );
}

/** Starts `bare-recording.ts` as a process of its own. */
async function startFloor(rig: Rig, ring: string) {
  const mark = newMark();
  const script = join(import.meta.dirname, 'bare-recording.ts');
  const child = spawn(process.execPath, [script, rig.camera.url, rig.pulse.device, ring], {
    env: { ...process.env, ...rig.pulse.env, ...mark },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let scored = 0;
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => {
    if (line === 'face') scored += 1;
  });
  const exited = once(child, 'exit');
  const [said] = await Promise.race([once(lines, 'line'), exited]);
  if (said !== 'ready') throw new Error('the floor of the benchmark did not start');
  return {
    scored: () => scored,
    processes: () => processesWith(mark),
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
