import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beeps } from '../stand-ins/beeps.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { openPty, type Pty } from '../stand-ins/pty.ts';
import { type Pulse, startPulse } from '../stand-ins/pulse.ts';
import { type RtspCamera, startRtspCamera } from '../stand-ins/rtsp-camera.ts';
import { type Received, type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { type RunningService, startService } from './service.ts';

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

/** Pictures a second of the camera, and from one keyframe to the next. */
export const FPS = 15;
export const GOP = 15;

/** One desk with everything that hangs on it, and somebody listening at the far end. */
export interface Rig {
  /** Config of the service, and its data folder. */
  readonly config: string;
  readonly data: string;
  readonly pty: Pty;
  readonly pulse: Pulse;
  readonly broker: Mosquitto;
  readonly subscriber: Subscriber;
  camera: RtspCamera;
  start(): Promise<RunningService>;
  /** The events of one type, in the order in which they arrived. */
  events<T>(type: string): CloudEvent<T>[];
  /** Sequence numbers of all events, in the order in which they arrived. */
  sequences(): number[];
  /** Waits for the device to say of itself that it is `state`. What it said before message number `from` does not count. */
  untilState(state: string, ms: number, from?: number): Promise<void>;
  stop(): Promise<void>;
}

export interface CloudEvent<T> {
  id: string;
  type: string;
  time: string;
  sequence: string;
  data: T;
}

/** Starts the hardware, the broker and the subscriber; the service is started by the test. With a picture of a face, faces are scored. */
export async function startRig(face?: string): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'ca-desk-'));
  // A tmpfs, as the config demands.
  const ring = mkdtempSync('/dev/shm/ca-ring-');
  const [pty, pulse, broker, camera] = await Promise.all([
    openPty(),
    startPulse(),
    startMosquitto(),
    startRtspCamera({ fps: FPS, gop: GOP, ...(face === undefined ? {} : { picture: face }) }),
  ]);
  const subscriber = await startSubscriber({ url: broker.url });
  const silence = new AbortController();
  const playing = pulse.play(beeps(silence.signal));
  const data = join(folder, 'data');
  mkdirSync(data);
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    yaml({ data, ring, port: pty.port, camera: camera.url, sound: pulse.device, broker: broker.url }) +
      (face === undefined ? '' : 'scores: { face: true, notice: 2026-01-01, rate: 2 }\n'),
  );
  const services: RunningService[] = [];
  const rig: Rig = {
    config,
    data,
    pty,
    pulse,
    broker,
    subscriber,
    camera,
    async start() {
      const service = await startService(config, pulse.env);
      services.push(service);
      return service;
    },
    events: (type) =>
      subscriber.messages
        .filter(({ topic }) => topic === `ca/v1/clinic/events/${type}`)
        .map(({ payload }) => payload as CloudEvent<never>),
    sequences: () =>
      subscriber.messages
        .filter(({ topic }) => topic.startsWith('ca/v1/clinic/events/'))
        .map(({ payload }) => Number((payload as CloudEvent<unknown>).sequence)),
    untilState: (state, ms, from = 0) =>
      until(`state ${state}`, () => subscriber.messages.slice(from).some(isState(state)), ms),
    async stop() {
      for (const service of services) await service.kill();
      silence.abort();
      await playing;
      await Promise.all([pty.stop(), pulse.stop(), rig.camera.stop()]);
      // The tests look at its faults themselves.
      await subscriber.stop().catch(() => {});
      await broker.stop();
      for (const made of [folder, ring]) rmSync(made, { recursive: true });
    },
  };
  return rig;
}

const isState = (state: string) => (message: Received) =>
  message.topic === 'ca/v1/clinic/state' && (message.payload as { state: string }).state === state;

/** Waits until `holds`, looking often; rejects with `what` after `ms`. */
export async function until(what: string, holds: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(20);
  }
}

function yaml(at: {
  data: string;
  ring: string;
  port: string;
  camera: string;
  sound: string;
  broker: string;
}) {
  return `
device: clinic
data: ${at.data}
arrival: { confirm: ${SETTINGS.arrivalConfirm}ms }
departure: { confirm: ${SETTINGS.departureConfirm}ms }
contact: { served: ${SETTINGS.served}ms }
press: { grace: ${SETTINGS.grace}ms, repeat: ${SETTINGS.repeat}ms }
sensor: { lost: ${SETTINGS.sensorLost}ms }
recording:
  capture: audio+video
  preRoll: ${SETTINGS.preRoll}ms
  postRoll: ${SETTINGS.postRoll}ms
  ring: ${at.ring}
mqtt: { broker: external, url: '${at.broker}' }
page: { port: 0 }
clock: { trusted: true }
desks:
  front:
    inputs: [{ driver: line-protocol, port: ${at.port} }]
    buttons:
      happy: { rating: 5, tag: positive }
      soso: { rating: 3, tag: neutral }
      unhappy: { rating: 1, tag: negative }
    camera: { driver: rtsp, url: '${at.camera}' }
    microphone: { driver: alsa, device: ${at.sound} }
`;
}
