import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { CaError } from '../../device/errors.ts';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { ClipVault } from '../../device/recording/vault.ts';

/**
 * A vault in a process of its own, for what a test cannot have done to itself:
 *
 *   node vault-process.ts clips FOLDER KEY    stores clips until it is killed; says `FILE SHA256` of each
 *   node vault-process.ts disk FOLDER KEY     FOLDER is a tmpfs of 1 MB: fills it, makes it read-only; says what became of it
 */
const [mode = '', folder = '', key = ''] = process.argv.slice(2);
const vault = new ClipVault({ folder: join(folder, 'clips'), key: () => parseDeviceKey(key) });
const startedAt = { mono: 0, wall: Date.UTC(2026, 0, 5) };
const head = randomBytes(CHUNK);

async function put(contactId: string, bytes: number) {
  const clip = await vault.begin(contactId);
  for (let left = bytes; left > 0; left -= 100_000) await clip.write(randomBytes(Math.min(left, 100_000)));
  return clip.finish(head, startedAt, 'video/mp4');
}

/** `ok`, or the codes of the error: ours, and that of the system. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (!(error instanceof CaError)) throw error;
    return `${error.code} ${(error.cause as NodeJS.ErrnoException | undefined)?.code}`;
  }
}

const files = () =>
  readdirSync(join(folder, 'clips'), { recursive: true, encoding: 'utf8' }).filter((file) => /c-/.test(file));
const say = (what: string, value: unknown) => console.log(JSON.stringify([what, value]));

async function fillTheDisk(): Promise<void> {
  say('a clip that fits', await outcome(put('c-1', 300_000)));
  say('one that does not', await outcome(put('c-2', 900_000)));
  const clip = await vault.begin('c-3');
  await clip.write(randomBytes(100_000));
  try {
    writeFileSync(join(folder, 'filler'), randomBytes(1 << 20));
  } catch {
    // That is what it is for.
  }
  say('one whose head does not', await outcome(clip.finish(head, startedAt, 'video/mp4')));
  say('then in the vault', files());
  say('destroying on the full disk', await outcome(vault.destroy('2026-01-05/c-1.mp4')));
  rmSync(join(folder, 'filler'));
  say('a clip when there is space again', await outcome(put('c-4', 300_000)));
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  say('beginning one on a read-only disk', await outcome(vault.begin('c-6')));
  say('destroying there', await outcome(vault.destroy('2026-01-05/c-4.mp4')));
  say('reading there, bytes', (await buffer(vault.open('2026-01-05/c-4.mp4'))).length);
}

async function storeClips(): Promise<never> {
  for (;;) {
    const { file, sha256 } = await put(randomUUID(), 1_000_000);
    console.log(`${file} ${sha256}`);
  }
}

await (mode === 'disk' ? fillTheDisk() : storeClips());
