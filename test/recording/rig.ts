import { mkdtempSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { Recorder, type RecorderOptions } from '../../device/recording/recorder.ts';
import { cameraSource } from '../../drivers/cameras.ts';
import type { CameraSource, MicrophoneDriver } from '../../drivers/types.ts';
import { beeps } from '../stand-ins/beeps.ts';

/** What the recorder's tests have in common: a ring in RAM, a microphone that beeps, short rolls. */
export const PRE_ROLL = 3_000;
export const POST_ROLL = 1_000;
/** One frame of the RTSP camera. */
export const FRAME = 1000 / 15;
export const GOP = 1_000;

export const sleep = (ms: number) => systemClock.sleep('test', ms);

export function newRing(): string {
  return mkdtempSync('/dev/shm/ca-test-');
}

export function rtsp(url: string): CameraSource {
  return cameraSource({ driver: 'rtsp', url }, null);
}

/** Beeps on each wall-clock second. `rate`: what its crystal makes of 16 kHz. Can be pulled out and put back. */
export class BeepingMicrophone implements MicrophoneDriver {
  readonly name = 'beeps';
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
    beeps(this.#plugged.signal, this.#rate).on('data', this.#give);
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
  options: Pick<RecorderOptions, 'ring' | 'camera' | 'microphone'> & Partial<RecorderOptions>,
): Recorder {
  return new Recorder({
    desk: 'front',
    capture: options.camera ? 'audio+video' : 'audio',
    preRoll: PRE_ROLL,
    postRoll: POST_ROLL,
    arrivalConfirm: 500,
    frameRate: null,
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
