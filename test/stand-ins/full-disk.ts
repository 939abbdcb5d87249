import { execFileSync } from 'node:child_process';

/**
 * A disk on which no file of this process grows beyond `bytes`, while `work` lasts. As on one that is full, what still
 * fits is written; then each write is refused (EFBIG, SQLite says SQLITE_FULL or SQLITE_IOERR).
 */
export async function onFullDisk<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  const limit = (soft: string) => execFileSync('prlimit', [`--pid=${process.pid}`, `--fsize=${soft}:`]);
  // Comes with each refusal, and would end the process (setrlimit(2)).
  const heard = () => {};
  process.on('SIGXFSZ', heard);
  limit(`${bytes}`);
  try {
    return await work();
  } finally {
    limit('unlimited');
    process.off('SIGXFSZ', heard);
  }
}
