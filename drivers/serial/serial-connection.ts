import { existsSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { backOff } from '../../device/back-off.ts';
import type { Clock } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import { CaError, messageOf } from '../../device/errors.ts';

/** The longest pause before it is tried again. Milliseconds. */
const LONGEST_WAIT = 10_000;
/** Bytes read at once: as much as the kernel keeps. */
const CHUNK = 4_096;
/** How often an open port is looked for. Milliseconds. */
const WATCH = 1_000;

/** Who uses a port. Nothing is called any more once `stop` has been. */
export interface SerialUser {
  opened(): void;
  /** What came, and when. Nothing of before the opening. The buffer is used again. */
  bytes(chunk: Buffer, at: Instant): void;
  /** Milliseconds until it is read again: so much later are the stamps at most. Not there: at once. */
  rest?(): number;
  /** The port was closed or could not be opened. It is tried again by itself. */
  closed(why: CaError): void;
}

/** A serial port, 8N1, that is reopened by itself for as long as it is wanted; never throws. */
export class SerialConnection {
  readonly path: string;
  readonly baud: number;
  readonly #clock: Clock;
  readonly #user: SerialUser;
  #stopping: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  /** Null while it is closed. */
  #port: Port | null = null;
  #sending: Promise<void> = Promise.resolve();
  /** Openings in vain since the last `vouch`. */
  #failures = 0;

  constructor(path: string, baud: number, clock: Clock, user: SerialUser) {
    this.path = path;
    this.baud = baud;
    this.#clock = clock;
    this.#user = user;
  }

  get open(): boolean {
    return this.#port !== null;
  }

  /** Opens the port, now or later. Started again, it changes nothing. */
  start(): void {
    if (this.#stopping) return;
    this.#stopping = new AbortController();
    // A port that is still being closed cannot be opened.
    const { signal } = this.#stopping;
    this.#running = this.#running.then(() => this.#run(signal));
  }

  /** Resolves when the port is closed. */
  async stop(): Promise<void> {
    this.#stopping?.abort();
    this.#stopping = null;
    this.#port = null;
    await this.#running;
  }

  /** Sends bytes; while the port is closed, nothing. */
  send(bytes: Buffer): void {
    const port = this.#port;
    // What cannot be sent is found out by reading.
    this.#sending = this.#sending.then(() => port?.write(bytes)).catch(() => {});
  }

  /** What came made sense, so the port is the right one: after its next loss it is soon tried again. */
  vouch(): void {
    this.#failures = 0;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const why = await this.#session(signal);
      if (signal.aborted) return;
      this.#port = null;
      this.#user.closed(unreachable(this.path, why));
      const wait = backOff(++this.#failures, LONGEST_WAIT);
      // The only way this rejects is `stop`, which the loop's condition sees.
      await this.#clock.sleep(`reopen ${this.path}`, wait, signal).catch(() => {});
    }
  }

  /** One opening of the port. Resolves, with the reason, when it is closed again or could not be opened. */
  async #session(signal: AbortSignal): Promise<unknown> {
    // Not the stream of serialport, which reads on and on: here it is said when to read.
    const port = await SerialPort.binding
      .open({ path: this.path, baudRate: this.baud })
      .catch((error: unknown) => new CaError('CA_INPUT_LOST', messageOf(error), { cause: error }));
    if (port instanceof CaError) return port.cause;
    let fault: unknown = null;
    const close = (error?: unknown) => {
      fault ??= error;
      // What is being read is rejected by it.
      if (port.isOpen) port.close().catch(() => {});
    };
    const onAbort = () => close();
    signal.addEventListener('abort', onAbort);
    // Now and then a hang-up escapes serialport on a busy machine; the file of the device is gone all the same.
    const watch = this.#clock.every(`port ${this.path}`, WATCH, () => {
      if (!existsSync(this.path)) close(new Error(`${this.path} has gone`));
    });
    try {
      if (!signal.aborted) await this.#read(port, signal);
    } catch (error) {
      fault ??= error;
    }
    watch.cancel();
    signal.removeEventListener('abort', onAbort);
    if (port.isOpen) await port.close().catch(() => {});
    return fault;
  }

  async #read(port: Port, signal: AbortSignal): Promise<void> {
    this.#port = port;
    this.#user.opened();
    const chunk = Buffer.alloc(CHUNK);
    // Opening has thrown away what waited in the kernel: nothing old is stamped with now.
    while (!signal.aborted) {
      const { bytesRead } = await port.read(chunk, 0, CHUNK);
      if (!signal.aborted) this.#user.bytes(chunk.subarray(0, bytesRead), this.#clock.now());
      const rest = this.#user.rest?.() ?? 0;
      if (rest > 0) await this.#clock.sleep(`rest of ${this.path}`, rest, signal);
    }
  }
}

type Port = Awaited<ReturnType<typeof SerialPort.binding.open>>;

function unreachable(path: string, why: unknown): CaError {
  const said = why ? messageOf(why).replace(/^Error: /, '') : 'the port was closed';
  const options = /permission/i.test(said)
    ? { cause: why, remedy: 'Add the user of the service to the group `dialout`.' }
    : { cause: why };
  return new CaError('CA_INPUT_LOST', said.includes(path) ? said : `${path}: ${said}`, options);
}
