import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningService, startService } from '../end-to-end/service.ts';
import { Authority } from '../stand-ins/certificates.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { startMosquitto } from '../stand-ins/mosquitto.ts';
import { startPostgres } from '../stand-ins/postgres.ts';
import { type Relay, startRelay } from '../stand-ins/relay.ts';
import { type HubProcess, startHubProcess } from './hub-process.ts';
import { Mortal } from './mortal.ts';
import { configOf } from './patients.ts';

export const DEVICE = 'clinic';
const PASSWORD = 'correct-horse';
const PRIVATE = { mode: 0o600 };
/** systemd would kill a service that takes longer, ms. */
const LONGEST_STOP = 30_000;

/** All that a message meets on its way, each part mortal, and each link pullable. */
export interface World {
  readonly service: Mortal;
  readonly broker: Mortal;
  readonly hub: HubProcess;
  readonly database: Mortal;
  readonly links: Readonly<Record<'device link' | 'hub link' | 'database link', Relay>>;
  /** Data folder of the service. */
  readonly data: string;
  /** Of the database itself, past the link. */
  readonly databaseUrl: string;
  /** Of the service and the broker that run. */
  readonly pids: { readonly service: number; readonly broker: number };
  /** What the service said, all its lives. */
  readonly lines: () => readonly string[];
  /** Lays down what the service shows at its next connection: what the broker takes, or something else. */
  show(what: 'password' | 'certificate', right: boolean): void;
  /** Everybody goes home: the service goes on with desks at which nothing happens. */
  calm(): Promise<void>;
  stop(): Promise<void>;
}

/** `persistent`: the broker keeps its queues and retained messages on the disk. */
export async function startWorld(random: () => number, persistent: boolean): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'ca-delivery-'));
  const [data, config] = [join(folder, 'data'), join(folder, 'config.json')];
  const shown = {
    password: join(folder, 'password'),
    certificate: join(folder, 'device.crt'),
    key: join(folder, 'device.key'),
  };
  const ends: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true })];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const ours = new Authority(join(folder, 'ours'), 'ours');
    const theirs = new Authority(join(folder, 'theirs'), 'theirs');
    const issued = { right: ours.issue(DEVICE), wrong: theirs.issue(DEVICE) };
    const show: World['show'] = (what, right) => {
      if (what === 'password') return writeFileSync(shown.password, right ? PASSWORD : 'wrong', PRIVATE);
      const pair = right ? issued.right : issued.wrong;
      for (const file of ['certificate', 'key'] as const)
        writeFileSync(shown[file], readFileSync(pair[file]), PRIVATE);
    };
    show('password', true);
    show('certificate', true);
    const plainPort = await freePort();
    const [mosquitto, server] = await Promise.all([
      startMosquitto({ conf: brokerConf(folder, { ours, plainPort, persistent }) }),
      startPostgres(),
    ]);
    ends.push(mosquitto.stop, server.stop);
    const relay = async (port: number) => {
      const started = await startRelay(port);
      ends.push(started.stop);
      return started;
    };
    const links = {
      'device link': await relay(mosquitto.port),
      'hub link': await relay(plainPort),
      'database link': await relay(Number(new URL(server.url).port)),
    };
    const through = new URL(server.url);
    through.port = String(links['database link'].port);
    const hub = startHubProcess({
      HUB_MQTT: `mqtt://hub:${PASSWORD}@127.0.0.1:${links['hub link'].port}`,
      HUB_DATABASE: through.href,
    });
    ends.push(hub.stop);
    const mqtt = {
      ...{ broker: 'external', url: `mqtts://127.0.0.1:${links['device link'].port}`, hub: true },
      ...{ user: 'device', password: { file: shown.password } },
      tls: { ca: ours.certificate, certificate: shown.certificate, key: { file: shown.key } },
    };
    const write = (patients: (() => number) | null) =>
      writeFileSync(config, JSON.stringify(configOf({ device: DEVICE, data, mqtt }, patients)));
    write(random);
    const services: RunningService[] = [await startService(config)];
    const running = () => services.at(-1) as RunningService;
    ends.push(() => running().kill());
    const service = new Mortal({
      kill: () => running().kill(),
      async revive() {
        services.push(await startService(config));
      },
    });
    return {
      service,
      broker: new Mortal({ kill: mosquitto.kill, revive: mosquitto.restart }),
      hub,
      database: new Mortal({ kill: server.kill, revive: server.restart }),
      links,
      data,
      databaseUrl: server.url,
      pids: {
        get service() {
          return running().pid;
        },
        get broker() {
          return mosquitto.pid;
        },
      },
      lines: () => services.flatMap(({ lines }) => lines),
      show,
      async calm() {
        await service.revive();
        const code = await Promise.race([running().stop(), sleep(LONGEST_STOP, 'still runs')]);
        if (code !== 0) throw new Error(`the service was told to stop: ${code}\n${tail(running().lines)}`);
        write(null);
        services.push(await startService(config));
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The devices come by TLS and show a certificate; the hub stands beside the broker. Both have passwords. */
function brokerConf(
  folder: string,
  { ours, plainPort, persistent }: { ours: Authority; plainPort: number; persistent: boolean },
): string {
  const passwords = join(folder, 'passwords');
  const kept = join(folder, 'broker');
  writeFileSync(passwords, '', PRIVATE);
  mkdirSync(kept);
  for (const user of ['device', 'hub']) execFileSync('mosquitto_passwd', ['-b', passwords, user, PASSWORD]);
  const { certificate, key } = ours.issue('broker', ['IP:127.0.0.1']);
  return [
    ...[
      `cafile ${ours.certificate}`,
      `certfile ${certificate}`,
      `keyfile ${key}`,
      'require_certificate true',
    ],
    ...['allow_anonymous false', `password_file ${passwords}`],
    ...(persistent ? ['persistence true', `persistence_location ${kept}/`, 'autosave_interval 2'] : []),
    `listener ${plainPort} 127.0.0.1`,
  ].join('\n');
}

const tail = (lines: readonly string[]) => lines.slice(-20).join('\n');
