import { backOff } from '../../device/back-off.ts';
import type { Clock } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import type { Answer } from './radar-commands.ts';
import { type Radar, RadarDialogue } from './radar-dialogue.ts';

/** The longest pause before it is tried again: what is rewired is set up soon. Milliseconds. */
const LONGEST_WAIT = 10_000;

/** Sets up a sensor whenever its port was opened or it came back, and tries again until it obeys. */
export class SensorSetUp {
  /** Why it is not set up; null when it is, or nobody knows yet. */
  refused: CaError | null = null;
  /** The sensor is being talked to: its answers should not wait. */
  talking = false;
  readonly #name: string;
  readonly #setUp: ((radar: Radar) => Promise<void>) | null;
  readonly #send: (bytes: Buffer) => void;
  readonly #clock: Clock;
  #stopping: AbortController | null = null;
  #dialogue: RadarDialogue | null = null;

  constructor(
    name: string,
    setUp: ((radar: Radar) => Promise<void>) | null,
    send: (bytes: Buffer) => void,
    clock: Clock,
  ) {
    this.#name = name;
    this.#setUp = setUp;
    this.#send = send;
    this.#clock = clock;
  }

  /** Begins, if it is not under way already. */
  begin(): void {
    if (!this.#setUp || this.#stopping) return;
    const stopping = new AbortController();
    this.#stopping = stopping;
    void this.#untilDone(this.#setUp, stopping.signal).then(() => {
      if (this.#stopping === stopping) this.#stopping = null;
    });
  }

  /** Stops at once, for instance because the port is closed. */
  end(): void {
    this.#stopping?.abort();
    this.#stopping = null;
    this.#dialogue = null;
    this.talking = false;
    this.refused = null;
  }

  heard(answer: Answer): void {
    this.#dialogue?.heard(answer);
  }

  async #untilDone(setUp: (radar: Radar) => Promise<void>, signal: AbortSignal): Promise<void> {
    const dialogue = new RadarDialogue(this.#name, this.#send, this.#clock, signal);
    this.#dialogue = dialogue;
    for (let failures = 1; ; failures++) {
      this.talking = true;
      const why = await setUp(dialogue).then(() => null, refusal);
      if (signal.aborted) return;
      this.talking = false;
      this.refused = why;
      if (!why) return;
      await this.#clock
        .sleep(`set-up of ${this.#name}`, backOff(failures, LONGEST_WAIT), signal)
        .catch(() => {});
      if (signal.aborted) return;
    }
  }
}

function refusal(error: unknown): CaError {
  return error instanceof CaError ? error : new CaError('CA_SENSOR_REFUSED', String(error), { cause: error });
}
