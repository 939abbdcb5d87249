import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Namespaces, openNamespaces } from '../end-to-end/namespaces.ts';

const SOURCE = join(import.meta.dirname, 'gpio-sysfs.c');
const CACHE = join(import.meta.dirname, '../../.cache/gpio');

/** A machine with GPIO lines under /sys/class/gpio: those of the Pi's header, and another chip below them. */
export interface GpioMachine {
  readonly namespaces: Namespaces;
  /** Sends a command; see gpio-sysfs.c. */
  sim(command: string): void;
  /** The exported lines: N DIRECTION LEVEL EDGE ACTIVE_LOW UNREAD. */
  exported(): string[];
  /** Starts a script there, by its whole path. */
  node(script: string, ...args: string[]): ReturnType<typeof spawn>;
  stop(): Promise<void>;
}

/** Needs root, for it mounts (Debian packages libfuse3-dev and pkg-config). `base`: the number of the header's line 0. */
export async function openGpioMachine({ base = 512, label = 'pinctrl-rp1' } = {}): Promise<GpioMachine> {
  const program = await compiled();
  const namespaces = await openNamespaces(`
    mount -t tmpfs none /sys/class && mkdir /sys/class/gpio
    setpriv --pdeathsig KILL -- ${program} ${base} 54 ${label} /sys/class/gpio >&2 &
    for _ in $(seq 500); do [ -e /sys/class/gpio/sim ] && break; sleep 0.01; done
    [ -e /sys/class/gpio/sim ] || { echo "/sys/class/gpio cannot be played: it takes root and /dev/fuse" >&2; exit 1; }`);
  const file = namespaces.see('/sys/class/gpio/sim');
  return {
    namespaces,
    sim: (command) => writeFileSync(file, command),
    exported: () => readFileSync(file, 'utf8').split('\n').slice(0, -1),
    node(script, ...args) {
      const [nsenter = '', ...enter] = namespaces.enter;
      return spawn(nsenter, [...enter, process.execPath, script, ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
    },
    stop: () => namespaces.stop(),
  };
}

/** Compiled once for each version of the source. */
async function compiled(): Promise<string> {
  const source = await readFile(SOURCE);
  const name = createHash('sha256').update(source).digest('hex').slice(0, 12);
  const program = join(CACHE, `gpio-sysfs-${name}`);
  if (existsSync(program)) return program;
  await mkdir(CACHE, { recursive: true });
  const run = promisify(execFile);
  const { stdout } = await run('pkg-config', ['--cflags', '--libs', 'fuse3']);
  const made = `${program}.${process.pid}`;
  await run('cc', ['-O2', '-Wall', '-o', made, SOURCE, ...stdout.trim().split(/\s+/), '-lpthread']);
  await rename(made, program);
  return program;
}
