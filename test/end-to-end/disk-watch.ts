import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of the regular files below a folder, or of the folder itself when it is one. */
export function filesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    // Gone while we looked.
    return [];
  }
}

/** What is in a file now; empty when it has gone. */
export function contentOf(file: string): Buffer {
  try {
    return lstatSync(file).isFile() ? readFileSync(file) : Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  }
}

/** File systems that are no disk (proc(5), filesystems(5)). */
const NO_DISK =
  /^(tmpfs|ramfs|devtmpfs|devpts|proc|sysfs|cgroup2?|mqueue|hugetlbfs|debugfs|tracefs|securityfs|bpf|configfs|fusectl|binfmt_misc|nsfs|pstore|autofs|rpc_pipefs)$/;

/** Where a process can write to a disk: the mount points that are not read-only (proc_pid_mountinfo(5)). */
export function writableDisks(pid: number): string[] {
  const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [mount = '', source = ''] = line.split(' - ');
    const [, , , , point = '', options = ''] = mount.split(' ');
    const type = source.split(' ')[0] ?? '';
    return NO_DISK.test(type) || options.split(',').includes('ro') ? [] : [point];
  });
}

/** Makes a shell script that lets the rest of the script's mount namespace write to no disk but below `folders`. */
export function onlyBelow(folders: readonly string[]): string {
  return [
    // Before the binds, so that they are not among them. The root comes first and would hide nothing: it is the same mount.
    `disks=$(awk '{ for (n = 7; $n != "-"; n++); print $5, $(n + 1) }' /proc/self/mountinfo | grep -vE ' (${NO_DISK.source.slice(2, -2)})$' | cut -d' ' -f1)`,
    ...folders.map((folder) => `mount --bind ${folder} ${folder}`),
    'for disk in $disks; do mount -o remount,bind,ro "$disk"; done',
  ].join('\n');
}
