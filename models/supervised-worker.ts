import { Worker } from 'node:worker_threads';
import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError, messageOf } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Health } from '../device/service.ts';
import type { WorkerMessage, WorkerOrder } from './worker-port.ts';

/** A worker that has not come up, or not answered a task, after this many milliseconds hangs. */
const START_LIMIT = 60_000;
const ANSWER_LIMIT = 10_000;
/** So long (ms) a worker may take to leave before it is ended by force. */
const LEAVE_LIMIT = 5_000;
/** The longest pause (ms) before a worker is started again. */
const LONGEST_WAIT = 60_000;

/** What an answer took, in seconds: of the thread's CPU, and from the asking to the answer. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

/** One thing to do, and what becomes of it: either `answered` or `lost` is called, once. */
export interface Work<Task, Answer> {
  readonly task: Task;
  /** Memory that goes over to the worker with the task, and is gone here. */
  readonly hands: readonly ArrayBuffer[];
  answered(answer: Answer, cost: Cost): void;
  /** The worker died or hung over it. */
  lost(): void;
}

/** Whoever has the worker work. */
export interface Employer<Task, Ready, Answer> {
  /** The worker can begin; it took `ms` to get there. Called after each start. */
  ready(ready: Ready, ms: number): void;
  /** The worker is free: what it shall do now, if anything. */
  next(): Work<Task, Answer> | null;
  /** The worker is gone, and with it all it knew. */
  gone(): void;
}

/**
 * A worker thread that is always there again: one that dies, or does not answer in time, is ended, and another is
 * started after a pause. One task is in it at a time; it fetches the next when it is free, and when it is woken.
 */
export class SupervisedWorker<Task, Ready, Answer> {
  readonly #name: string;
  readonly #entry: URL;
  readonly #data: unknown;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #employer: Employer<Task, Ready, Answer>;
  #worker: Worker | null = null;
  #ready = false;
  /** Why no worker is ready. */
  #down = 'not started';
  /** The end of all workers that were given up. */
  #ended: Promise<unknown> = Promise.resolve();
  #inWorker: { work: Work<Task, Answer>; since: number } | null = null;
  #startedAt = 0;
  #limit: Timer | null = null;
  #retry: Timer | null = null;
  /** Ends the wait of `start`. */
  #settled: () => void = () => {};
  #restarts = 0;
  #failuresInARow = 0;

  /** `name` as in "the face worker failed"; `entry`: the file that the thread begins with, `data` what it is given. */
  constructor(options: {
    name: string;
    entry: URL;
    data: unknown;
    clock: Clock;
    log: Logger;
    employer: Employer<Task, Ready, Answer>;
  }) {
    this.#name = options.name;
    this.#entry = options.entry;
    this.#data = options.data;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#employer = options.employer;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Resolves when the worker can begin, or when it is clear that it will have to be tried again later. */
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

  /** There may be something to do. */
  wake(): void {
    if (!this.#worker || !this.#ready || this.#inWorker) return;
    const work = this.#employer.next();
    if (!work) return;
    this.#inWorker = { work, since: this.#clock.now().mono };
    this.#tell(this.#worker, { kind: 'task', task: work.task }, work.hands);
    this.#expectAnswer(this.#worker, ANSWER_LIMIT);
  }

  health(): Pick<Health, 'status' | 'reason'> {
    if (this.#ready) return { status: 'ok' };
    return { status: this.#worker ? 'degraded' : 'failed', reason: this.#down };
  }

  #launch(): void {
    if (this.#failuresInARow === 0) this.#down = 'the models are being loaded';
    this.#startedAt = this.#clock.now().mono;
    // What the engines print must not get between the lines of the log.
    const worker = new Worker(this.#entry, { workerData: this.#data, stdout: true, stderr: true });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => this.#log.debug({ text }, `the ${this.#name} says`));
    }
    this.#worker = worker;
    worker.on('message', (message: WorkerMessage<Ready, Answer>) => {
      if (worker === this.#worker) this.#heard(message);
    });
    worker.on('messageerror', (error) => this.#failed(worker, error));
    worker.on('error', (error) => this.#failed(worker, error));
    worker.on('exit', (code) => this.#failed(worker, new Error(`it exited with code ${code}`)));
    this.#expectAnswer(worker, START_LIMIT);
  }

  #heard(message: WorkerMessage<Ready, Answer>): void {
    this.#limit?.cancel();
    const { mono } = this.#clock.now();
    if (message.kind === 'ready') {
      this.#ready = true;
      this.#employer.ready(message.ready, mono - this.#startedAt);
      this.#settled();
    } else {
      const done = this.#inWorker;
      this.#inWorker = null;
      // Coming up is no proof of health: a worker that dies of every task must be retried ever more slowly.
      this.#failuresInARow = 0;
      done?.work.answered(message.answer, { cpu: message.cpu, wall: (mono - done.since) / 1_000 });
    }
    this.wake();
  }

  #expectAnswer(worker: Worker, ms: number): void {
    this.#limit = this.#clock.after(`answer of the ${this.#name}`, ms, () =>
      this.#failed(worker, new Error(`it said nothing for ${ms / 1_000} s`)),
    );
  }

  /** A worker is lost, and another one starts later. */
  #failed(worker: Worker, cause: unknown): void {
    if (worker !== this.#worker) return;
    this.#failuresInARow += 1;
    const wait = Math.round(backOff(this.#failuresInARow, LONGEST_WAIT));
    const what = `the ${this.#name} failed: ${messageOf(cause)}`;
    this.#log.error({ err: new CaError('CA_SCORER_FAILED', what, { cause }), retryInMs: wait }, what);
    const remedy = remedyOf(cause);
    this.#abandon(`${what}; it is started again ${wait / 1_000} s after it failed${remedy && `. ${remedy}`}`);
    this.#retry = this.#clock.after(`restart of the ${this.#name}`, wait, () => {
      this.#restarts += 1;
      this.#launch();
    });
    this.#settled();
  }

  /** Ends the worker, if any. */
  #abandon(why: string): void {
    const worker = this.#worker;
    this.#worker = null;
    this.#ready = false;
    this.#down = why;
    this.#limit?.cancel();
    if (worker) this.#ended = Promise.all([this.#ended, this.#leave(worker)]).then(() => {});
    const lost = this.#inWorker;
    this.#inWorker = null;
    lost?.work.lost();
    this.#employer.gone();
  }

  /**
   * A thread that is ended by force in the midst of a native call takes the whole process with it: sherpa-onnx does not
   * bear that. So it is asked to leave when it is done, and forced only where it does not come to that.
   */
  async #leave(worker: Worker): Promise<void> {
    if (worker.threadId < 0) return;
    const left = new Promise((resolve) => worker.once('exit', resolve));
    this.#tell(worker, { kind: 'leave' });
    const force = this.#clock.after(`end of the ${this.#name}`, LEAVE_LIMIT, () => void worker.terminate());
    await left;
    force.cancel();
  }

  #tell(worker: Worker, order: WorkerOrder<Task>, hands: readonly ArrayBuffer[] = []): void {
    worker.postMessage(order, [...hands]);
  }
}

/** An error that a worker threw comes over as a plain one, with what was in it. */
function remedyOf(error: unknown): string {
  const remedy = error instanceof Error && 'remedy' in error ? error.remedy : null;
  return typeof remedy === 'string' ? remedy : '';
}
