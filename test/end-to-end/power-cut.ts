import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openNamespaces } from './namespaces.ts';
import type { Rig } from './rig.ts';

/** What a power cut does to a rig whose service has been killed. */

/** What was in RAM is gone. */
export function loseRing(rig: Rig): void {
  for (const entry of readdirSync(rig.ring)) rmSync(join(rig.ring, entry), { recursive: true });
}

/** The machine boots: the service that is started next finds another boot id, and a monotonic clock that shows `seconds`. */
export async function bootAnew(rig: Rig, seconds: number): Promise<void> {
  loseRing(rig);
  const before = rig.within;
  const id = join(rig.folder, 'boot_id');
  writeFileSync(id, `${randomUUID()}\n`);
  rig.within = await openNamespaces(`mount --bind ${id} /proc/sys/kernel/random/boot_id`, {
    monotonic: seconds,
  });
  await before?.stop();
}
