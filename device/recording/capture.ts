import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CameraSource,
  type MicrophoneDriver,
  SAMPLE_RATE,
  type VideoFrame,
} from '../../drivers/types.ts';
import { backOff } from '../back-off.ts';
import type { Clock, Timer } from '../clock.ts';
import { CaError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { cameraAnswers, resolved } from './camera-probe.ts';
import { CaptureRun, OPENING, OPENING_BESIDE_SOUND } from './capture-run.ts';
import { FRAME_HEIGHT, FRAME_WIDTH } from './ffmpeg-args.ts';
import type { Segment } from './ring.ts';
import { openTimeline } from './ring-folder.ts';
import { MOST_SILENCES, SoundTrack, type Stretch } from './sound-track.ts';
import { isOld, newTimeline, stepped, type Timeline, toMono, toSeconds, wallOffset } from './timeline.ts';
import { indexIfThere } from './ts-index.ts';

export interface CaptureOptions {
  readonly camera: CameraSource | null;
  readonly microphone: MicrophoneDriver | null;
  /** RGB pictures a second; null for none. */
  readonly frameRate: number | null;
  /** The desk's folder in RAM. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** True while no contact needs the timeline that is running. */
  readonly idle: () => boolean;
  readonly onSegment: (segment: Segment) => void;
  readonly onFrame: (frame: VideoFrame) => void;
  /** Samples of the microphone as they come. */
  readonly onSound: (pcm: Buffer) => void;
}

/** Pictures or samples younger than this (ms) are arriving. */
const FRESH = 2_000;
/** The longest pause (ms) before capture, or the camera, is tried again. */
const LONGEST_WAIT = 10_000;
/** A run that lasted this long (ms) was a good one: the next fault is a new one. */
const GOOD_RUN = 30_000;
/** ffmpeg's own second 0 lies this long (ms) before anything it captures: AAC begins 64 ms before its first sample. */
const RUN_LEAD = 1_000;
/** 1024 samples (ms). The last of a run lasts this long, and the next run begins with an empty one. */
const AAC_FRAME = (1024 / SAMPLE_RATE) * 1000;

/**
 * Keeps one ffmpeg running and tells what it has captured. When the camera fails, the sound goes on alone, without a
 * gap, until the camera answers again.
 */
export class Capture {
  readonly #options: CaptureOptions;
  readonly #abort = new AbortController();
  #timeline: Timeline;
  #sound: SoundTrack | null = null;
  #soundUntil = Number.NEGATIVE_INFINITY;
  #run: CaptureRun | null = null;
  #runs = 0;
  #failures = 0;
  #blind = false;
  /** The camera has just been found, so it is worth its time. */
  #found = false;
  #fault: CaError | null = null;
  #loop: Promise<void> = Promise.resolve();
  #filler: Timer | null = null;
  #held: Hold | null = null;
  #hurry = new AbortController();
  #running = false;
  #heard: number | null = null;
  /** Of the sound before the last `hold`. */
  #silences: readonly Stretch[] = [];

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#timeline = newTimeline(options.clock.now());
  }

  start(): void {
    const { microphone, camera } = this.#options;
    if (!this.#held) this.#listen();
    if (microphone || camera) this.#loop = this.#keepRunning(this.#abort.signal);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#held?.release();
    await this.#deafen();
    await this.#run?.stop();
    await this.#loop;
    this.#running = false;
    this.#held?.rest();
  }

  /**
   * Lets go of camera and microphone, and resolves when nothing is captured any more; what was captured is told. Before
   * `start`, nothing is opened at all.
   */
  async hold(): Promise<void> {
    if (this.#held) {
      this.#held.wanted = true;
      return this.#held.resting;
    }
    const hold = newHold();
    this.#held = hold;
    this.#hurry.abort();
    this.#hurry = new AbortController();
    await this.#deafen();
    await this.#run?.stop();
    if (!this.#running) hold.rest();
    await hold.resting;
  }

  /** Goes on after `hold`, once that has come to rest. Nothing of the time between is captured. */
  release(): void {
    const held = this.#held;
    if (!held) return;
    held.wanted = false;
    void held.resting.then(() => {
      if (this.#held !== held || held.wanted || this.#abort.signal.aborted) return;
      this.#held = null;
      this.#blind = false;
      this.#failures = 0;
      if (this.#running) this.#listen();
      held.release();
    });
  }

  get timeline(): Timeline {
    return this.#timeline;
  }

  /** The segment that is being written; null between two runs. */
  get openSegment(): string | null {
    return this.#run?.openSegment ?? null;
  }

  /** What keeps pictures or sound from being captured now. */
  get fault(): CaError | null {
    return this.#fault;
  }

  /** How often ffmpeg has been started. */
  get runs(): number {
    return this.#runs;
  }

  /** When the microphone last gave samples, monotonic; null if never. */
  get heard(): number | null {
    return this.#heard;
  }

  /** True while pictures or samples arrive: what the lamp shows. */
  get live(): boolean {
    const recently = this.#options.clock.now().mono - FRESH;
    if (!this.#run) return false;
    return (this.#heard ?? recently) > recently || (this.#run.lastPicture ?? recently) > recently;
  }

  /** Stretches (monotonic ms) of the last hours in which silence stands for a microphone that gave nothing. */
  get silences(): readonly Stretch[] {
    return [...this.#silences, ...(this.#sound?.silences ?? [])];
  }

  #listen(): void {
    const { microphone, clock } = this.#options;
    if (!microphone) return;
    const { latency } = microphone;
    this.#silences = this.silences.slice(-MOST_SILENCES);
    const sound = new SoundTrack(clock.now().mono - latency, microphone.channels);
    this.#sound = sound;
    this.#soundUntil = Number.NEGATIVE_INFINITY;
    microphone.start((pcm) => {
      this.#heard = clock.now().mono;
      // Between two runs, too: the next begins with it.
      const taken = sound.take(pcm, this.#heard - latency);
      this.#run?.write(taken);
      this.#options.onSound(pcm);
    });
    this.#filler = clock.every('silence', 250, () => {
      const silence = sound.fill(clock.now().mono - latency);
      if (silence) this.#run?.write(silence);
    });
  }

  async #deafen(): Promise<void> {
    this.#filler?.cancel();
    await this.#options.microphone?.stop();
  }

  async #keepRunning(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    this.#running = true;
    while (!signal.aborted) {
      if (this.#held) {
        this.#held.rest();
        await this.#held.released;
        continue;
      }
      const began = clock.now().mono;
      const sawBefore = !this.#blind;
      const fault = await this.#once(signal).catch(captureFailed);
      if (signal.aborted) return;
      if (!fault || this.#held) continue;
      this.#fault = fault;
      log.warn({ err: fault }, 'capture interrupted');
      if (clock.now().mono - began > GOOD_RUN) this.#failures = 0;
      // Where there is sound, it goes on at once, alone, and the camera is looked for beside it.
      if (sawBefore && this.#blind) continue;
      await this.#pause(backOff(++this.#failures, LONGEST_WAIT), signal);
    }
  }

  /** Also ended by `hold`, which must not wait for it. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#hurry.signal]);
    await this.#options.clock.sleep('capture restart', ms, either).catch(() => {});
  }

  /** One run, to its end. Returns what ended it, null when it was us. */
  async #once(signal: AbortSignal): Promise<CaError | null> {
    const { clock, idle } = this.#options;
    if (isOld(this.#timeline, clock.now().mono) && idle()) this.#timeline = newTimeline(clock.now());
    const folder = await openTimeline(this.#options.folder, this.#timeline);
    const camera = this.#blind ? null : await this.#openCamera(signal);
    if (signal.aborted || this.#held) return null;

    const run = this.#startRun(folder, camera);
    const over = new AbortController();
    const offset = wallOffset(clock.now());
    const rounds = clock.every('clock step', 1_000, () => {
      const now = clock.now();
      if (stepped(now, offset) || (isOld(this.#timeline, now.mono) && idle())) void run.stop();
    });
    if (this.#blind) void this.#lookForCamera(run, over.signal);

    const fault = await run.ended;
    rounds.cancel();
    over.abort();
    this.#run = null;
    await this.#closeBooks(run);
    const lostCamera = fault?.code === 'CA_CAMERA_LOST' || fault?.code === 'CA_CAPTURE_STALLED';
    this.#blind = this.#sound !== null && (run.plan.camera ? lostCamera : fault !== null && this.#blind);
    return fault;
  }

  /** Without it the sound goes on alone. */
  async #openCamera(signal: AbortSignal): Promise<CameraSource | null> {
    const { camera } = this.#options;
    try {
      return camera && (await resolved(camera, AbortSignal.any([signal, this.#hurry.signal])));
    } catch (fault) {
      this.#blind = this.#sound !== null;
      throw fault;
    }
  }

  #startRun(folder: string, camera: CameraSource | null): CaptureRun {
    const { clock, frameRate } = this.#options;
    const now = clock.now();
    const kept = this.#sound?.since(this.#soundUntil) ?? null;
    const late = this.#options.camera?.latency ?? 0;
    const zero = Math.min(now.mono - late, kept?.from ?? now.mono) - RUN_LEAD;
    const timeline = this.#timeline;
    this.#runs += 1;
    const plan = {
      camera,
      soundFrom: kept && (kept.from + wallOffset(now)) / 1000,
      channels: this.#options.microphone?.channels ?? 1,
      runZero: (zero + wallOffset(now)) / 1000,
      runStart: toSeconds(timeline, zero),
      frameRate,
      segments: join(folder, `${String(this.#runs).padStart(6, '0')}-%06d.ts`),
    };
    const listener = {
      segment: (name: string, start: number, end: number) => {
        if (run.sawPictures || !this.#options.camera) this.#fault = null;
        this.#tell(join(folder, name), zero + start * 1000, zero + end * 1000);
      },
      picture: (rgb: Buffer) =>
        this.#options.onFrame({ width: FRAME_WIDTH, height: FRAME_HEIGHT, rgb, at: clock.now() }),
    };
    const opening = this.#sound && !this.#found ? OPENING_BESIDE_SOUND : OPENING;
    this.#found = false;
    const run = new CaptureRun(plan, listener, clock, opening);
    this.#run = run;
    if (kept && kept.pcm.length > 0) run.write(kept.pcm);
    return run;
  }

  async #lookForCamera(run: CaptureRun, over: AbortSignal): Promise<void> {
    const { camera, clock } = this.#options;
    for (let failures = 1; camera && !over.aborted; failures++) {
      await clock.sleep('camera probe', backOff(failures, LONGEST_WAIT), over).catch(() => {});
      if (over.aborted || !(await cameraAnswers(camera, clock, over))) continue;
      this.#blind = false;
      this.#found = true;
      await run.stop();
    }
  }

  /** An ffmpeg that was killed has not told its last segment. And the next run's sound begins where this one's ends. */
  async #closeBooks(run: CaptureRun): Promise<void> {
    const at = (seconds: number) => toMono(this.#timeline, seconds);
    const open = await indexIfThere(run.openSegment);
    const tracks = [open?.video, open?.audio].filter((track) => track != null);
    if (tracks.length > 0) {
      const start = Math.min(...tracks.map((track) => track.first));
      const end = Math.max(...tracks.map((track) => track.last));
      this.#tell(run.openSegment, at(start), at(end));
    }
    const audio =
      open?.audio ?? (run.lastSegment === null ? null : await indexIfThere(run.lastSegment))?.audio;
    if (audio) this.#soundUntil = at(audio.last) + 2 * AAC_FRAME;
  }

  #tell(file: string, start: number, end: number): void {
    // In RAM, so without waiting.
    const bytes = statSync(file, { throwIfNoEntry: false })?.size;
    if (bytes !== undefined) this.#options.onSegment({ file, start, end, bytes });
  }
}

/** Between `hold` and `release`: `resting` resolves when the capture has come to rest, `released` when it may go on. */
interface Hold {
  /** False once it has been released, before it came to rest. */
  wanted: boolean;
  readonly resting: Promise<void>;
  readonly released: Promise<void>;
  rest(): void;
  release(): void;
}

function newHold(): Hold {
  const resting = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  return {
    wanted: true,
    resting: resting.promise,
    released: released.promise,
    rest: resting.resolve,
    release: released.resolve,
  };
}

function captureFailed(cause: unknown): CaError {
  if (cause instanceof CaError) return cause;
  return new CaError('CA_CAPTURE_FAILED', `ffmpeg cannot be started: ${messageOf(cause)}`, { cause });
}
