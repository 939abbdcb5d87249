import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Mortal } from './mortal.ts';

const MAIN = join(import.meta.dirname, '../../uploader/hub/main.ts');

/** The hub as a process of its own. */
export interface HubProcess extends Mortal {
  /** What it said so far, all its lives. */
  readonly lines: readonly string[];
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts the hub with its settings as environment variables (`uploader/hub/README.md`). */
export function startHubProcess(env: Record<string, string>): HubProcess {
  const lines: string[] = [];
  const launch = () => {
    // setpriv: a killed test run leaves no hub behind.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, MAIN], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => lines.push(line));
    child.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL' && signal !== 'SIGTERM' && code !== 0)
        lines.push(`the hub ended with ${code}`);
    });
    return child;
  };
  let child = launch();
  const mortal = new Mortal({
    kill: () => end(child, 'SIGKILL'),
    async revive() {
      child = launch();
    },
  });
  return Object.defineProperties(mortal, {
    lines: { value: lines },
    pid: { get: () => child.pid ?? 0 },
    stop: { value: () => end(child, 'SIGTERM') },
  }) as HubProcess;
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  // Frozen, it would not hear it.
  if (signal === 'SIGTERM') child.kill('SIGCONT');
  await closed;
}
