import type { Clock } from '../device/clock.ts';
import type { ModelUse, SoundReading, SoundScores } from './readings.ts';
import type { SoundSession } from './session.ts';
import { SoundEvidence } from './sound-evidence.ts';
import { SOUND_THRESHOLDS } from './sound-pipeline.ts';
import { RATE } from './speech-detector.ts';

/** What goes to the worker at once, in seconds, and how many of these may wait there for their turn: five seconds. */
const PIECE = 0.25;
const MOST_WAITING = 20;
/** Sound that comes so much later (s) than its place is after a hole: the microphone was closed. */
const HOLE = 2;

/** Who has the sound listened to. */
export interface Listener {
  models(): readonly ModelUse[];
  ready(): boolean;
  /** Sound waits to be taken. */
  wake(): void;
  /** So many seconds are not listened to. */
  dropped(seconds: number): void;
  ended(session: ScoredSound): void;
}

/** Samples, and the seconds since the session began at which they begin. */
interface Piece {
  readonly at: number;
  readonly samples: Int16Array<ArrayBuffer>;
}

/** One session: its samples wait here for the worker, and its readings are gathered here. */
export class ScoredSound implements SoundSession {
  readonly id: number;
  readonly channel: string;
  readonly patient: 'left' | 'right' | null;
  readonly #clock: Clock;
  readonly #listener: Listener;
  readonly #began: number;
  readonly #phrases: readonly string[] | null;
  /** Four a second: an hour of them is a few megabytes. */
  readonly #readings: SoundReading[] = [];
  #dropped = 0;
  /** Bytes a second of all channels. */
  readonly #rate: number;
  #waiting: Piece[] = [];
  #filling: Uint8Array<ArrayBuffer>;
  #filled = 0;
  /** Seconds since the session began at which the piece that is being filled begins. */
  #at = 0;
  #ended = false;

  constructor(options: {
    id: number;
    channel: string;
    patient: 'left' | 'right' | null;
    /** Names of the phrases that are listened for; null: none. */
    phrases: readonly string[] | null;
    clock: Clock;
    listener: Listener;
  }) {
    this.id = options.id;
    this.channel = options.channel;
    this.patient = options.patient;
    this.#clock = options.clock;
    this.#listener = options.listener;
    this.#began = this.#clock.now().mono;
    this.#phrases = options.phrases;
    this.#rate = RATE * 2 * (options.patient === null ? 1 : 2);
    this.#filling = this.#empty();
  }

  get waits(): boolean {
    return this.#waiting.length > 0;
  }

  hear(pcm: Buffer): void {
    if (this.#ended) return;
    this.#skipHole(pcm.length);
    let from = 0;
    while (from < pcm.length) {
      const part = pcm.subarray(from, from + this.#filling.length - this.#filled);
      this.#filling.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === this.#filling.length) this.#full();
    }
    if (this.waits) this.#listener.wake();
  }

  /** The piece whose turn it is. */
  take(): Piece | null {
    return this.#waiting.shift() ?? null;
  }

  heard(readings: readonly SoundReading[]): void {
    if (this.#ended) return;
    this.#readings.push(...readings);
  }

  /** A piece will not be listened to. */
  lost(): void {
    this.#drop(PIECE);
  }

  /** The worker is gone: what waits may be too old when the next one can begin. */
  restart(): void {
    for (const _ of this.#waiting.splice(0)) this.lost();
  }

  scores(until = Number.POSITIVE_INFINITY): SoundScores {
    const evidence = new SoundEvidence({ stereo: this.patient !== null, phrases: this.#phrases });
    for (const reading of this.#readings) if (reading.from < until) evidence.add(reading);
    evidence.dropped(this.#dropped);
    return {
      kind: 'sound',
      models: this.#listener.models(),
      thresholds: { ...SOUND_THRESHOLDS },
      summary: evidence.summary(),
      bins: evidence.bins(),
    };
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting = [];
    this.#filling = new Uint8Array();
    this.#listener.ended(this);
  }

  #empty() {
    return new Uint8Array(this.#rate * PIECE);
  }

  #full(): void {
    const piece = { at: this.#at, samples: new Int16Array(this.#filling.buffer) };
    this.#filling = this.#empty();
    this.#filled = 0;
    this.#at += PIECE;
    if (!this.#listener.ready()) return this.lost();
    this.#waiting.push(piece);
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#waiting.shift();
    this.lost();
  }

  /** Time is counted by samples, of which there are none while the microphone is closed. */
  #skipHole(bytes: number): void {
    const now = (this.#clock.now().mono - this.#began) / 1_000;
    const late = now - (this.#at + (this.#filled + bytes) / this.#rate);
    if (late < HOLE) return;
    // No piece may have a hole in it: the one that was begun is given up.
    const begun = this.#filled / this.#rate;
    this.#filled = 0;
    this.#at += begun + late;
    if (begun > 0) this.#drop(begun);
  }

  #drop(seconds: number): void {
    if (this.#ended) return;
    this.#dropped += seconds;
    this.#listener.dropped(seconds);
  }
}
