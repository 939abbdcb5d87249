import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CaError, messageOf } from '../errors.ts';

/** Writes all of `parts`, one behind the other, from byte `position` on. A disk that is nearly full takes a part at first. */
export async function writeAll(handle: FileHandle, parts: Buffer[], position: number): Promise<void> {
  let left = parts;
  let at = position;
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, at);
    at += bytesWritten;
    left = behind(left, bytesWritten);
  }
}

/** Fills `into` from byte `position` of the file on, and gives what it could read: less only where the file ends. */
export async function readAll(handle: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return into.subarray(0, done);
}

/** A new or renamed file survives a power cut only when its folder has been written, too (rename(2), fsync(2)). */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A file as people know it: day and contact. */
export function nameOf(path: string): string {
  return join(basename(dirname(path)), basename(path));
}

/** The code of an error of the system, such as `ENOSPC`. */
export function systemCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

/** What the disk said while `doing` something, as CA_VAULT_UNWRITABLE with it as the cause. An error of ours stays as it is. */
export function unwritable(doing: string, cause: unknown): CaError {
  if (cause instanceof CaError) return cause;
  return new CaError('CA_VAULT_UNWRITABLE', `${doing}: ${messageOf(cause)}`, { cause });
}

function behind(parts: Buffer[], bytes: number): Buffer[] {
  let left = bytes;
  const first = parts.findIndex((part) => {
    if (left < part.length) return true;
    left -= part.length;
    return false;
  });
  if (first < 0) return [];
  return [(parts[first] as Buffer).subarray(left), ...parts.slice(first + 1)];
}
