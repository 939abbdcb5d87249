import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openPty, type Pty } from '../stand-ins/pty.ts';

/** `bare-desk.ts` as a process of its own, on a serial port of its own. */
export interface FloorDesk {
  readonly pty: Pty;
  stop(): Promise<void>;
}

/** Starts it beside a service: `data` is that service's store, `folder` a folder on the same disk. */
export async function startFloorDesk(service: {
  data: string;
  folder: string;
  broker: string;
  /** How long an arrival waits, ms. */
  confirm: number;
}): Promise<FloorDesk> {
  const pty = await openPty();
  const script = join(import.meta.dirname, 'bare-desk.ts');
  const store = join(service.folder, 'floor');
  const child = spawn(
    process.execPath,
    [script, pty.port, service.data, store, service.broker, `${service.confirm}`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const [said] = await Promise.race([once(createInterface(child.stdout), 'line'), exited]);
  if (said !== 'ready') throw new Error('the floor of the benchmark did not start');
  return {
    pty,
    async stop() {
      child.stdin.end();
      await exited;
      await pty.stop();
    },
  };
}
