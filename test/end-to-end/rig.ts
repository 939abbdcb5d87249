import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { ClipVault } from '../../device/recording/vault.ts';
import { openPty, type Pty } from '../stand-ins/pty.ts';
import type { Received } from '../stand-ins/subscriber.ts';
import type { Namespaces } from './namespaces.ts';
import { type RunningService, startInVain, startService } from './service.ts';
import { startWorld, type World } from './world.ts';

export { FPS, GOP } from './world.ts';

/** The settings of the tests, in ms: as in a clinic, but for people in a hurry. */
export const SETTINGS = {
  arrivalConfirm: 300,
  departureConfirm: 800,
  grace: 2_500,
  repeat: 1_000,
  served: 1_000,
  preRoll: 1_000,
  postRoll: 500,
  sensorLost: 8_000,
} as const;

/** A config before it is written: a test may change what it likes. */
export interface ConfigDraft {
  [setting: string]: unknown;
  data: string;
  press: Record<string, unknown>;
  sensor: Record<string, unknown>;
  recording: Record<string, unknown>;
  vault: Record<string, unknown>;
  desks: { front: { buttons: Record<string, unknown>; [setting: string]: unknown } };
}

export interface RigOptions {
  /** Picture of a face: faces are scored. */
  face?: string;
  /** Shared with other rigs, and stopped by who started it; without, one of its own. */
  world?: World;
  /** Name of the device; rigs of one world need different ones. */
  device?: string;
  /** Changes the config before it is written. */
  edit?: (config: ConfigDraft) => void;
}

/** One desk with everything that hangs on it, and somebody listening at the far end. */
export interface Rig extends World {
  readonly device: string;
  /** Config of the service, its data folder, its ring in RAM, and all of the rig's files but the ring. */
  readonly config: string;
  readonly data: string;
  readonly ring: string;
  readonly folder: string;
  readonly keyFile: string;
  readonly pty: Pty;
  /** Added to the service's environment. */
  readonly env: Record<string, string>;
  /** Where the service is started; null: here. */
  within: Namespaces | null;
  start(): Promise<RunningService>;
  /** The service that was started last. */
  readonly running: RunningService;
  /** What all services that ran have warned of, in their order. */
  readonly warnings: readonly string[];
  /** A start that a kill ends after so many ms. */
  startInVain(ms: number): Promise<void>;
  /** The events of one type, in the order in which they first arrived; each once, however often the device sent it. */
  events<T>(type: string): CloudEvent<T>[];
  /** Sequence numbers of all events, in the order in which they arrived. */
  sequences(): number[];
  /** Waits for the device to say of itself that it is `state`. What it said before message number `from` does not count. */
  untilState(state: string, ms: number, from?: number): Promise<void>;
  /** The clips, read with the device's key. */
  vault(): ClipVault;
  /** A clip of the vault as a file that can be played. */
  played(file: string): Promise<string>;
}

export interface CloudEvent<T> {
  id: string;
  type: string;
  time: string;
  sequence: string;
  data: T;
}

/** Starts the hardware, the broker and the subscriber; the service is started by the test. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const { face, device = 'clinic', edit } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ca-desk-'));
  // A tmpfs, as the config demands.
  const ring = mkdtempSync('/dev/shm/ca-ring-');
  const [pty, world] = await Promise.all([openPty(), options.world ?? startWorld(face)]);
  const { subscriber } = world;
  const data = join(folder, 'data');
  const keyFile = join(folder, 'secrets/vault.key');
  for (const made of ['data', 'secrets', 'played']) mkdirSync(join(folder, made));
  writeFileSync(keyFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  const config = join(folder, 'config.yaml');
  const draft = draftOf({ device, data, ring, keyFile, port: pty.port, world });
  if (face !== undefined) draft.scores = { face: true, notice: '2026-01-01', basis: 'consent of nobody' };
  edit?.(draft);
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(draft, null, 2));
  const services: RunningService[] = [];
  const topic = (name: string) => `ca/v1/${device}/${name}`;
  // A test that is tried again has a world that heard a device of the same name before.
  const first = subscriber.messages.length;
  const heard = (from = 0) => subscriber.messages.slice(Math.max(first, from));
  const rig: Rig = {
    ...{ device, config, data, ring, folder, keyFile, pty },
    ...{ pulse: world.pulse, broker: world.broker, subscriber, within: null, env: { ...world.pulse.env } },
    get camera() {
      return world.camera;
    },
    set camera(camera) {
      world.camera = camera;
    },
    get running() {
      const last = services.at(-1);
      if (!last) throw new Error('no service has been started');
      return last;
    },
    get warnings() {
      return services.flatMap(({ lines }) =>
        lines.filter((line) => /"level":"(warn|error|fatal)"/.test(line)),
      );
    },
    async start() {
      const service = await startService(config, rig.env, rig.within?.enter);
      services.push(service);
      return service;
    },
    startInVain: (ms) => startInVain(ms, config, rig.env, rig.within?.enter),
    events(type) {
      const events = heard()
        .filter((message) => message.topic === topic(`events/${type}`))
        .map(({ payload }) => payload as CloudEvent<never>);
      return [...new Map(events.map((event) => [event.id, event])).values()];
    },
    sequences: () =>
      heard()
        .filter((message) => message.topic.startsWith(topic('events/')))
        .map(({ payload }) => Number((payload as CloudEvent<unknown>).sequence)),
    untilState(state, ms, from = 0) {
      const says = ({ topic: at, payload }: Received) =>
        at === topic('state') && (payload as { state: string }).state === state;
      return until(`state ${state}`, () => heard(from).some(says), ms);
    },
    vault: () =>
      new ClipVault({
        folder: rig.within?.see(join(data, 'clips')) ?? join(data, 'clips'),
        key: () => parseDeviceKey(readFileSync(keyFile, 'utf8')),
      }),
    async played(file) {
      const path = join(folder, 'played', basename(file));
      await pipeline(rig.vault().open(file), createWriteStream(path));
      return path;
    },
    async stop() {
      for (const service of services) await service.kill();
      await pty.stop();
      if (!options.world) await world.stop();
      await rig.within?.stop();
      for (const made of [folder, ring]) rmSync(made, { recursive: true });
    },
  };
  return rig;
}

/** Waits until `holds`, looking often; rejects with `what` after `ms`. */
export async function until(what: string, holds: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(20);
  }
}

function draftOf(at: {
  device: string;
  data: string;
  ring: string;
  keyFile: string;
  port: string;
  world: World;
}): ConfigDraft {
  const { broker, camera, pulse } = at.world;
  const ms = (setting: keyof typeof SETTINGS) => `${SETTINGS[setting]}ms`;
  return {
    device: at.device,
    data: at.data,
    arrival: { confirm: ms('arrivalConfirm') },
    departure: { confirm: ms('departureConfirm') },
    contact: { served: ms('served') },
    press: { grace: ms('grace'), repeat: ms('repeat') },
    sensor: { lost: ms('sensorLost') },
    recording: {
      ...{ capture: 'audio+video', soundBasis: 'a test', keep: 'all', ring: at.ring },
      ...{ preRoll: ms('preRoll'), postRoll: ms('postRoll') },
    },
    vault: { key: { file: at.keyFile }, free: '0MB' },
    mqtt: { broker: 'external', url: broker.url },
    page: { port: 0 },
    clock: { trusted: true },
    desks: {
      front: {
        inputs: [{ driver: 'line-protocol', port: at.port }],
        buttons: {
          happy: { rating: 5, tag: 'positive' },
          soso: { rating: 3, tag: 'neutral' },
          unhappy: { rating: 1, tag: 'negative' },
        },
        camera: { driver: 'rtsp', url: camera.url, patient: { left: 0, right: 1 } },
        microphone: { driver: 'alsa', device: pulse.device },
      },
    },
  };
}
