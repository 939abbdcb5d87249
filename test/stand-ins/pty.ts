import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A serial device that a test plays: a real pseudo-terminal, so the real `serialport` opens it. */
export interface Pty {
  /** Path of the serial device for the service; the same before `unplug` and after `plug`. */
  readonly port: string;
  /** Sends bytes, as the sensor would. Resolves when they have left this process. Rejects while unplugged. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** Calls with each line that the service sends. */
  onLine(listener: (line: string) => void): void;
  /** Calls with the bytes that the service sends, split anyhow. */
  onBytes(listener: (bytes: Buffer) => void): void;
  /** Pulls the cable: the device file goes away, and whoever has it open is hung up on. */
  unplug(): Promise<void>;
  /** Puts it back. */
  plug(): Promise<void>;
  /** Removes the device for good. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Opens a pty through socat (Debian package `socat`). It has no real baud rate, parity or framing. Bytes written while nobody
 * has the port open wait in the kernel (up to 4 KiB), which a UART would lose. socat reads this process's pipe, so it
 * ends with the test even when the test is killed.
 */
export async function openPty(): Promise<Pty> {
  const folder = await mkdtemp(join(tmpdir(), 'pty-'));
  const port = join(folder, 'tty');
  const listeners: ((line: string) => void)[] = [];
  const byteListeners: ((bytes: Buffer) => void)[] = [];
  let socat: ChildProcess | null = null;

  async function plug(): Promise<void> {
    if (socat) return;
    const started = spawn('socat', ['-', `pty,raw,echo=0,link=${port}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface(started.stdout).on('line', (line) => {
      for (const listener of listeners) listener(line);
    });
    started.stdout.on('data', (bytes: Buffer) => {
      for (const listener of byteListeners) listener(bytes);
    });
    await once(started, 'spawn');
    // What is written into the pipe of a socat that has just been killed is nobody's fault.
    started.stdin?.on('error', () => {});
    socat = started;
    for (let tries = 0; !existsSync(port); tries++) {
      if (started.exitCode !== null || tries === 500) throw new Error('socat did not make the pty');
      await sleep(10);
    }
  }

  async function unplug(): Promise<void> {
    const ending = socat;
    if (!ending) return;
    socat = null;
    if (ending.exitCode === null && ending.signalCode === null) {
      ending.kill('SIGTERM');
      await once(ending, 'exit');
    }
  }

  await plug();
  return {
    port,
    plug,
    unplug,
    onLine: (listener) => void listeners.push(listener),
    onBytes: (listener) => void byteListeners.push(listener),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (!socat?.stdin) return reject(new Error('the pty is unplugged'));
        socat.stdin.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    async stop() {
      await unplug();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
