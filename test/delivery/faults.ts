import { execFileSync } from 'node:child_process';
import type { Relay } from '../stand-ins/relay.ts';
import type { Part } from './schedule.ts';
import type { World } from './world.ts';

/** No file of the service grows beyond this while its disk is full, bytes: its write-ahead log is longer. */
const FULL = 65_536;
/** What a throttled link passes, bytes a second: a modem of 1998. */
const MODEM = 7_000;

/** The way to put it right; null: nothing went wrong, since who was to suffer was dead already. */
export type Mend = (() => Promise<void>) | null;

/** Lets something go wrong. */
export async function begin(world: World, part: Part, kind: string): Promise<Mend> {
  switch (part) {
    case 'service':
      if (kind === 'disk full') return diskFull(world);
      return kind === 'killed' ? killed(world.service) : frozen(world.pids.service);
    case 'broker':
      return kind === 'killed' ? killed(world.broker) : frozen(world.pids.broker);
    case 'hub':
      return kind === 'killed' ? killed(world.hub) : frozen(world.hub.pid);
    case 'database':
      return killed(world.database);
    case 'device link':
    case 'hub link':
    case 'database link':
      return troubled(world.links[part], kind);
    case 'password':
    case 'certificate':
      world.show(part, false);
      world.links['device link'].reset();
      return async () => world.show(part, true);
    case 'everything': {
      const { service, broker, hub, database } = world;
      const all = await Promise.all([service, broker, hub, database].map(killed));
      const mend = all.filter((one) => one !== null);
      if (mend.length === 0) return null;
      // Not all boot alike: whoever is first finds nobody.
      return async () => void (await Promise.all(mend.map((one) => one())));
    }
  }
}

async function killed(who: { kill(): Promise<boolean>; revive(): Promise<void> }): Promise<Mend> {
  return (await who.kill()) ? () => who.revive() : null;
}

async function frozen(pid: number): Promise<Mend> {
  return signal(pid, 'SIGSTOP') ? async () => void signal(pid, 'SIGCONT') : null;
}

/** false: killed meanwhile, there is nobody to freeze or thaw. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

async function diskFull({ pids: { service } }: World): Promise<Mend> {
  return limit(service, String(FULL)) ? async () => void limit(service, 'unlimited') : null;
}

/** Node ignores SIGXFSZ, so that a write is refused (EFBIG) and nobody dies of it. */
function limit(pid: number, bytes: string): boolean {
  try {
    execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`], { stdio: 'pipe' });
    return true;
  } catch (error) {
    if (!String((error as { stderr?: unknown }).stderr).includes('No such process')) throw error;
    return false;
  }
}

async function troubled(link: Relay, kind: string): Promise<() => Promise<void>> {
  switch (kind) {
    case 'cut':
      link.cut();
      return async () => link.mend();
    case 'stalled':
      link.stall();
      return async () => link.mend();
    case 'lost':
      link.stall();
      return async () => {
        link.reset();
        link.mend();
      };
    case 'throttled':
      link.throttle(MODEM);
      return async () => link.throttle(null);
    case 'reset':
      link.reset();
      return async () => {};
    default:
      throw new Error(`no such trouble of a link: ${kind}`);
  }
}
