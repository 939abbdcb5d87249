import type { Clock } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import type { CaError } from '../../device/errors.ts';
import { SerialConnection, type SerialUser } from '../serial/serial-connection.ts';
import { type Dropped, type Line, LineParser } from './line-protocol.ts';

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
  readonly #parser = new LineParser();
  readonly #listeners = new Set<SerialListener>();
  readonly #connection: SerialConnection;
  /** Why it is closed; null while it is open, or may yet be. */
  #fault: CaError | null = null;
  #lines = 0;

  constructor(path: string, baud: number, clock: Clock) {
    this.path = path;
    this.baud = baud;
    const user: SerialUser = {
      opened: () => {
        this.#parser.reset();
        this.#fault = null;
        this.#tell((listener) => listener.opened());
      },
      bytes: (chunk, at) => this.#hear(chunk, at),
      closed: (why) => {
        this.#fault = why;
        this.#tell((listener) => listener.closed(why));
      },
    };
    this.#connection = new SerialConnection(path, baud, clock, user);
  }

  /** The first opens the port. Attached again, a listener changes nothing. */
  attach(listener: SerialListener): void {
    if (this.#listeners.has(listener)) return;
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) {
      this.#fault = null;
      this.#connection.start();
    } else if (this.#connection.open) listener.opened();
    else if (this.#fault) listener.closed(this.#fault);
  }

  /** The last closes the port; resolves when it is closed. */
  async detach(listener: SerialListener): Promise<void> {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
    await this.#connection.stop();
  }

  /** Sends one line; while the port is closed, nothing. */
  send(line: string): void {
    this.#connection.send(Buffer.from(`${line}\n`));
  }

  /** Valid lines, and why others were dropped. */
  counts(): Dropped & { lines: number } {
    return { lines: this.#lines, ...this.#parser.dropped };
  }

  #hear(chunk: Buffer, at: Instant): void {
    for (const line of this.#parser.push(chunk)) {
      this.#lines++;
      this.#connection.vouch();
      this.#tell((listener) => listener.heard(line, at));
    }
  }

  #tell(news: (listener: SerialListener) => void): void {
    for (const listener of [...this.#listeners]) news(listener);
  }
}
