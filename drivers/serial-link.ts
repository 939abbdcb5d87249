import { existsSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { backOff } from '../device/back-off.ts';
import type { Clock } from '../device/clock.ts';
import type { Instant } from '../device/contacts/model.ts';
import { CaError, messageOf } from '../device/errors.ts';
import { type Dropped, type Line, LineParser } from './line-protocol.ts';

/** The longest pause before it is tried again. Milliseconds. */
const LONGEST_WAIT = 10_000;
/** How often an open port is looked for. Milliseconds. */
const WATCH = 250;

/** One part of the device at the other end: its sensor and buttons, or its lamp. */
export interface SerialListener {
  /** The port is open; or was, when the listener came. */
  opened(): void;
  /** A valid line, and when its bytes arrived. */
  heard(line: Line, at: Instant): void;
  /** The port was closed or could not be opened. It is tried again by itself. */
  closed(why: CaError): void;
}

/** A serial port that speaks the line protocol. Open while anybody listens; reopens by itself; never throws. */
export class SerialLink {
  readonly path: string;
  readonly baud: number;
  readonly #clock: Clock;
  readonly #parser = new LineParser();
  readonly #listeners = new Set<SerialListener>();
  #stopping: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  /** Null while it is closed. */
  #port: SerialPort | null = null;
  /** Why it is closed; null while it is open, or may yet be. */
  #fault: CaError | null = null;
  /** Openings in vain since the last valid line. */
  #failures = 0;
  #lines = 0;

  constructor(path: string, baud: number, clock: Clock) {
    this.path = path;
    this.baud = baud;
    this.#clock = clock;
  }

  /** The first opens the port. Attached again, a listener changes nothing. */
  attach(listener: SerialListener): void {
    if (this.#listeners.has(listener)) return;
    this.#listeners.add(listener);
    if (!this.#stopping) {
      this.#stopping = new AbortController();
      // A port that is still being closed cannot be opened.
      const { signal } = this.#stopping;
      this.#running = this.#running.then(() => this.#run(signal));
    } else if (this.#port) listener.opened();
    else if (this.#fault) listener.closed(this.#fault);
  }

  /** The last closes the port; resolves when it is closed. */
  async detach(listener: SerialListener): Promise<void> {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
    this.#stopping?.abort();
    this.#stopping = null;
    this.#port = null;
    await this.#running;
  }

  /** Sends one line; while the port is closed, nothing. */
  send(line: string): void {
    this.#port?.write(`${line}\n`);
  }

  /** Valid lines, and why others were dropped. */
  counts(): Dropped & { lines: number } {
    return { lines: this.#lines, ...this.#parser.dropped };
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#fault = null;
    while (!signal.aborted) {
      const why = await this.#session(signal);
      this.#port = null;
      if (signal.aborted) return;
      const fault = unreachable(this.path, why);
      this.#fault = fault;
      this.#tell((listener) => listener.closed(fault));
      const wait = backOff(++this.#failures, LONGEST_WAIT);
      // The only way this rejects is `detach`, which the loop's condition sees.
      await this.#clock.sleep(`reopen ${this.path}`, wait, signal).catch(() => {});
    }
  }

  /** One opening of the port. Resolves, with the reason, when it is closed again or could not be opened. */
  #session(signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve) => {
      let fault: unknown = null;
      const port = new SerialPort({ path: this.path, baudRate: this.baud, autoOpen: false });
      const close = (error?: unknown) => {
        fault ??= error;
        if (port.isOpen) port.close((failed) => failed && resolve(failed));
      };
      port.on('error', close);
      // Now and then a hang-up escapes serialport on a busy machine; the file of the device is gone all the same.
      const watch = this.#clock.every(`port ${this.path}`, WATCH, () => {
        if (port.isOpen && !existsSync(this.path)) close(new Error(`${this.path} has gone`));
      });
      port.on('close', (error: unknown) => {
        watch.cancel();
        signal.removeEventListener('abort', onAbort);
        resolve(error ?? fault);
      });
      const onAbort = () => close();
      signal.addEventListener('abort', onAbort);
      port.open((error) => {
        if (error) {
          watch.cancel();
          signal.removeEventListener('abort', onAbort);
          return resolve(error);
        }
        if (signal.aborted) return close();
        this.#parser.reset();
        this.#port = port;
        this.#fault = null;
        this.#tell((listener) => listener.opened());
        // Opening has thrown away what waited in the kernel: nothing old is stamped with now.
        port.on('data', (bytes: Buffer) => this.#hear(bytes));
      });
    });
  }

  #hear(bytes: Buffer): void {
    const at = this.#clock.now();
    for (const line of this.#parser.push(bytes)) {
      this.#lines++;
      this.#failures = 0;
      this.#tell((listener) => listener.heard(line, at));
    }
  }

  #tell(news: (listener: SerialListener) => void): void {
    for (const listener of [...this.#listeners]) news(listener);
  }
}

function unreachable(path: string, why: unknown): CaError {
  const said = why ? messageOf(why).replace(/^Error: /, '') : 'the port was closed';
  const options = /permission/i.test(said)
    ? { cause: why, remedy: 'Add the user of the service to the group `dialout`.' }
    : { cause: why };
  return new CaError('CA_INPUT_LOST', said.includes(path) ? said : `${path}: ${said}`, options);
}
