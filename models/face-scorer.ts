import { Worker } from 'node:worker_threads';
import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError, messageOf } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Health, Service } from '../device/service.ts';
import type { VideoFrame } from '../drivers/types.ts';
import { detectorId } from './blazeface.ts';
import { expressionId } from './expression.ts';
import type { FaceResult } from './face-score.ts';
import type { WorkerMessage } from './face-worker.ts';
import type { Picture } from './picture.ts';

export type { FaceResult, FaceScore } from './face-score.ts';

/** A worker that has not come up, or not answered a picture, after this many milliseconds hangs. */
const START_LIMIT = 60_000;
const ANSWER_LIMIT = 10_000;
/** The longest pause (ms) before a worker is started again. */
const LONGEST_WAIT = 60_000;

interface Job {
  readonly frame: VideoFrame;
  readonly answer: (result: FaceResult) => void;
}

/**
 * Scores faces in a thread of its own. One picture is in the worker, the latest one waits, and those it pushed out
 * are dropped: a slow machine scores fewer pictures, never old ones. A worker that dies or hangs is replaced;
 * until then pictures are dropped, and the house does not notice.
 */
export class FaceScorer implements Service {
  readonly name = 'face scorer';
  readonly models = { detector: detectorId(), expression: expressionId() };

  readonly #clock: Clock;
  readonly #log: Logger;
  #worker: Worker | null = null;
  #ready: { engine: string; reason: string } | null = null;
  /** Why no worker is ready. */
  #down = 'not started';
  #announced = false;
  /** The end of the last worker that was given up. */
  #ended: Promise<unknown> = Promise.resolve();

  #inWorker: (Job & { since: number }) | null = null;
  #waiting: Job | null = null;
  #limit: Timer | null = null;
  #retry: Timer | null = null;
  /** Ends the wait of `start`. */
  #settled: () => void = () => {};

  /** Counts since the service began, and the running mean of an answer's time. */
  #frames = 0;
  #dropped = 0;
  #restarts = 0;
  #failuresInARow = 0;
  #msPerFrame: number | null = null;

  constructor(options: { clock: Clock; log: Logger }) {
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Resolves when the nets are warm, or when it is clear that they will have to be tried again later. */
  async start(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.#launch();
    });
  }

  async stop(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = null;
    this.#abandon('stopped');
    this.#settled();
    await this.#ended;
  }

  /** Scores the largest face of a picture. Never rejects; a picture that could not be scored is 'dropped'. */
  score(frame: VideoFrame): Promise<FaceResult> {
    this.#frames += 1;
    return new Promise((answer) => {
      const job = { frame, answer };
      if (!this.#worker || !this.#ready) {
        this.#drop(job);
      } else if (this.#inWorker) {
        this.#drop(this.#waiting);
        this.#waiting = job;
      } else {
        this.#send(this.#worker, job);
      }
    });
  }

  health(): Health {
    const { detector, expression } = this.models;
    const detail = {
      engine: this.#ready?.engine ?? null,
      reason: this.#ready?.reason ?? null,
      detector: `${detector.id} ${detector.version}`,
      expression: `${expression.id} ${expression.version}`,
      frames: this.#frames,
      dropped: this.#dropped,
      restarts: this.#restarts,
      msPerFrame: this.#msPerFrame === null ? null : Math.round(this.#msPerFrame),
    };
    if (this.#ready) return { status: 'ok', detail };
    return { status: this.#worker ? 'degraded' : 'failed', reason: this.#down, detail };
  }

  #launch(): void {
    if (this.#failuresInARow === 0) this.#down = 'the nets are being loaded';
    // What the engine prints must not get between the lines of the log.
    const worker = new Worker(new URL('./face-worker.ts', import.meta.url), { stdout: true, stderr: true });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => this.#log.debug({ text }, 'the face worker says'));
    }
    this.#worker = worker;
    worker.on('message', (message: WorkerMessage) => {
      if (worker === this.#worker) this.#heard(worker, message);
    });
    worker.on('error', (error) => this.#failed(worker, error));
    worker.on('exit', (code) => this.#failed(worker, new Error(`it exited with code ${code}`)));
    this.#expectAnswer(worker, START_LIMIT);
  }

  #heard(worker: Worker, message: WorkerMessage): void {
    this.#limit?.cancel();
    if (message.kind === 'ready') {
      const { engine, reason } = message;
      if (!this.#announced)
        this.#log.info({ engine, reason, models: this.models }, 'the face scorer is ready');
      this.#announced = true;
      this.#ready = { engine, reason };
      this.#settled();
      return;
    }
    const job = this.#inWorker;
    this.#inWorker = null;
    // Coming up is no proof of health: a worker that dies of every picture must be retried ever more slowly.
    this.#failuresInARow = 0;
    if (job) {
      const ms = this.#clock.now().mono - job.since;
      this.#msPerFrame = this.#msPerFrame === null ? ms : 0.9 * this.#msPerFrame + 0.1 * ms;
      job.answer(message.result);
    }
    const next = this.#waiting;
    this.#waiting = null;
    if (next) this.#send(worker, next);
  }

  #send(worker: Worker, job: Job): void {
    this.#inWorker = { ...job, since: this.#clock.now().mono };
    const { width, height } = job.frame;
    // A copy: handing over the frame's own memory would take it away from whoever else holds it, or a whole pool of Buffers.
    const rgb = new Uint8Array(job.frame.rgb);
    worker.postMessage({ width, height, rgb } satisfies Picture, [rgb.buffer]);
    this.#expectAnswer(worker, ANSWER_LIMIT);
  }

  #expectAnswer(worker: Worker, ms: number): void {
    this.#limit = this.#clock.after('answer of the face worker', ms, () =>
      this.#failed(worker, new Error(`it said nothing for ${ms / 1000} s`)),
    );
  }

  /** A worker is lost: its pictures are dropped, and another one starts later. */
  #failed(worker: Worker, cause: unknown): void {
    if (worker !== this.#worker) return;
    this.#failuresInARow += 1;
    const wait = Math.round(backOff(this.#failuresInARow, LONGEST_WAIT));
    const what = `the face worker failed: ${messageOf(cause)}`;
    this.#log.error({ err: new CaError('CA_SCORER_FAILED', what, { cause }), retryInMs: wait }, what);
    this.#abandon(`${what}; it is started again ${wait / 1000} s after it failed`);
    this.#retry = this.#clock.after('restart of the face worker', wait, () => {
      this.#restarts += 1;
      this.#launch();
    });
    this.#settled();
  }

  /** Ends the worker, if any, and everything that waits for it. */
  #abandon(why: string): void {
    const worker = this.#worker;
    this.#worker = null;
    this.#ready = null;
    this.#down = why;
    this.#limit?.cancel();
    if (worker) this.#ended = worker.terminate();
    for (const job of [this.#inWorker, this.#waiting]) this.#drop(job);
    this.#inWorker = null;
    this.#waiting = null;
  }

  #drop(job: Job | null): void {
    if (!job) return;
    this.#dropped += 1;
    job.answer('dropped');
  }
}
