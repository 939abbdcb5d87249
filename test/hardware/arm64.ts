import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, made, ROOT, startMachine } from './machine.ts';
import { qtestArgs } from './pl061.ts';

/** Our own files that the service or its tests need inside. */
const OURS = 'app/device app/drivers app/models app/uploader app/config app/test/hardware app/package.json';

/** An ARM board with Debian's kernel, the service below /app as it stands in this clone, and a PL061 for its wires. */
export async function startArm(suite: 'bookworm' | 'trixie'): Promise<Machine> {
  const args = (folder: string) => {
    symlinkSync(ROOT, join(folder, 'app'));
    // The kernel unpacks one archive after the other into its root.
    const pack = `cat "$@" > initrd; (echo app/test; find ${OURS}) | cpio -o -H newc --quiet >> initrd`;
    const parts = [made(`arm64-${suite}/root.cpio`), made('arm64-app/app.cpio')];
    execFileSync('sh', ['-ec', pack, 'sh', ...parts], { cwd: folder });
    return [
      ...['-M', 'virt', '-cpu', 'cortex-a72', '-m', '1024', '-initrd', join(folder, 'initrd')],
      ...['-dtb', made(`arm64-${suite}/virt.dtb`), '-kernel', made(`arm64-${suite}/vmlinuz`)],
      ...qtestArgs(folder),
    ];
  };
  return startMachine({ qemu: 'qemu-system-aarch64', args, append: 'console=ttyAMA0' });
}
