import { backOff } from '../../device/back-off.ts';
import type { Clock } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import type { CaError } from '../../device/errors.ts';
import { degraded } from '../degraded.ts';
import type { DigitalInput, DriverHealth, LineListener } from '../types.ts';
import { Debounce } from './debounce.ts';
import { type LineAddress, lineFailed, nameOf } from './line.ts';

/** The longest pause before it is tried again. Milliseconds. */
const LONGEST_WAIT = 10_000;

/** One way to reach a line. */
export interface LineSource {
  readonly address: LineAddress;
  /**
   * Opens the line, tells its level and then each edge, bounces and all. Ends, with the line free again, when the
   * signal is aborted; rejects when the line cannot be opened or is lost.
   */
  listen(edge: (high: boolean, at: Instant) => void, signal: AbortSignal): Promise<void>;
}

/** A line that is read: debounced, and opened again with back-off as often as it is lost. */
export class DebouncedInput implements DigitalInput {
  readonly name: string;
  readonly #source: LineSource;
  readonly #clock: Clock;
  readonly #debounce: Debounce;
  #listener: LineListener | null = null;
  #stopping: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  /** Why the line cannot be read; null while it can, or may yet. */
  #fault: CaError | null = null;
  #failures = 0;
  #changes = 0;

  /** `debounce`: a level must hold this long to be told. Milliseconds. */
  constructor(source: LineSource, debounce: number, clock: Clock) {
    this.name = nameOf(source.address);
    this.#source = source;
    this.#clock = clock;
    this.#debounce = new Debounce(this.name, debounce, clock, (high, at) => {
      this.#changes++;
      this.#listener?.level(high, at);
    });
  }

  start(listener: LineListener): void {
    this.#listener = listener;
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  read(): boolean | null {
    return this.#debounce.told;
  }

  async stop(): Promise<void> {
    this.#stopping?.abort();
    this.#debounce.reset();
    await this.#running;
  }

  health(): DriverHealth {
    const detail = { changes: this.#changes, glitches: this.#debounce.glitches };
    return this.#fault ? degraded(this.#fault, detail) : { status: 'ok', detail };
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#source.listen((high, at) => {
          if (signal.aborted) return;
          this.#fault = null;
          this.#failures = 0;
          this.#debounce.edge(high, at);
        }, signal);
      } catch (error) {
        if (!signal.aborted) this.#lose(lineFailed(this.#source.address, error));
      }
      const wait = backOff(++this.#failures, LONGEST_WAIT);
      // The only way this rejects is `stop`, which the loop's condition sees.
      await this.#clock.sleep(`reopen ${this.name}`, wait, signal).catch(() => {});
    }
  }

  #lose(why: CaError): void {
    const already = this.#fault !== null;
    this.#fault = why;
    this.#debounce.reset();
    if (!already) this.#listener?.lost(why);
  }
}
