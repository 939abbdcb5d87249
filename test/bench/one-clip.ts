import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { syncFolder } from '../../device/recording/disk.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { ClipVault } from '../../device/recording/vault.ts';

/**
 * Stores one clip of 47 MB, as a contact of 5 minutes makes it: fragments, and the head that comes last.
 *
 *   node one-clip.ts vault FOLDER    in the vault
 *   node one-clip.ts file FOLDER     in a plain file: the floor of `vault.*`
 *
 * Says what it took, as JSON: `cpu`, ms of processor time, and `memory`, MB (10⁶ bytes) that the process had at most.
 */
const FRAGMENT = 150_000;
const FRAGMENTS = 313;

const [way = '', folder = ''] = process.argv.slice(2);
const fragment = randomBytes(FRAGMENT);
const head = randomBytes(CHUNK);
const key = parseDeviceKey(randomBytes(32).toString('hex'));
const vault = new ClipVault({ folder, key: () => key });

async function intoVault(name: string, fragments: number): Promise<void> {
  const clip = await vault.begin(name);
  for (let n = 0; n < fragments; n++) await clip.write(fragment);
  await clip.finish(head, { mono: 0, wall: Date.UTC(2026, 0, 5) }, 'video/mp4');
}

async function intoFile(name: string, fragments: number): Promise<void> {
  const incoming = join(folder, name);
  const day = join(folder, '2026-01-05');
  const file = await open(incoming, 'wx', 0o600);
  for (let n = 0; n < fragments; n++) await file.write(fragment, 0, FRAGMENT, CHUNK + n * FRAGMENT);
  await file.write(head, 0, CHUNK, 0);
  await file.datasync();
  await file.close();
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(incoming)) hash.update(bytes);
  hash.digest('hex');
  await mkdir(day, { recursive: true });
  await rename(incoming, join(day, name));
  await syncFolder(day);
  await syncFolder(folder);
}

const store = way === 'vault' ? intoVault : intoFile;
// A service has compiled its code long before.
await store('warm-up', 20);
const before = process.cpuUsage();
await store('clip', FRAGMENTS);
const { user, system } = process.cpuUsage(before);
// maxRSS: KiB.
console.log(
  JSON.stringify({ cpu: (user + system) / 1e3, memory: process.resourceUsage().maxRSS * 1.024e-3 }),
);
