import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { NOT_FOUND, spawnBound } from '../bound-process.ts';
import type { Clock, Timer } from '../clock.ts';
import { CaError } from '../errors.ts';
import { withoutCredentials } from '../log.ts';
import { type CapturePlan, captureArgs, FEED_FD, LIST_FD, PROGRESS_FD } from './ffmpeg-args.ts';
import { FrameSplitter } from './frame-splitter.ts';

/** A camera on the network is given this long (ms) for its first picture. */
export const OPENING = 12_000;
/**
 * The same where sound waits for it in this process, from which a power cut would take it: then the sound goes on alone.
 * ffmpeg itself gives a camera that says PLAY and sends no pictures 11 s; a busy machine needed 6 s for one that does.
 */
export const OPENING_BESIDE_SOUND = 8_000;
/**
 * Without new pictures, or a new segment of sound, for this long (ms), the run is given up. It is looked at, and ffmpeg
 * says how many pictures there are, twice a second: so a fault is known within 5 s.
 */
const STALL = 3_700;
/** One picture alone after this long (ms) is not a camera that has come back: ffmpeg gives out a last one when it loses it. */
const LONE = 1_500;
/** ffmpeg takes a moment to finish its last segment when asked to end (ms). */
const PATIENCE = 2_000;
/** ffmpeg hangs when this much sound (bytes of each channel) waits for it: half a minute. */
const BACKLOG = 1_000_000;

/** What a run says while it lasts. */
export interface RunListener {
  /** A segment is complete. Times in seconds of the run. */
  segment(name: string, start: number, end: number): void;
  /** One packed RGB picture. */
  picture(rgb: Buffer): void;
}

/** One ffmpeg, with the program that feeds it where the camera has one, from its start to its end. */
export class CaptureRun {
  readonly plan: CapturePlan;
  /** Resolves when ffmpeg is gone: with what went wrong, or null when `stop` was called. */
  readonly ended: Promise<CaError | null>;

  readonly #clock: Clock;
  readonly #listener: RunListener;
  readonly #opening: number;
  readonly #ffmpeg: ChildProcess;
  readonly #feed: ChildProcess | null;
  readonly #watchdog: Timer;
  #fault: CaError | null = null;
  #stopping = false;
  #segments = 0;
  #pictures = 0;
  #movedAt: number;
  #lastWords = '';
  /** The feed's own: that it has ended is all that ffmpeg can say of it. */
  #feedWords = '';

  /** `opening`: how long (ms) its camera is given for the first picture. */
  constructor(plan: CapturePlan, listener: RunListener, clock: Clock, opening: number) {
    this.plan = plan;
    this.#opening = opening;
    this.#listener = listener;
    this.#clock = clock;
    this.#movedAt = clock.now().mono;
    const frames = plan.camera && plan.frameRate !== null ? 'pipe' : 'ignore';
    const feed = plan.camera?.feed;
    const stdio = ['pipe', frames, 'pipe', 'pipe', feed ? 'pipe' : 'ignore', 'pipe'] as const;
    this.#ffmpeg = spawnBound('ffmpeg', captureArgs(plan), [...stdio]);
    this.#feed = feed ? this.#startFeed(feed) : null;
    const feedGone = closed(this.#feed);
    this.#listen();
    this.ended = new Promise((resolve) => {
      const done = (fault: CaError | null) => {
        this.#watchdog.cancel();
        this.#feed?.kill('SIGKILL');
        resolve(this.#stopping ? null : fault);
      };
      this.#ffmpeg.once('error', (cause) => done(toolMissing('setpriv (package util-linux)', cause)));
      this.#ffmpeg.once('close', async (code, signal) => {
        this.#feed?.kill('SIGKILL');
        await feedGone;
        done(this.#fault ?? this.#exitFault(code ?? signal));
      });
    });
    this.#watchdog = clock.every('capture watchdog', 500, () => this.#watch());
  }

  /** When pictures were last recorded, monotonic ms; null before the first. */
  get lastPicture(): number | null {
    return this.#pictures > 0 && this.plan.camera ? this.#movedAt : null;
  }

  /** True once a picture has been recorded. */
  get sawPictures(): boolean {
    return this.#pictures > 0;
  }

  /** The file that is being written, by the number of those complete. */
  get openSegment(): string {
    return this.#segment(this.#segments);
  }

  /** The last complete segment; null before the first. */
  get lastSegment(): string | null {
    return this.#segments === 0 ? null : this.#segment(this.#segments - 1);
  }

  /** Sound that follows what was written before, without a gap. */
  write(pcm: Buffer): void {
    const stdin = this.#ffmpeg.stdin;
    if (!stdin?.writable) return;
    if (stdin.writableLength > BACKLOG * this.plan.channels) this.#giveUp(stalled('ffmpeg takes no sound'));
    else stdin.write(pcm);
  }

  /** Ends the run; the last segment is finished and told. */
  async stop(): Promise<void> {
    if (this.#stopping) return void (await this.ended);
    this.#stopping = true;
    this.#ffmpeg.kill('SIGTERM');
    // It waits at its end for a microphone that has been closed.
    this.#ffmpeg.stdin?.end();
    const killer = this.#clock.after('capture kill', PATIENCE, () => this.#ffmpeg.kill('SIGKILL'));
    await this.ended;
    killer.cancel();
  }

  #segment(number: number): string {
    return this.plan.segments.replace('%06d', String(number).padStart(6, '0'));
  }

  #startFeed([command, ...args]: readonly [string, ...string[]]): ChildProcess {
    // The feed writes into the socket whose other end is ffmpeg's fd 4; our copy is closed before anything is read.
    const pipe = this.#ffmpeg.stdio[FEED_FD] as Writable;
    const feed = spawnBound(command, args, ['ignore', pipe, 'pipe']);
    pipe.destroy();
    feed.once('error', (cause) => this.#giveUp(toolMissing('setpriv (package util-linux)', cause)));
    feed.once('close', (code, signal) => {
      if (code === NOT_FOUND) this.#giveUp(toolMissing(command));
      else this.#giveUp(this.#cameraLost(`${command} ended with ${code ?? signal}`));
    });
    this.#heed(feed.stderr, (words) => {
      this.#feedWords = words;
    });
    return feed;
  }

  #listen(): void {
    // Node's types stop at 4.
    const stdio: readonly unknown[] = this.#ffmpeg.stdio;
    const { stdout, stderr } = this.#ffmpeg;
    // EPIPE when ffmpeg dies: its end is told by `close`.
    this.#ffmpeg.stdin?.on('error', () => {});
    this.#heed(stderr, (words) => {
      this.#lastWords = words;
    });
    if (stdout) {
      const splitter = new FrameSplitter((rgb) => this.#listener.picture(rgb));
      stdout.on('data', (chunk: Buffer) => splitter.push(chunk));
    }
    eachLine(stdio[LIST_FD], (line) => {
      const [name, start, end] = line.split(',');
      if (name === undefined || start === undefined || end === undefined) return;
      this.#segments += 1;
      if (!this.plan.camera) this.#movedAt = this.#clock.now().mono;
      this.#listener.segment(name, Number(start), Number(end));
    });
    eachLine(stdio[PROGRESS_FD], (line) => {
      const pictures = /^frame=\s*(\d+)/.exec(line)?.[1];
      if (pictures !== undefined) this.#count(Number(pictures));
    });
  }

  #count(pictures: number): void {
    const more = pictures - this.#pictures;
    const now = this.#clock.now().mono;
    if (more > 1 || (more === 1 && now - this.#movedAt < LONE)) this.#movedAt = now;
    this.#pictures = pictures;
  }

  #heed(stderr: unknown, note: (words: string) => void): void {
    eachLine(stderr, (line) => {
      if (line.trim() !== '') note(withoutCredentials(line.trim()).slice(0, 300));
    });
  }

  #watch(): void {
    const still = this.#clock.now().mono - this.#movedAt;
    if (still <= this.#patience()) return;
    const what = this.plan.camera ? `no pictures from ${this.plan.camera.name}` : 'no sound recorded';
    this.#giveUp(stalled(`${what} for ${Math.round(still / 1000)} s${this.#because()}`));
  }

  #patience(): number {
    if (this.plan.camera && this.#pictures === 0) return this.#opening;
    // Of sound alone only whole segments are told, and before the first one a busy machine must start ffmpeg.
    return this.plan.camera || this.#segments > 0 ? STALL : 2 * STALL;
  }

  #giveUp(fault: CaError): void {
    // A feed ends because its ffmpeg has ended, too.
    const gone = this.#ffmpeg.exitCode !== null || this.#ffmpeg.signalCode !== null;
    if (this.#stopping || gone) return;
    this.#fault ??= fault;
    this.#ffmpeg.kill('SIGKILL');
  }

  #exitFault(code: number | string | null): CaError {
    if (code === NOT_FOUND) return toolMissing('ffmpeg');
    const how = `ffmpeg ended with ${code}`;
    if (this.plan.camera && this.#pictures === 0) return this.#cameraLost(how);
    return new CaError('CA_CAPTURE_FAILED', how + this.#because());
  }

  #cameraLost(how: string): CaError {
    const because = this.#because();
    const remedy = REMEDIES.find(([words]) => words.test(because))?.[1];
    const said = `${this.plan.camera?.name}: ${how}${because}`;
    return new CaError('CA_CAMERA_LOST', said, remedy === undefined ? {} : { remedy });
  }

  #because(): string {
    const words = this.#feedWords || this.#lastWords;
    return words === '' ? '' : `: ${words}`;
  }
}

/** What the last words of ffmpeg, or of rpicam-vid, call for. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /resource busy|in use by another|failed to acquire/i,
    'Another program has the camera: `fuser -v /dev/video*` names it; end it. It is tried again by itself.',
  ],
  [/permission denied/i, 'Add the user of the service to the group `video`.'],
  [
    /no cameras available|camera is not available/i,
    'See whether `rpicam-hello --list-cameras` finds it, and check its ribbon cable; it is tried again by itself.',
  ],
];

/** Resolves when a process is gone and all it wrote has been read. */
async function closed(child: ChildProcess | null): Promise<void> {
  if (child) await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
}

function stalled(what: string): CaError {
  return new CaError('CA_CAPTURE_STALLED', what);
}

function toolMissing(program: string, cause?: unknown): CaError {
  return new CaError('CA_TOOL_MISSING', `${program} cannot be started`, { cause });
}

function eachLine(stream: unknown, take: (line: string) => void): void {
  createInterface({ input: stream as Readable }).on('line', take);
}
