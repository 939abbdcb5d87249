import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../device/clock.ts';
import { ConfigEditor } from '../../device/config-editor.ts';
import type { KeepPolicy } from '../../device/contacts/keeping.ts';
import { CaError } from '../../device/errors.ts';
import { createLog } from '../../device/log.ts';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { ClipVault } from '../../device/recording/vault.ts';
import { Access } from '../../device/review/access/access.ts';
import { ROLES, type Role } from '../../device/review/access/permissions.ts';
import type { SsoOptions } from '../../device/review/access/sso.ts';
import type { Who } from '../../device/review/access/who.ts';
import type { DeskPresence, PageParts } from '../../device/review/parts.ts';
import { ReviewServer, type ReviewServerOptions } from '../../device/review/server.ts';
import type { Health } from '../../device/service.ts';
import { Store } from '../../device/store/store.ts';

/** The page on a store and a vault of its own, asked by whoever the test says: signing in has tests of its own. */
export interface PageRig {
  readonly folder: string;
  readonly store: Store;
  readonly vault: ClipVault;
  readonly server: ReviewServer;
  /** What the page is made of. */
  readonly served: ReviewServerOptions;
  readonly access: Access;
  readonly url: string;
  /** Lines of the log. */
  readonly logged: string[];
  desks: DeskPresence[];
  health: Record<string, Health>;
  /** Who asks from now on; null: nobody that is known. */
  who: Who | null;
  /** Asks the API; `body` as JSON. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Serves the page again, where it was, after `server.stop`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Somebody of that role. */
export function somebody(role: Role, more: Partial<Who> = {}): Who {
  return {
    ...{ accountId: `a-${role}`, name: role, role, permissions: new Set(ROLES[role]) },
    ...{ receptionist: role === 'receptionist' ? 'r-1' : null, by: 'session' as const },
    ...{ session: null, csrf: null, ...more },
  };
}

interface RigOptions extends Partial<Pick<PageParts, 'clips' | 'settings' | 'shift'>> {
  role?: Role;
  clock?: Clock;
  /** Without, all clips are kept. */
  keep?: KeepPolicy;
  /** 0, or nothing: a free one. */
  port?: number;
  /** Whoever asks has to sign in; `who` says nothing. */
  signIn?: boolean;
  sso?: SsoOptions;
  /** Where and how it is served; without, by HTTP at 127.0.0.1. */
  door?: Partial<Pick<ReviewServerOptions, 'host' | 'names' | 'known' | 'tls'>>;
  /** Writes into the store's folder before the page starts. */
  fill?: (store: Store, folder: string) => void;
}

const CONFIG = `# The clinic's own words.
device: reception-1
data: data                            # beside this file
vault:
  age: 90d                            # as the lawyer said
cards: { "0004711": r-1 }
desks:
  front:
    buttons:
      good: { rating: 5, tag: positive }
      bad: { rating: 1, tag: negative }
    inputs:
      - { driver: line-protocol, port: /dev/serial0 }
`;

/** A config file of its own, which nobody runs with. */
function settingsIn(folder: string): PageParts['settings'] {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, CONFIG);
  return new ConfigEditor({ file, today: () => '2026-11-20', reload: async () => ({ when: 'when-free' }) });
}

export async function startPage(options: RigOptions = {}): Promise<PageRig> {
  const { clock = systemClock } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ca-page-'));
  const key = parseDeviceKey(randomBytes(32).toString('hex'));
  const now = () => clock.now().wall;
  const store = new Store(folder, 'reception-1', randomUUID, now, options.keep ?? { keep: 'all', sample: 0 });
  store.beginSession('boot', clock.now());
  options.fill?.(store, folder);
  const vault = new ClipVault({ folder: join(folder, 'clips'), key: () => key });
  const logged: string[] = [];
  const log = createLog('info', { write: (line) => void logged.push(line) });
  // A thirtieth of the work: what a password has to cost is tested with the passwords.
  const access = new Access({ store, clock, log, sso: options.sso ?? null, log2N: 10 });
  const served: ReviewServerOptions = {
    ...{ host: '127.0.0.1', port: options.port ?? 0, device: 'reception-1', store, clock },
    ...{ names: [], known: 'localhost', tls: null, ...options.door },
    clips: options.clips ?? vault,
    desks: () => rig.desks,
    health: () => rig.health,
    settings: options.settings ?? settingsIn(folder),
    shift:
      options.shift ?? (() => Promise.reject(new CaError('CA_COMMAND_INVALID', 'there is no such desk'))),
    erase: async (contactId) => {
      const { wall } = store.erase(contactId, 'page', now());
      await vault.destroyOf(contactId);
      return { contactId, erasedAt: new Date(wall).toISOString() };
    },
    patientSide: () => 'left',
    access,
    identify: (request, using) => (options.signIn ? access.identify(request, using) : rig.who),
    log,
  };
  const server = new ReviewServer(served);
  await server.start(new AbortController().signal).catch(async (error: unknown) => {
    await server.stop();
    store.close();
    rmSync(folder, { recursive: true });
    throw error;
  });
  const rig: PageRig = {
    ...{ folder, store, vault, server, served, access, logged, desks: [], health: {}, url: server.url ?? '' },
    who: somebody(options.role ?? 'admin'),
    ask(method, path, body, headers = {}) {
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const init: RequestInit = { method, headers: { ...json, ...headers } };
      if (body !== undefined) init.body = JSON.stringify(body);
      return fetch(new URL(path, rig.url), init);
    },
    async restart() {
      served.port = Number(new URL(rig.url).port);
      await server.start(new AbortController().signal);
    },
    async stop() {
      await server.stop();
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
  return rig;
}
