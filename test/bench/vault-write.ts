import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Benchmark, quantile, type Result } from './result.ts';

const run = promisify(execFile);
const RUNS = 15;

/** What it costs that clips are encrypted. */
export const vaultWrite: Benchmark = {
  names: ['vault.write', 'vault.memory'],
  about: `Processor time and memory of a process that writes a clip of 47 MB into the vault, in fragments of 150 kB, flushed, read back for its SHA-256. Medians of ${RUNS}.\nFloor: the same into a plain file, in turns.`,
  async run(): Promise<Result[]> {
    const sealed: Cost[] = [];
    const plain: Cost[] = [];
    for (let n = 0; n < RUNS; n++) {
      sealed.push(await oneClip('vault'));
      plain.push(await oneClip('file'));
    }
    const median = (costs: Cost[], of: keyof Cost) =>
      quantile(
        costs.map((cost) => cost[of]),
        0.5,
      );
    const result = (name: string, unit: string, of: keyof Cost): Result => ({
      ...{ name, unit, better: 'lower' },
      ...{ value: median(sealed, of), floor: median(plain, of) },
    });
    return [result('vault.write', 'CPU ms', 'cpu'), result('vault.memory', 'MB', 'memory')];
  },
};

type Cost = { cpu: number; memory: number };

/** In a process of its own: memory once taken is not given back. */
async function oneClip(way: 'vault' | 'file'): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'ca-one-clip-'));
  try {
    const script = join(import.meta.dirname, 'one-clip.ts');
    return JSON.parse((await run(process.execPath, [script, way, folder])).stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
