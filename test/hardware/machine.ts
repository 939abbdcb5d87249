import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { awaitGuest, type Guest } from './guest.ts';
import { connectQmp, type Qmp } from './qmp.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

/** What `npm run test:hardware` has fetched and built. */
export const made = (path: string) => join(ROOT, '.cache/hardware', path);

/** A whole computer under QEMU, without KVM: some 10 to 30 times slower than this one. */
export interface Machine {
  readonly guest: Guest;
  readonly qmp: Qmp;
  /** Temporary folder of its own. */
  readonly folder: string;
  /** What came out of its serial port. */
  readonly console: readonly string[];
  /** Switches it off at once. */
  stop(): Promise<void>;
}

/**
 * Switches a computer on and resolves once its shell has called. `args` beyond what all have: a serial console, a
 * network on which 10.0.2.2 is this machine's loopback, and no display. `append`: for the kernel's command line.
 */
export async function startMachine(options: {
  qemu: 'qemu-system-aarch64' | 'qemu-system-x86_64';
  args: (folder: string) => string[];
  append: string;
}): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'ca-machine-'));
  const caller = await awaitGuest();
  const sockets = join(folder, 'qmp');
  const common = [
    ...['-nodefaults', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-qmp', `unix:${sockets},server=on,wait=off`],
    ...['-append', `${options.append} quiet panic=-1 guest_port=${caller.port}`],
  ];
  const args = ['--pdeathsig', 'KILL', '--', options.qemu, ...common, ...options.args(folder)];
  const child = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      if (process.env.CA_TEST_CONSOLE) process.stderr.write(`${line}\n`);
    });
  const ended = once(child, 'close');
  const early = ended.then(() => {
    throw new Error(`the machine switched itself off:\n${lines.slice(-30).join('\n')}`);
  });
  early.catch(() => {});
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
    caller.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const qmp = await Promise.race([connectedQmp(sockets), early]);
    const guest = await Promise.race([caller.guest, early]);
    return { guest, qmp, folder, console: lines, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As soon as QEMU listens: its socket is there before that. */
async function connectedQmp(path: string): Promise<Qmp> {
  for (let tries = 0; tries < 500; tries++) {
    if (existsSync(path)) {
      const qmp = await connectQmp(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNREFUSED') throw error;
      });
      if (qmp) return qmp;
    }
    await sleep(20);
  }
  throw new Error('QEMU does not listen');
}
