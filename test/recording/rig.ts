import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { Recorder, type RecorderOptions } from '../../device/recording/recorder.ts';
import { Spool } from '../../device/recording/spool.ts';
import { ClipVault } from '../../device/recording/vault.ts';
import { cameraSource } from '../../drivers/camera/cameras.ts';
import type { CameraSource, MicrophoneDriver } from '../../drivers/types.ts';
import { beeps } from '../stand-ins/beeps.ts';
import { type ClipTimes, clipTimesApart } from '../stand-ins/clip-times.ts';

/** What the recorder's tests have in common: a ring in RAM, a vault and a spool, a microphone that beeps, short rolls. */
export const PRE_ROLL = 3_000;
export const POST_ROLL = 1_000;
/** One frame of the RTSP camera. */
export const FRAME = 1000 / 15;
export const GOP = 1_000;

export const sleep = (ms: number) => systemClock.sleep('test', ms);

/** Where recorders keep things: `ring` in RAM, vault and spool in `folder`, all encrypted with `secret`. */
export interface Place {
  readonly ring: string;
  readonly folder: string;
  /** 64 hex digits. */
  readonly secret: string;
  readonly vault: ClipVault;
  readonly spool: Spool;
  remove(): Promise<void>;
}

/** A new place, or one that another process has left. */
export function placeAt(
  ring = mkdtempSync('/dev/shm/ca-test-'),
  folder = mkdtempSync(join(tmpdir(), 'ca-test-')),
  secret = randomBytes(32).toString('hex'),
): Place {
  const key = () => parseDeviceKey(secret);
  return {
    ...{ ring, folder, secret },
    vault: new ClipVault({ folder: join(folder, 'clips'), key }),
    spool: new Spool(join(folder, 'spool'), key),
    async remove() {
      for (const path of [ring, folder]) await rm(path, { recursive: true, force: true });
    },
  };
}

/** A clip of the vault as a plain file, for players; it goes with the place. */
export async function plain({ vault, folder }: Place, file: string): Promise<string> {
  const path = join(folder, basename(file));
  await pipeline(vault.open(file), createWriteStream(path));
  return path;
}

/** What a clip of the vault shows when it is played. */
export async function timesOf(place: Place, { file }: { file: string }): Promise<ClipTimes> {
  const path = await plain(place, file);
  const times = await clipTimesApart(path);
  await rm(path);
  return times;
}

export function rtsp(url: string, latency = 0): CameraSource {
  return cameraSource({ driver: 'rtsp', url, latency }, null);
}

/** Beeps on each wall-clock second. `rate`: what its crystal makes of 16 kHz. Can be pulled out and put back. */
export class BeepingMicrophone implements MicrophoneDriver {
  readonly name = 'beeps';
  readonly latency = 0;
  readonly channels = 1;
  readonly #rate: number;
  #plugged: AbortController | null = null;
  #give: (pcm: Buffer) => void = () => {};

  constructor(rate = 16_000) {
    this.#rate = rate;
  }

  start(give: (pcm: Buffer) => void): void {
    this.#give = give;
    this.plug();
  }

  plug(): void {
    this.#plugged = new AbortController();
    // A microphone that nobody hears for a moment loses nothing.
    beeps(this.#plugged.signal, this.#rate, Number.POSITIVE_INFINITY).on('data', this.#give);
  }

  unplug(): void {
    this.#plugged?.abort();
    this.#plugged = null;
  }

  async stop(): Promise<void> {
    this.unplug();
  }

  health() {
    if (this.#plugged) return { status: 'ok' as const };
    return { status: 'degraded' as const, reason: 'the microphone is unplugged' };
  }
}

export function recorderFor(
  { ring, vault, spool, secret }: Place,
  options: Pick<RecorderOptions, 'camera' | 'microphone'> & Partial<RecorderOptions>,
): Recorder {
  return new Recorder({
    ...{ ring, vault, spool },
    key: () => parseDeviceKey(secret),
    desk: 'front',
    capture: options.camera ? 'audio+video' : 'audio',
    ringOnDisk: false,
    preRoll: PRE_ROLL,
    postRoll: POST_ROLL,
    arrivalConfirm: 500,
    lag: 4_000,
    frameRate: null,
    makeRoom: async () => false,
    lamp: null,
    clock: systemClock,
    log: createLog('error'),
    ...options,
  });
}

/** Starts a recorder and waits until a clip would have its whole pre-roll. */
export async function started(recorder: Recorder): Promise<Recorder> {
  await recorder.start(AbortSignal.timeout(60_000));
  const until = systemClock.now().mono + 20_000;
  while (Number(recorder.health().detail?.segments) === 0) {
    if (systemClock.now().mono > until) throw new Error(`nothing recorded: ${recorder.health().reason}`);
    await sleep(100);
  }
  await sleep(PRE_ROLL + GOP);
  return recorder;
}

/** Resolves when it holds, with how long (ms) that took. */
export async function eventually(what: string, within: number, holds: () => boolean): Promise<number> {
  const began = systemClock.now().mono;
  while (!holds()) {
    if (systemClock.now().mono - began > within) throw new Error(`${what}: not within ${within} ms`);
    await sleep(50);
  }
  return systemClock.now().mono - began;
}

/**
 * How late (ms) the camera's pictures come, found as a technician does: what is seen and heard at once, a clap, is recorded
 * with a latency of 0, and the pictures are late by as much as its sound comes before them.
 */
export async function latencyByClap(url: string): Promise<number> {
  const place = placeAt();
  const microphone = new BeepingMicrophone();
  const recorder = recorderFor(place, { camera: rtsp(url), microphone, preRoll: 0, postRoll: 0 });
  try {
    await recorder.start(AbortSignal.timeout(60_000));
    await eventually('pictures', 20_000, () => Number(recorder.health().detail?.segments) > 0);
    recorder.begin('clap', systemClock.now());
    await sleep(3_500);
    const { lag } = await timesOf(place, await recorder.end('clap', systemClock.now()));
    return Math.max(0, Math.round(-(lag?.median ?? Number.NaN)));
  } finally {
    await recorder.stop();
    await place.remove();
  }
}

/** The ffmpegs whose command line holds `text`. */
export async function ffmpegsWith(text: string): Promise<number[]> {
  const found = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (commandLine.includes(text) && commandLine.startsWith('ffmpeg')) found.push(Number(entry));
  }
  return found;
}
