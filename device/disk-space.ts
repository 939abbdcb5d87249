import { statfsSync } from 'node:fs';

/** Bytes of the file system that `folder` is on; null where it cannot be asked: the journal, or who needs the room, tells that. */
export function diskOf(folder: string): { free: number; total: number } | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return null;
  }
}
