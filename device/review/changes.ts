import { PassThrough, type Readable } from 'node:stream';
import type { Clock, Timer } from '../clock.ts';

/** A contact's commit, its clip and its presence come within a moment of each other: one event tells of all. */
const COALESCE = 100;
const HEARTBEAT = 15_000;
/** Pages open at once. Each costs a socket; more than this is a page reloading in a loop. */
const MAX_CLIENTS = 32;
/** Of one account: somebody with that many has forgotten the first. */
const MOST_OF_ONE = 6;

/** Who looks at an open page. */
export interface Viewer {
  readonly accountId: string;
  /** Whether they would still be let in. */
  readonly stays: () => boolean;
}

/**
 * Tells the open pages that something changed, as server-sent events. An event says only "look again", so a page
 * that missed any number of them is right after the next one.
 */
export class ChangeStream {
  readonly #clock: Clock;
  readonly #heartbeat: Timer;
  /** In the order in which they came. */
  readonly #clients = new Map<PassThrough, Viewer>();
  #pending: Timer | null = null;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#heartbeat = clock.every('page heartbeat', HEARTBEAT, () => {
      this.#dismiss();
      this.#send('heartbeat');
    });
  }

  /** Number of open pages. */
  get clients(): number {
    return this.#clients.size;
  }

  /** The event stream of one more page; the account's oldest ends for it where it has many. null when there are too many, or after `close`. */
  join(viewer: Viewer): Readable | null {
    if (this.#closed) return null;
    const own = [...this.#clients].filter(([, { accountId }]) => accountId === viewer.accountId);
    const [oldest] = own[0] ?? [];
    if (oldest && own.length >= MOST_OF_ONE) this.#end(oldest);
    if (this.#clients.size >= MAX_CLIENTS) return null;
    const client = new PassThrough();
    this.#clients.set(client, viewer);
    client.once('close', () => this.#clients.delete(client));
    // The first bytes open the connection for the browser; `retry` is its pause before reconnecting, in ms.
    client.write('retry: 2000\n\n');
    return client;
  }

  /** Sends one `change` a moment from now, however often it is called until then. */
  changed(): void {
    if (this.#closed || this.#clients.size === 0) return;
    this.#pending ??= this.#clock.after('page change', COALESCE, () => {
      this.#pending = null;
      this.#send('change');
    });
  }

  /** Ends all streams and timers. */
  close(): void {
    this.#closed = true;
    this.#heartbeat.cancel();
    this.#pending?.cancel();
    for (const client of this.#clients.keys()) this.#end(client);
  }

  /** A session that is over, or an account that is disabled, hears nothing more. */
  #dismiss(): void {
    for (const [client, { stays }] of this.#clients) if (!stays()) this.#end(client);
  }

  #end(client: PassThrough): void {
    this.#clients.delete(client);
    client.end();
  }

  #send(event: 'change' | 'heartbeat'): void {
    for (const client of this.#clients.keys()) {
      // A page that reads too slowly has unread events waiting, which will make it look again anyway.
      if (!client.writableNeedDrain) client.write(`event: ${event}\ndata: {}\n\n`);
    }
  }
}
