import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** A real mosquitto on loopback. */
export interface Mosquitto {
  readonly url: string;
  readonly port: number;
  /** Of the running process; changes with `restart`. */
  readonly pid: number;
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it on the same port with the same configuration. */
  restart(): Promise<void>;
}

/**
 * Starts mosquitto on 127.0.0.1 and resolves once it accepts connections. `conf` holds further lines of
 * mosquitto.conf; anonymous clients are let in unless they say otherwise. Nothing is kept over a restart. `whole`: the
 * lines are all there is of it, and open `port` themselves.
 */
export async function startMosquitto(
  options: { conf?: string; port?: number; whole?: boolean } = {},
): Promise<Mosquitto> {
  const port = options.port ?? (await freePort());
  const lines = options.whole ? [options.conf ?? ''] : linesFor(port, options.conf ?? '');
  let running = await launch(port, lines);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    get pid() {
      return running.pid ?? 0;
    },
    stop: () => end(running, 'SIGTERM'),
    kill: () => end(running, 'SIGKILL'),
    async restart() {
      await end(running, 'SIGTERM');
      running = await launch(port, lines);
    },
  };
}

function linesFor(port: number, extra: string): string[] {
  return [
    `listener ${port} 127.0.0.1`,
    // Without it Nagle and delayed ACKs cost 40 ms every now and then.
    'set_tcp_nodelay true',
    ...(/^\s*allow_anonymous/m.test(extra) ? [] : ['allow_anonymous true']),
    extra,
  ];
}

async function launch(port: number, lines: readonly string[]): Promise<ChildProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'ca-mosquitto-'));
  const file = join(folder, 'mosquitto.conf');
  // Started as root, mosquitto would become a user who cannot read the files of the tests.
  const ours = [`user ${userInfo().username}`, 'log_dest stderr'];
  writeFileSync(file, `${[...lines, ...ours].join('\n')}\n`);
  // setpriv: a killed test run leaves no broker behind. Debian installs mosquitto in /usr/sbin, not on everybody's PATH.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'mosquitto', '-c', file], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  let failure: Error | null = null;
  child.stderr?.on('data', (chunk) => {
    said = (said + chunk).slice(-4_000);
  });
  child.once('error', (error) => {
    failure = error;
  });
  child.once('close', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (let tries = 0; tries < 500; tries++) {
    if (failure) throw failure;
    if (gone(child)) break;
    if (await accepts(port)) return child;
    await sleep(20);
  }
  await end(child, 'SIGKILL');
  throw new Error(`mosquitto does not accept connections on 127.0.0.1:${port}: ${said}`);
}

function gone(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (gone(child) || child.pid === undefined) return;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
