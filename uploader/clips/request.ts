import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { CaError, messageOf } from '../../device/errors.ts';
import type { Throttle } from './throttle.ts';

/** What a request carries: read while it is sent, so that no more than a piece is in memory. */
export interface Body {
  readonly bytes: number;
  readonly pieces: () => AsyncIterable<Buffer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Nothing has moved for so long (ms): the link is half-open. */
const STALLED = 30_000;
/** More than any answer that is waited for: a list of 1000 parts has 250 kB. */
const LONGEST_ANSWER = 2 ** 21;
/** Bytes that are asked of the throttle at once. */
const SIP = 65_536;

/** HTTP, one request at a time, over a connection that is kept. Redirects are answers like any other: nobody follows them. */
export class Http {
  readonly #throttle: Throttle;
  readonly #agents = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };

  constructor(throttle: Throttle) {
    this.#throttle = throttle;
  }

  /**
   * Resolves with the answer, whatever its status. Rejects with CA_UPLOAD_FAILED when there is none, with the signal's
   * reason when that is aborted, and as the body's pieces do. The message names host and port, never the address: it
   * may be a secret. `late`: once all has gone out, only this one ends it: the far end may carry out what nobody
   * listens to any more.
   */
  async ask(
    url: URL,
    request: {
      method: string;
      headers: Readonly<Record<string, string>>;
      body?: Body | undefined;
      signal: AbortSignal;
      late?: AbortSignal | undefined;
    },
  ): Promise<Answer> {
    const { method, headers, body, signal, late = signal } = request;
    signal.throwIfAborted();
    const ending = new Ending(signal);
    const secure = url.protocol === 'https:';
    const sent = (secure ? https : http).request(url, {
      method,
      headers: { ...headers, 'content-length': String(body?.bytes ?? 0) },
      agent: this.#agents[secure ? 'https:' : 'http:'],
      signal: ending.signal,
    });
    sent.setTimeout(STALLED, () => sent.destroy(new Error('nothing has moved for 30 s')));
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    // It is awaited below; until then it may fail unheard.
    answered.catch(() => {});
    try {
      let early = false;
      let left = body?.bytes ?? 0;
      answered.then(
        () => {
          early = true;
        },
        () => {},
      );
      for await (const piece of sips(body)) {
        await this.#throttle.take(piece.length, signal);
        if (early) break;
        left -= piece.length;
        // What is written may arrive, whatever becomes of the connection.
        if (left <= 0) ending.by(late);
        if (!sent.write(piece) && left > 0) await Promise.race([once(sent, 'drain', { signal }), answered]);
      }
      // Who answers before it has all of it does not want the rest.
      if (!early) sent.end();
      ending.by(late);
      const [message] = await answered;
      const text = await textOf(message);
      if (!sent.writableEnded) sent.destroy();
      return { status: message.statusCode ?? 0, headers: message.headers, text };
    } catch (error) {
      sent.on('error', () => {});
      sent.destroy();
      signal.throwIfAborted();
      if (error instanceof CaError) throw error;
      throw new CaError('CA_UPLOAD_FAILED', `${method} at ${url.host}: ${messageOf(error)}`);
    } finally {
      ending.by(null);
    }
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

/** Aborted by one signal at a time. */
class Ending {
  readonly #end = new AbortController();
  readonly #abort = () => this.#end.abort(this.#by?.reason);
  #by: AbortSignal | null = null;

  constructor(by: AbortSignal) {
    this.by(by);
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** From now on by this one alone; null: by none. */
  by(signal: AbortSignal | null): void {
    if (signal === this.#by) return;
    this.#by?.removeEventListener('abort', this.#abort);
    this.#by = signal;
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener('abort', this.#abort);
  }
}

async function* sips(body: Body | undefined): AsyncGenerator<Buffer> {
  if (!body) return;
  for await (const piece of body.pieces())
    for (let at = 0; at < piece.length; at += SIP) yield piece.subarray(at, at + SIP);
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += chunk.length;
    if (bytes > LONGEST_ANSWER) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
