import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** A machine within the machine for the service under test: mounts of its own and, where asked, a boot of its own. */
export interface Namespaces {
  /** Put before a command, it runs there. */
  readonly enter: readonly string[];
  /** Where this process sees a path of it. */
  see(path: string): string;
  /** Runs a shell script there; resolves with what it printed, rejects unless it ends with 0. */
  run(script: string): Promise<string>;
  /** Its mounts go with it. */
  stop(): Promise<void>;
}

const sudoless = process.getuid?.() !== 0;

/**
 * `setup`: a shell script that makes the mounts. `monotonic`: what the monotonic clock shows in it at first, in seconds;
 * without, it is the machine's. Needs no root: others are root of a user namespace. It ends with this process at the
 * latest, and the mounts with it. (namespaces(7), time_namespaces(7): Linux 5.6.)
 */
export async function openNamespaces(
  setup: string,
  { monotonic }: { monotonic?: number } = {},
): Promise<Namespaces> {
  const time = monotonic === undefined ? [] : bootedFor(monotonic);
  const user = sudoless ? ['--map-root-user'] : [];
  const script = `set -e\n${setup}\necho $$\nexec cat`;
  const keeper = spawn(
    'unshare',
    [...user, '--mount', ...time, '--fork', '--kill-child', 'sh', '-c', script],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const exited = once(keeper, 'exit');
  const [said] = await Promise.race([once(createInterface(keeper.stdout), 'line'), exited]);
  const pid = Number(said);
  if (!(pid > 1)) throw new Error(`no namespaces: unshare ended with ${said}`);
  const enter = [
    ...['nsenter', '--target', `${pid}`, '--mount'],
    ...(time.length > 0 ? ['--time'] : []),
    ...(sudoless ? ['--user', '--preserve-credentials'] : []),
    '--',
  ];
  return {
    enter,
    see: (path) => `/proc/${pid}/root${path}`,
    async run(command) {
      const [nsenter = '', ...args] = enter;
      const { stdout } = await promisify(execFile)(nsenter, [...args, 'sh', '-ec', command]);
      return stdout;
    },
    async stop() {
      keeper.stdin.end();
      await exited;
    },
  };
}

function bootedFor(seconds: number): string[] {
  const offset = Math.round(seconds - Number(process.hrtime.bigint()) / 1e9);
  return ['--time', `--monotonic=${offset}`, `--boottime=${offset}`];
}
