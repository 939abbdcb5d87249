import { readdirSync, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { DeviceKey } from '../../device/recording/device-key.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { SealedWriter } from '../../device/recording/sealed-writer.ts';

/** Writes `content` as a sealed file; what follows the head in pieces of `piece` bytes. Gives the length it was told. */
export async function seal(
  path: string,
  key: DeviceKey,
  content: Buffer,
  piece = content.length,
): Promise<number> {
  const writer = await SealedWriter.create(path, key);
  for (let at = CHUNK; at < content.length; at += piece) await writer.write(content.subarray(at, at + piece));
  return (await writer.finish(content.subarray(0, CHUNK))).bytes;
}

/** What all open files of this process share: the one place where a test can see or spoil what is asked of the disk. */
export async function fileHandles(): Promise<FileHandle> {
  const any = await open('/');
  await any.close();
  return Object.getPrototypeOf(any);
}

/** How many descriptors this process has open on paths that begin so. */
export function descriptors(path: string): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The one that listed them.
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(path)).length;
}
