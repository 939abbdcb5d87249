import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const CLI = join(import.meta.dirname, '../../device/cli.ts');

/** The service as a process of its own, started as an installation starts it. */
export interface RunningService {
  readonly pid: number;
  /** What it said so far, line by line: its log, and what it prints for the person who started it. */
  readonly lines: readonly string[];
  /** Address of its page. */
  readonly page: string;
  /** Asks its page by GET, as an administrator, who is made with the code that it printed where there is none yet. */
  ask(path: string): Promise<Response>;
  /** SIGTERM; resolves with its exit code once it is gone. */
  stop(): Promise<number | null>;
  /** SIGKILL, as near as a process comes to a power cut. */
  kill(): Promise<void>;
  /** It and all its descendants that live, also those that lost their parent. */
  processes(): { pid: number; command: string }[];
}

/** A variable for the environment of a process: all its descendants inherit it, so that orphans are found too. */
export function newMark(): { CA_TEST_RUN: string } {
  return { CA_TEST_RUN: randomUUID() };
}

/** Starts `contact-analyzer run CONFIG` and resolves once it says that it is running. `enter`: a command that becomes it, such as nsenter. */
export async function startService(
  config: string,
  env: Record<string, string> = {},
  enter: readonly string[] = [],
): Promise<RunningService> {
  const mark = newMark();
  const child = spawnService(config, { ...env, ...mark }, enter);
  const { pid } = child;
  if (pid === undefined) throw new Error('the service could not be started');
  const lines: string[] = [];
  const running = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('contact-analyzer is running')) running.resolve();
    });
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const early = exited.then((code) => {
    throw new Error(`the service ended with ${code} before it ran:\n${lines.slice(-20).join('\n')}`);
  });
  await Promise.race([running.promise, early]);
  early.catch(() => {});
  const page = () =>
    lines
      .findLast((line) => line.startsWith('page '))
      ?.slice(5)
      .trim() ?? '';
  const signIn = async () => {
    const [, code] = lines.flatMap((line) => /^set-up +code (\S+)/.exec(line) ?? []);
    const account = { name: 'test', password: 'seven green umbrellas' };
    const send = (path: string, body: object) =>
      fetch(page() + path, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify(body),
      });
    const answer = await (code === undefined
      ? send('/api/sign-in', account)
      : send('/api/set-up', { code, ...account }));
    if (!answer.ok) throw new Error(`nobody is let in: ${await answer.text()}`);
    return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  };
  let cookie: Promise<string> | null = null;
  return {
    pid,
    lines,
    get page() {
      return page();
    },
    async ask(path) {
      cookie ??= signIn();
      return fetch(page() + path, { headers: { cookie: await cookie } });
    },
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    processes: () => processesWith(mark),
  };
}

/** Starts the service and kills it again `ms` later, running or not. */
export async function startInVain(
  ms: number,
  config: string,
  env: Record<string, string> = {},
  enter: readonly string[] = [],
): Promise<void> {
  const child = spawnService(config, env, enter);
  const exited = once(child, 'close');
  await sleep(ms);
  child.kill('SIGKILL');
  await exited;
}

function spawnService(config: string, env: Record<string, string>, enter: readonly string[]) {
  const [command = '', ...args] = [...enter, process.execPath, CLI, 'run', config];
  return spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs another command of the command line; resolves with what it printed, rejects unless it exits with 0. */
export async function contactAnalyzer(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], { maxBuffer: 2 ** 26 });
  return stdout;
}

/** The living processes that carry a mark. */
export function processesWith({ CA_TEST_RUN }: { CA_TEST_RUN: string }): { pid: number; command: string }[] {
  const entry = `CA_TEST_RUN=${CA_TEST_RUN}`;
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(entry)) return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
      return [{ pid: Number(pid), command }];
    } catch {
      // It ended while we looked, or is not ours to read.
      return [];
    }
  });
}
