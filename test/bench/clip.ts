import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cpuSeconds } from './process-cost.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

const run = promisify(execFile);
const RUNS = 7;
const MEDIA = join(import.meta.dirname, '../../.cache/demo');

/** What it costs to make the clip of a contact of five minutes. */
export const clip: Benchmark = {
  names: ['clip.cpu', 'clip.all', 'clip.ready'],
  about: `A contact of 5 minutes, 49 MB of segments in RAM. clip.cpu: processor time to trim, mux and index its clip; clip.all: with spool, encryption, read-back and hash. clip.ready: from the contact's end to the clip in the vault. Medians of ${RUNS}.\nFloor: ffmpeg -c copy -movflags +faststart of the same bytes into RAM, in turns; for clip.ready its wall time.`,
  async run(): Promise<Result[]> {
    const folder = mkdtempSync('/dev/shm/ca-clip-');
    try {
      const segments = join(folder, 'segments');
      mkdirSync(segments);
      makeSegments(segments);
      const [cut, whole, copy]: Cost[][] = [[], [], []];
      for (let n = 0; n < RUNS; n++) {
        cut?.push(await made('cut', segments, folder));
        whole?.push(await made('whole', segments, folder));
        copy?.push(copied(segments, folder));
      }
      const median = (costs: Cost[] = [], of: keyof Cost) =>
        quantile(
          costs.map((cost) => cost[of]),
          0.5,
        );
      const [cpu, wall] = [median(copy, 'cpu'), median(copy, 'ready')];
      const lower = { better: 'lower' } as const;
      return [
        { name: 'clip.cpu', unit: 'CPU ms', value: median(cut, 'cpu'), floor: cpu, ...lower },
        { name: 'clip.all', unit: 'CPU ms', value: median(whole, 'cpu'), floor: cpu, ...lower },
        { name: 'clip.ready', unit: 'ms', value: median(whole, 'ready'), floor: wall, ...lower },
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

type Cost = { cpu: number; ready: number };

/** As the ring has them: 640×480 at 15 pictures a second, 1.2 Mb/s, a key picture each second, and sound. */
function makeSegments(folder: string): void {
  const rate = ['-b:v', '1200k', '-minrate', '1200k', '-maxrate', '1200k', '-bufsize', '1200k'];
  execFileSync('ffmpeg', [
    ...['-nostdin', '-v', 'error'],
    ...['-stream_loop', '-1', '-i', join(MEDIA, 'camera.mp4')],
    ...['-stream_loop', '-1', '-i', join(MEDIA, 'dialogue.wav'), '-t', '300', '-map', '0:v', '-map', '1:a'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', ...rate, '-nal-hrd', 'cbr', '-g', '15', '-bf', '0'],
    ...['-c:a', 'aac', '-b:a', '48k', '-f', 'segment', '-segment_time', '2', '-segment_format', 'mpegts'],
    ...['-segment_format_options', 'pes_payload_size=0', join(folder, '000001-%06d.ts')],
  ]);
}

/** In a process of its own, so that what it starts is counted, too. */
async function made(way: 'cut' | 'whole', segments: string, folder: string): Promise<Cost> {
  const into = mkdtempSync(join(folder, 'made-'));
  const script = join(import.meta.dirname, 'five-minutes.ts');
  const { stdout } = await run(process.execPath, [script, way, segments, into]);
  rmSync(into, { recursive: true });
  return JSON.parse(stdout);
}

function copied(segments: string, folder: string): Cost {
  const input = `concat:${readdirSync(segments)
    .sort()
    .map((name) => join(segments, name))
    .join('|')}`;
  const output = join(folder, 'copied.mp4');
  const [cpu, began] = [cpuSeconds([process]), performance.now()];
  execFileSync('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y', '-copyts', '-f', 'mpegts', '-i', input, '-c', 'copy'],
    ...['-avoid_negative_ts', 'make_zero', '-movflags', '+faststart', '-f', 'mp4', output],
  ]);
  return { cpu: (cpuSeconds([process]) - cpu) * 1000, ready: performance.now() - began };
}
