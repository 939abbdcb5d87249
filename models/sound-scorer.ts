import type { Clock } from '../device/clock.ts';
import type { Logger } from '../device/log.ts';
import type { Health, Service } from '../device/service.ts';
import { CpuUse } from './cpu-use.ts';
import { inWords, logModels } from './model-licences.ts';
import type { OwnSound } from './own/own-sound.ts';
import type { ModelUse } from './readings.ts';
import { ScoredSound } from './scored-sound.ts';
import type { SoundMeter, SoundSession } from './session.ts';
import type { SoundAnswer, SoundReady, SoundStart, SoundTask } from './sound-worker.ts';
import { RATE } from './speech-detector.ts';
import { SupervisedWorker, type Work } from './supervised-worker.ts';

const NO_MODELS: OwnSound = { voice: null, speech: null, phrases: {} };
/** After so many seconds of sound the speed is known well enough to be logged. */
const KNOWN_AFTER = 20;

/**
 * Listens to the sound of all desks in a thread of its own. The sessions take turns; of one that must wait for more than
 * five seconds the oldest sound is dropped. A worker that dies or hangs is replaced; until then sound is dropped, and
 * the house does not notice.
 */
export class SoundScorer implements Service, SoundMeter {
  readonly name = 'sound scorer';

  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #own: OwnSound;
  readonly #worker: SupervisedWorker<SoundTask, SoundReady, SoundAnswer>;
  readonly #use = new CpuUse();
  /** Null until the worker was ready once. */
  #loaded: { models: readonly ModelUse[]; ms: number } | null = null;
  /** Whose turn is next stands first. */
  readonly #sessions = new Set<ScoredSound>();
  #began = 0;
  #forget: number[] = [];
  /** Seconds since the service began, and what those that were heard took of the CPU. */
  #heard = 0;
  #dropped = 0;
  #spent = 0;
  #announced = false;
  /** What was wrong with the user's own voice model when it failed last. */
  #fault: string | null = null;

  /** `own`: models of the user's own. */
  constructor({ clock, log, own = NO_MODELS }: { clock: Clock; log: Logger; own?: OwnSound }) {
    this.#clock = clock;
    this.#log = log;
    this.#own = own;
    this.#worker = new SupervisedWorker({
      name: 'sound worker',
      entry: new URL('./sound-worker.ts', import.meta.url),
      data: { own } satisfies SoundStart,
      clock,
      log,
      employer: {
        ready: ({ models }, ms) => this.#ready(models, ms),
        next: () => this.#next(),
        gone: () => this.#gone(),
      },
    });
  }

  /** Resolves when the models are loaded, or when it is clear that they will have to be tried again later. */
  start(signal: AbortSignal): Promise<void> {
    return this.#worker.start(signal);
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  begin(channel: string, patient: 'left' | 'right' | null): SoundSession {
    const session = new ScoredSound({
      id: this.#began++,
      channel,
      patient,
      phrases: this.#own.speech === null ? null : Object.keys(this.#own.phrases),
      clock: this.#clock,
      listener: {
        models: () => this.#loaded?.models ?? [],
        ready: () => this.#worker.ready,
        wake: () => this.#worker.wake(),
        dropped: (seconds) => {
          this.#dropped += seconds;
        },
        ended: (ended) => this.#ended(ended),
      },
    });
    this.#sessions.add(session);
    return session;
  }

  /** Cores that listening takes: the mean over ten seconds. */
  get cpu(): number {
    return this.#use.cores(this.#clock.now().mono);
  }

  health(): Health {
    const detail = {
      models: this.#loaded && inWords(this.#loaded.models),
      warmUpMs: this.#loaded && Math.round(this.#loaded.ms),
      cpuMsPerSecond: this.#heard === 0 ? null : Math.round((this.#spent / this.#heard) * 1_000),
      cores: Number(this.cpu.toFixed(3)),
      heard: this.#heard,
      dropped: this.#dropped,
      restarts: this.#worker.restarts,
      fault: this.#fault,
    };
    return { ...this.#worker.health(), detail };
  }

  #ready(models: readonly ModelUse[], ms: number): void {
    if (!this.#loaded) {
      this.#log.info({ warmUpMs: Math.round(ms) }, 'the sound scorer is ready');
      logModels(this.#log, models);
    }
    this.#loaded = { models, ms };
  }

  #next(): Work<SoundTask, SoundAnswer> | null {
    const gone = this.#forget.shift();
    if (gone !== undefined)
      return { task: { kind: 'forget', session: gone }, hands: [], answered: () => {}, lost: () => {} };
    const session = [...this.#sessions].find(({ waits }) => waits);
    const piece = session?.take();
    if (!session || !piece) return null;
    this.#sessions.delete(session);
    this.#sessions.add(session);
    const { id, channel, patient } = session;
    const seconds = piece.samples.length / (patient === null ? 1 : 2) / RATE;
    return {
      task: { kind: 'hear', session: id, channel, patient, ...piece },
      hands: [piece.samples.buffer],
      answered: ({ readings, fault }, { cpu }) => {
        this.#paid(seconds, cpu);
        if (fault !== null) this.#failing(fault);
        session.heard(readings);
      },
      lost: () => session.lost(),
    };
  }

  #paid(seconds: number, cpu: number): void {
    this.#use.add(this.#clock.now().mono, cpu);
    this.#spent += cpu;
    this.#heard += seconds;
    if (this.#announced || this.#heard < KNOWN_AFTER) return;
    this.#announced = true;
    this.#log.info({ cpuMsPerSecond: this.health().detail?.cpuMsPerSecond }, 'the speed of the sound scorer');
  }

  /** The rest is listened to all the same. */
  #failing(fault: string): void {
    if (this.#fault !== fault) this.#log.warn({ fault }, 'the voice model of your own fails');
    this.#fault = fault;
  }

  #ended(session: ScoredSound): void {
    this.#sessions.delete(session);
    if (!this.#worker.ready) return;
    this.#forget.push(session.id);
    this.#worker.wake();
  }

  #gone(): void {
    this.#forget = [];
    for (const session of this.#sessions) session.restart();
  }
}
