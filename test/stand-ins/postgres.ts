import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** Where Debian puts the programs of each version. */
const VERSIONS = '/usr/lib/postgresql';

/** A real PostgreSQL on loopback that writes to the disk as it does in earnest (fsync). */
export interface Postgres {
  /** Of its database `postgres`, for its superuser `hub`. */
  readonly url: string;
  /** SIGKILL of the server and of all its children; resolves when they are gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data; a running one is stopped before. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** A server that is killed leaves its shared memory behind: in its own folder it goes with that. */
const SHARED = ['-c', 'dynamic_shared_memory_type=mmap'];

/** Makes a cluster in a folder of its own, starts it on a free port of 127.0.0.1, and resolves once it answers. */
export async function startPostgres(): Promise<Postgres> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'ca-postgres-'));
  const data = join(folder, 'data');
  const user = await ordinaryUser();
  if (user) chownSync(folder, user.uid, user.gid);
  // The new cluster is lost with the machine: only what the server writes afterwards has to be safe.
  const made = ['-D', data, '-U', 'hub', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await run('setpriv', [...asUser(user), program('initdb'), ...made], { cwd: folder });
  const url = `postgres://hub@127.0.0.1:${port}/postgres`;
  const start = () =>
    launch(url, ['-D', data, '-k', folder, '-h', '127.0.0.1', '-p', String(port), ...SHARED], user, folder);
  let server = await start();
  const stop = async () => {
    if (gone(server)) return;
    const closed = once(server, 'close');
    // "Fast": clients are sent away. A server that has been killed has been waited for.
    server.kill('SIGINT');
    await closed;
  };
  return {
    url,
    kill: () => kill(server),
    async restart() {
      await stop();
      server = await start();
    },
    async stop() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: there, it runs as its Debian user. Null: as who we are. */
async function ordinaryUser(): Promise<User | null> {
  if (process.getuid?.() !== 0) return null;
  const [uid, gid] = await Promise.all(['-u', '-g'].map((which) => run('id', [which, 'postgres'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

function asUser(user: User | null): string[] {
  return user === null ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
}

function program(name: string): string {
  const version = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a))[0];
  if (version === undefined) throw new Error(`no PostgreSQL in ${VERSIONS}: Debian package postgresql`);
  return join(VERSIONS, version, 'bin', name);
}

async function launch(url: string, args: string[], user: User | null, cwd: string): Promise<ChildProcess> {
  // A killed test run leaves no server behind; of a killed server, no child.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...asUser(user), program('postgres'), ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = (said + chunk).slice(-4_000);
  });
  child.once('error', (error) => {
    said += error.message;
  });
  for (let tries = 0; tries < 300 && !gone(child); tries++) {
    if (await answers(url)) return child;
    await sleep(50);
  }
  await kill(child);
  throw new Error(`PostgreSQL does not answer: ${said}`);
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 1 });
  try {
    await sql`SELECT 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

function gone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function kill(server: ChildProcess): Promise<void> {
  if (gone(server) || server.pid === undefined) return;
  const closed = once(server, 'close');
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'latin1')
    .split(' ')
    .filter((pid) => pid !== '')
    .map(Number);
  // The server first: it would restart what its children had left behind.
  for (const pid of [server.pid, ...children]) if (runs(pid)) process.kill(pid, 'SIGKILL');
  await closed;
  while (children.some(runs)) await sleep(5);
}

/** Whether there is such a process; one that only waits to be reaped does nothing any more. */
function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
