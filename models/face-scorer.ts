import { Worker } from 'node:worker_threads';
import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError, messageOf } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Health, Service } from '../device/service.ts';
import type { VideoFrame } from '../drivers/types.ts';
import { detectorId } from './blazeface.ts';
import { expressionId } from './expression.ts';
import type { FindResult } from './face-boxes.ts';
import type { FaceResult } from './face-score.ts';
import type { WorkerMessage, WorkerStart, WorkerTask } from './face-worker.ts';

export type { FaceBox, FindResult } from './face-boxes.ts';
export type { FaceResult, FaceScore } from './face-score.ts';

/** A worker that has not come up, or not answered a picture, after this many milliseconds hangs. */
const START_LIMIT = 60_000;
const ANSWER_LIMIT = 10_000;
/** The longest pause (ms) before a worker is started again. */
const LONGEST_WAIT = 60_000;

/** So many desks at most have a camera for a sensor; each asks for its next picture when it has its answer. */
const MOST_SEARCHES = 16;

interface ScoreJob {
  readonly kind: 'score';
  readonly frame: VideoFrame;
  readonly answer: (result: FaceResult) => void;
}

interface FindJob {
  readonly kind: 'find';
  readonly frame: VideoFrame;
  readonly answer: (result: FindResult) => void;
}

type Job = ScoreJob | FindJob;

/** Says where faces are, and nothing of what they show. */
export interface FaceFinder {
  /** Never rejects. */
  find(frame: VideoFrame): Promise<FindResult>;
}

/**
 * Scores faces in a thread of its own, and finds them for desks whose camera is their sensor. One picture is in the
 * worker, the latest one to be scored waits, and those it pushed out are dropped: a slow machine scores fewer pictures,
 * never old ones. A search waits for its turn and goes before scores: somebody's arrival hangs on it. A worker that dies
 * or hangs is replaced; until then pictures are dropped, and the house does not notice.
 */
export class FaceScorer implements Service, FaceFinder {
  readonly name = 'face scorer';
  readonly models = { detector: detectorId(), expression: expressionId() };

  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #start: WorkerStart;
  #worker: Worker | null = null;
  #ready: { engine: string; reason: string } | null = null;
  /** Why no worker is ready. */
  #down = 'not started';
  #announced = false;
  /** The end of the last worker that was given up. */
  #ended: Promise<unknown> = Promise.resolve();

  #inWorker: (Job & { since: number }) | null = null;
  #waiting: ScoreJob | null = null;
  #searches: FindJob[] = [];
  #limit: Timer | null = null;
  #retry: Timer | null = null;
  /** Ends the wait of `start`. */
  #settled: () => void = () => {};

  /** Counts since the service began, and the running mean of an answer's time. */
  #frames = 0;
  #dropped = 0;
  #searched = 0;
  #restarts = 0;
  #failuresInARow = 0;
  #msPerFrame: number | null = null;

  /** Without `expressions` faces are found and never scored: the net for it is not loaded. */
  constructor({ clock, log, expressions = true }: { clock: Clock; log: Logger; expressions?: boolean }) {
    this.#clock = clock;
    this.#log = log;
    this.#start = { expressions };
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
      const job: ScoreJob = { kind: 'score', frame, answer };
      if (!this.#worker || !this.#ready || !this.#start.expressions) {
        this.#drop(job);
      } else if (this.#inWorker) {
        this.#drop(this.#waiting);
        this.#waiting = job;
      } else {
        this.#send(this.#worker, job);
      }
    });
  }

  /** Finds the faces of a picture. Never rejects; one that could not be searched is 'dropped'. */
  find(frame: VideoFrame): Promise<FindResult> {
    return new Promise((answer) => {
      const job: FindJob = { kind: 'find', frame, answer };
      if (!this.#worker || !this.#ready) return this.#drop(job);
      if (!this.#inWorker) return this.#send(this.#worker, job);
      this.#searches.push(job);
      if (this.#searches.length > MOST_SEARCHES) this.#drop(this.#searches.shift() ?? null);
    });
  }

  health(): Health {
    const { detector, expression } = this.models;
    const detail = {
      engine: this.#ready?.engine ?? null,
      reason: this.#ready?.reason ?? null,
      detector: `${detector.id} ${detector.version}`,
      expression: this.#start.expressions ? `${expression.id} ${expression.version}` : null,
      frames: this.#frames,
      dropped: this.#dropped,
      searched: this.#searched,
      restarts: this.#restarts,
      msPerFrame: this.#msPerFrame === null ? null : Math.round(this.#msPerFrame),
    };
    if (this.#ready) return { status: 'ok', detail };
    return { status: this.#worker ? 'degraded' : 'failed', reason: this.#down, detail };
  }

  #launch(): void {
    if (this.#failuresInARow === 0) this.#down = 'the nets are being loaded';
    // What the engine prints must not get between the lines of the log.
    const workerData = this.#start;
    const options = { workerData, stdout: true, stderr: true };
    const worker = new Worker(new URL('./face-worker.ts', import.meta.url), options);
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
      this.#answer(job, message);
    }
    const next = this.#searches.shift() ?? this.#waiting;
    if (next === this.#waiting) this.#waiting = null;
    if (next) this.#send(worker, next);
  }

  #answer(job: Job, message: Exclude<WorkerMessage, { kind: 'ready' }>): void {
    if (job.kind === 'score' && message.kind === 'scored') return job.answer(message.result);
    if (job.kind !== 'find' || message.kind !== 'found') return this.#drop(job);
    this.#searched += 1;
    job.answer(message.result);
  }

  #send(worker: Worker, job: Job): void {
    this.#inWorker = { ...job, since: this.#clock.now().mono };
    const { width, height } = job.frame;
    // A copy: handing over the frame's own memory would take it away from whoever else holds it, or a whole pool of Buffers.
    const rgb = new Uint8Array(job.frame.rgb);
    const task: WorkerTask = { kind: job.kind, picture: { width, height, rgb } };
    worker.postMessage(task, [rgb.buffer]);
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
    const left = [this.#inWorker, this.#waiting, ...this.#searches];
    this.#inWorker = null;
    this.#waiting = null;
    this.#searches = [];
    for (const job of left) this.#drop(job);
  }

  #drop(job: Job | null): void {
    if (!job) return;
    if (job.kind === 'score') this.#dropped += 1;
    job.answer('dropped');
  }
}
