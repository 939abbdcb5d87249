import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk that refuses all changes for a while, for a process that is started with `env`, and for its children. */
export interface ReadOnlyDisk {
  readonly env: Readonly<Record<string, string>>;
  /** The kernel has found an error, and mounted it read-only. */
  refuse(): void;
  allow(): void;
  remove(): void;
}

/** `below`: the folder that is on that disk. */
export function readOnlyDisk(below: string): ReadOnlyDisk {
  const folder = mkdtempSync(join(tmpdir(), 'ca-disk-'));
  const library = join(folder, 'read-only-disk.so');
  const flag = join(folder, 'read-only');
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(import.meta.dirname, 'read-only-disk.c')]);
  return {
    env: { LD_PRELOAD: library, READ_ONLY_BELOW: below, READ_ONLY_WHILE: flag },
    refuse: () => writeFileSync(flag, ''),
    allow: () => rmSync(flag),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
