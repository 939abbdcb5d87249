import { SerialPort } from 'serialport';
import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError, messageOf } from '../device/errors.ts';
import { degraded } from './degraded.ts';
import { type Line, LineParser } from './line-protocol.ts';
import type { DriverHealth, InputDriver, InputEvent } from './types.ts';

/** The longest pause before it is tried again. Milliseconds. */
const LONGEST_WAIT = 10_000;
/** Without a valid line for this long the device is lost: three times what it may take between two. Milliseconds. */
const SILENCE = 15_000;

/** A sensor, buttons or both on a serial port, speaking the line protocol. */
export class SerialInput implements InputDriver {
  readonly name: string;
  readonly #path: string;
  readonly #baud: number;
  readonly #clock: Clock;
  readonly #parser = new LineParser();
  #emit: (event: InputEvent) => void = () => {};
  #stopping: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  #silence: Timer | null = null;
  /** Why the device cannot be heard; null while it can, or may yet. */
  #lost: CaError | null = null;
  /** The presence last emitted; null when the next one is news whatever it says. */
  #present: boolean | null = null;
  /** Openings in vain since the last valid line. */
  #failures = 0;
  #lines = 0;

  constructor(path: string, baud: number, clock: Clock) {
    this.name = `line-protocol ${path}`;
    this.#path = path;
    this.#baud = baud;
    this.#clock = clock;
  }

  start(emit: (event: InputEvent) => void): void {
    this.#emit = emit;
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping?.abort();
    await this.#running;
  }

  health(): DriverHealth {
    const detail = { lines: this.#lines, ...this.#parser.dropped };
    return this.#lost ? degraded(this.#lost, detail) : { status: 'ok', detail };
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const why = await this.#session(signal);
      this.#silence?.cancel();
      if (signal.aborted) return;
      this.#lose(unreachable(this.#path, why));
      const wait = backOff(++this.#failures, LONGEST_WAIT);
      // The only way this rejects is `stop`, which the loop's condition sees.
      await this.#clock.sleep(`reopen ${this.#path}`, wait, signal).catch(() => {});
    }
  }

  /** One opening of the port. Resolves, with the reason, when it is closed again or could not be opened. */
  #session(signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve) => {
      let fault: unknown = null;
      const port = new SerialPort({ path: this.#path, baudRate: this.#baud, autoOpen: false });
      const close = (error?: unknown) => {
        fault ??= error;
        if (port.isOpen) port.close((failed) => failed && resolve(failed));
      };
      port.on('error', close);
      port.on('close', (error: unknown) => {
        signal.removeEventListener('abort', onAbort);
        resolve(error ?? fault);
      });
      const onAbort = () => close();
      signal.addEventListener('abort', onAbort);
      port.open((error) => {
        if (error) {
          signal.removeEventListener('abort', onAbort);
          return resolve(error);
        }
        if (signal.aborted) return close();
        this.#parser.reset();
        this.#listen();
        // Opening has thrown away what waited in the kernel: nothing old is stamped with now.
        port.on('data', (bytes: Buffer) => this.#hear(bytes));
      });
    });
  }

  #listen(): void {
    this.#silence?.cancel();
    this.#silence = this.#clock.after(`silence of ${this.#path}`, SILENCE, () =>
      this.#lose(
        new CaError(
          'CA_INPUT_SILENT',
          `${this.#path}: no valid line for ${SILENCE / 1_000} s at ${this.#baud} baud`,
        ),
      ),
    );
  }

  #hear(bytes: Buffer): void {
    const at = this.#clock.now();
    for (const line of this.#parser.push(bytes)) {
      this.#lines++;
      this.#failures = 0;
      this.#lost = null;
      this.#listen();
      const event = this.#news(line);
      if (event) this.#emit({ ...event, at });
    }
  }

  /** What of a line is new: repeats of the level are the device's sign of life. */
  #news(line: Line): { kind: 'presence'; present: boolean } | { kind: 'press'; button: string } | null {
    if (line.kind === 'alive') return null;
    if (line.kind === 'press') return line;
    if (line.present === this.#present) return null;
    this.#present = line.present;
    return line;
  }

  #lose(why: CaError): void {
    const already = this.#lost !== null;
    this.#lost = why;
    this.#present = null;
    if (!already) this.#emit({ kind: 'lost', at: this.#clock.now() });
  }
}

function unreachable(path: string, why: unknown): CaError {
  const said = why ? messageOf(why).replace(/^Error: /, '') : 'the port was closed';
  const options = /permission/i.test(said)
    ? { cause: why, remedy: 'Add the user of the service to the group `dialout`.' }
    : { cause: why };
  return new CaError('CA_INPUT_LOST', said.includes(path) ? said : `${path}: ${said}`, options);
}
