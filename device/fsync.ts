import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Has the disk write a file, or the names in a folder: without, a new or renamed file may be gone after a power cut (fsync(2)). */
export function fsyncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
