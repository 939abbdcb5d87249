import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { ClipVault } from '../../device/recording/vault.ts';

const KILLS = 6;
const script = join(import.meta.dirname, 'vault-process.ts');
const reader = join(import.meta.dirname, '../stand-ins/open-sealed.py');
const key = randomBytes(32).toString('hex');
let folder: string;
let vault: ClipVault;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-vault-'));
  vault = new ClipVault({ folder: join(folder, 'clips'), key: () => parseDeviceKey(key) });
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([1, CHUNK, 5 * CHUNK, 1_000_000])(
  'a reader written from the page opens a clip of %i bytes',
  async (bytes) => {
    const content = randomBytes(bytes);
    const clip = await vault.begin('c-1');
    await clip.write(content.subarray(CHUNK));
    const { file } = await clip.finish(content.subarray(0, CHUNK), { mono: 0, wall: 0 }, 'video/mp4');
    // Debian's own interpreter: another python in the PATH does not see Debian's packages.
    const read = execFileSync('/usr/bin/python3', [reader, key, join(folder, 'clips', file)], {
      maxBuffer: 1e7,
    });
    expect(read.equals(content)).toBe(true);
  },
);

test('killed while it stores clips: what has a name is whole, what was told is there', async () => {
  const told = new Map<string, string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [script, 'clips', folder, key], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => {
      const [file = '', sha256 = ''] = line.split(' ');
      told.set(file, sha256);
    });
    const closed = once(lines, 'close');
    await once(lines, 'line');
    await sleep(Math.random() * 100);
    child.kill('SIGKILL');
    await closed;
  }
  const day = readdirSync(join(folder, 'clips')).filter((entry) => entry !== '.incoming');
  const files = day.flatMap((name) =>
    readdirSync(join(folder, 'clips', name)).map((file) => `${name}/${file}`),
  );
  expect(told.size).toBeGreaterThanOrEqual(KILLS);
  expect(await vault.missing([...told.keys()])).toEqual([]);
  for (const file of files) {
    const content = await buffer(vault.open(file));
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(sha256, file).toBe(told.get(file) ?? sha256);
  }
  const unfinished = readdirSync(join(folder, 'clips', '.incoming')).length;
  const untold = files.filter((file) => !told.has(file)).length;
  expect(await vault.reconcile((file) => told.has(file))).toEqual({ removed: unfinished + untold });
  expect(readdirSync(join(folder, 'clips', '.incoming'))).toEqual([]);
  expect(await vault.missing([...told.keys()])).toEqual([]);
});

// A file system of its own, which needs neither root nor anything that stays behind.
const unshare = ['--user', '--map-root-user', '--mount'];

test('a full disk, and one that is read-only', () => {
  const commands = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" disk "$1" "$4"';
  const args = [...unshare, 'sh', '-c', commands, 'sh', folder, process.execPath, script, key];
  const said = execFileSync('unshare', args, { encoding: 'utf8' }).trim().split('\n');
  expect(Object.fromEntries(said.map((line) => JSON.parse(line)))).toEqual({
    'a clip that fits': 'ok',
    'one that does not': 'CA_VAULT_UNWRITABLE ENOSPC',
    'one whose head does not': 'CA_VAULT_UNWRITABLE ENOSPC',
    'then in the vault': ['2026-01-05/c-1.mp4'],
    'destroying on the full disk': 'ok',
    'a clip when there is space again': 'ok',
    'beginning one on a read-only disk': 'CA_VAULT_UNWRITABLE EROFS',
    'destroying there': 'CA_VAULT_UNWRITABLE EROFS',
    'reading there, bytes': 300_000 + CHUNK,
  });
});
