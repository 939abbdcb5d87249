import type { Clock, Timer } from '../device/clock.ts';
import { CaError } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Health, Service } from '../device/service.ts';
import type { VideoFrame } from '../drivers/types.ts';
import { CpuPacer } from './cpu-pacer.ts';
import type { FindResult } from './face-boxes.ts';
import type { FaceAnswer, FaceReady, FaceStart, FaceTask } from './face-worker.ts';
import { inWords, logModels } from './model-licences.ts';
import { ScoredFace } from './scored-face.ts';
import type { FaceJudge, FaceSession, Zone } from './session.ts';
import { type Cost, SupervisedWorker, type Work } from './supervised-worker.ts';

export type { FaceBox, FindResult } from './face-boxes.ts';

/** So many desks at most have a camera for a sensor; each asks for its next picture when it has its answer. */
const MOST_SEARCHES = 16;
/** After so many pictures the speed is known well enough to be logged: at five a second after the ten that it is the mean of. */
const KNOWN_AFTER = 50;

type FaceWork = Work<FaceTask, FaceAnswer>;

interface Search {
  readonly frame: VideoFrame;
  readonly answer: (result: FindResult) => void;
}

/** Says where faces are, and nothing of what they show. */
export interface FaceFinder {
  /** Never rejects. */
  find(frame: VideoFrame): Promise<FindResult>;
}

/**
 * Scores faces in a thread of its own, and finds them for desks whose camera is their sensor. The latest picture of each
 * session waits, and those it pushes out are dropped: a slow machine scores fewer pictures, never old ones. The sessions
 * take turns, as fast as the budget of CPU time allows. A search goes before scores and is not held back: somebody's
 * arrival hangs on it. A worker that dies or hangs is replaced; until then pictures are dropped, and the house does
 * not notice.
 */
export class FaceScorer implements Service, FaceFinder, FaceJudge {
  readonly name = 'face scorer';

  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #start: FaceStart;
  readonly #pacer: CpuPacer;
  readonly #othersCpu: () => number;
  readonly #worker: SupervisedWorker<FaceTask, FaceReady, FaceAnswer>;
  /** As of the last start: null until there was one. */
  #loaded: (FaceReady & { ms: number }) | null = null;

  /** Whose turn is next stands first. */
  readonly #sessions = new Set<ScoredFace>();
  #began = 0;
  #forget: number[] = [];
  #searches: Search[] = [];
  #wait: Timer | null = null;

  /** Counts since the service began: pictures looked at, those there was no time for, those held back by the budget, searches. */
  #looked = 0;
  #dropped = 0;
  #paced = 0;
  #searched = 0;
  /** What was wrong with the user's own net when it failed last. */
  #fault: string | null = null;

  /**
   * Without `expressions` faces are found and never scored: the net for it is not loaded. `cpu`: cores that all scores
   * may take together; `othersCpu`: how many of them others take. `own`: the folder of a net that takes the place of ours.
   */
  constructor(options: {
    clock: Clock;
    log: Logger;
    expressions?: boolean;
    cpu?: number;
    othersCpu?: () => number;
    own?: string | null;
  }) {
    const { clock, log, expressions = true, cpu = 0.5, othersCpu = () => 0, own = null } = options;
    this.#clock = clock;
    this.#log = log;
    this.#start = { expressions, own };
    this.#pacer = new CpuPacer(cpu);
    this.#othersCpu = othersCpu;
    this.#worker = new SupervisedWorker({
      name: 'face worker',
      entry: new URL('./face-worker.ts', import.meta.url),
      data: this.#start,
      clock,
      log,
      employer: {
        ready: (ready, ms) => this.#ready(ready, ms),
        next: () => this.#next(),
        gone: () => this.#gone(),
      },
    });
  }

  /** Resolves when the nets are warm, or when it is clear that they will have to be tried again later. */
  start(signal: AbortSignal): Promise<void> {
    return this.#worker.start(signal);
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  /** @throws CaError CA_SCORES_REFUSED where the zone is no part of a picture, or faces are only to be found */
  begin(zone: Zone): FaceSession {
    if (!this.#start.expressions)
      throw new CaError('CA_SCORES_REFUSED', 'faces are only found here, not scored', {
        remedy: 'Switch `scores.face` on, if the law lets you.',
      });
    const session = new ScoredFace({
      id: this.#began++,
      zone,
      clock: this.#clock,
      looker: {
        models: () => this.#loaded?.models ?? [],
        ready: () => this.#worker.ready,
        wake: () => this.#worker.wake(),
        skipped: () => this.#skipped(),
        ended: (ended) => this.#ended(ended),
      },
    });
    this.#sessions.add(session);
    return session;
  }

  /** Finds the faces of a picture. Never rejects; one that could not be searched is 'dropped'. */
  find(frame: VideoFrame): Promise<FindResult> {
    return new Promise((answer) => {
      if (!this.#worker.ready) return answer('dropped');
      this.#searches.push({ frame, answer });
      if (this.#searches.length > MOST_SEARCHES) this.#searches.shift()?.answer('dropped');
      this.#worker.wake();
    });
  }

  health(): Health {
    const { mono } = this.#clock.now();
    const cpu = this.#pacer.typical;
    const detail = {
      engine: this.#loaded?.engine ?? null,
      reason: this.#loaded?.reason ?? null,
      models: this.#loaded ? inWords(this.#loaded.models) : null,
      warmUpMs: this.#loaded && Math.round(this.#loaded.ms),
      cpuMsPerPicture: cpu === null ? null : Math.round(cpu * 1_000),
      picturesPerSecond: this.#pacer.rate(mono),
      cores: Number(this.#pacer.cores(mono).toFixed(3)),
      looked: this.#looked,
      dropped: this.#dropped,
      paced: this.#paced,
      searched: this.#searched,
      restarts: this.#worker.restarts,
      fault: this.#fault,
    };
    return { ...this.#worker.health(), detail };
  }

  #ready(ready: FaceReady, ms: number): void {
    const { engine, reason, models } = ready;
    if (!this.#loaded) {
      const warmUpMs = Math.round(ms);
      this.#log.info({ engine, reason, warmUpMs }, 'the face scorer is ready');
      logModels(this.#log, models);
    }
    this.#loaded = { engine, reason, models, ms };
  }

  #next(): FaceWork | null {
    const gone = this.#forget.shift();
    if (gone !== undefined)
      return { task: { kind: 'forget', session: gone }, hands: [], answered: () => {}, lost: () => {} };
    const search = this.#searches.shift();
    return search ? this.#find(search) : this.#look();
  }

  #find({ frame, answer }: Search): FaceWork {
    const { width, height } = frame;
    // A copy: handing over the frame's own memory would take it away from whoever else holds it, or a whole pool of Buffers.
    const rgb = new Uint8Array(frame.rgb);
    return {
      task: { kind: 'find', picture: { width, height, rgb } },
      hands: [rgb.buffer],
      answered: (found, cost) => {
        this.#pacer.alsoPaid(this.#clock.now().mono, this.#cpuOf(cost));
        this.#searched += 1;
        answer(found.kind === 'found' ? found.faces : 'dropped');
      },
      lost: () => answer('dropped'),
    };
  }

  /** The picture whose turn it is, unless the budget holds it back. */
  #look(): FaceWork | null {
    this.#wait?.cancel();
    const session = [...this.#sessions].find(({ waits }) => waits);
    if (!session) return null;
    const { mono } = this.#clock.now();
    const from = this.#mayLookAt(mono);
    if (from > mono) {
      this.#wait = this.#clock.after('next picture to score', from - mono, () => this.#worker.wake());
      return null;
    }
    const taken = session.take();
    if (!taken) return null;
    this.#pacer.take(mono);
    this.#sessions.delete(session);
    this.#sessions.add(session);
    const { picture, at } = taken;
    return {
      task: { kind: 'look', session: session.id, picture, at },
      hands: [picture.rgb.buffer],
      answered: (answer, cost) => {
        if (answer.kind !== 'looked') return;
        this.#paid(cost);
        if (answer.fault !== null) this.#failing(answer.fault);
        session.heard(answer.reading);
      },
      lost: () => session.lost(),
    };
  }

  #mayLookAt(now: number): number {
    return this.#pacer.next(now, { others: this.#othersCpu(), desks: this.#sessions.size });
  }

  #paid(cost: Cost): void {
    const { mono } = this.#clock.now();
    this.#pacer.paid(mono, this.#cpuOf(cost));
    this.#looked += 1;
    if (this.#looked !== KNOWN_AFTER) return;
    const { cpuMsPerPicture, picturesPerSecond } = this.health().detail ?? {};
    this.#log.info({ cpuMsPerPicture, picturesPerSecond }, 'the speed of the face scorer');
  }

  /** The face that it has no answer for is 'unsure'; others are read all the same. */
  #failing(fault: string): void {
    if (this.#fault !== fault) this.#log.warn({ fault }, 'the face net of your own fails');
    this.#fault = fault;
  }

  /** The native library computes in threads of its own, whose time nobody measures: there the time that passed is taken instead. */
  #cpuOf({ cpu, wall }: Cost): number {
    return this.#loaded?.engine === 'tfjs-node' ? Math.max(cpu, wall) : cpu;
  }

  #skipped(): 'dropped' | 'paced' {
    const { mono } = this.#clock.now();
    const paced = this.#worker.ready && this.#mayLookAt(mono) > mono;
    if (paced) this.#paced += 1;
    else this.#dropped += 1;
    return paced ? 'paced' : 'dropped';
  }

  #ended(session: ScoredFace): void {
    this.#sessions.delete(session);
    if (!this.#worker.ready) return;
    this.#forget.push(session.id);
    this.#worker.wake();
  }

  #gone(): void {
    this.#wait?.cancel();
    this.#forget = [];
    for (const { answer } of this.#searches.splice(0)) answer('dropped');
    for (const session of this.#sessions) session.restart();
  }
}
