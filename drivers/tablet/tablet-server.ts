import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { backOff } from '../../device/back-off.ts';
import type { Clock } from '../../device/clock.ts';
import { CaError, messageOf } from '../../device/errors.ts';
import type { Logger } from '../../device/log.ts';
import type { Health, Service } from '../../device/service.ts';
import { degraded } from '../degraded.ts';
import type { InputDriver } from '../types.ts';
import type { TabletTexts } from './document.ts';
import type { RatingButton } from './faces.ts';
import { createApp } from './routes.ts';
import { TabletInput } from './tablet-input.ts';

/** The longest pause before listening is tried again. Milliseconds. */
const LONGEST_WAIT = 10_000;

/** Serves the pages of the desks to tablets in the clinic's network: http://DEVICE:PORT/DESK/CODE. */
export class TabletServer implements Service {
  readonly name = 'tablet';
  readonly #host: string;
  readonly #port: number;
  readonly #texts: TabletTexts;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #inputs: TabletInput[] = [];
  #app: FastifyInstance | null = null;
  #stopping = new AbortController();
  #retrying: Promise<void> = Promise.resolve();
  /** The port that is bound; null while it does not listen. */
  #bound: number | null = null;
  /** Why it does not listen; null while it does, or may yet. */
  #fault: CaError | null = null;

  /** `host`: address to listen at, 0.0.0.0 for all; `port`: 0 for a free one. */
  constructor(options: { host: string; port: number; texts?: TabletTexts; clock: Clock; log: Logger }) {
    this.#host = options.host;
    this.#port = options.port;
    this.#texts = options.texts ?? {};
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /**
   * The buttons of a desk on a tablet. To be asked for before `start`.
   * @throws CaError CA_CONFIG_INVALID for other than 2 to 5 buttons: more faces are too small, one is no choice.
   */
  input(options: { desk: string; code: string; buttons: readonly RatingButton[] }): InputDriver {
    const { desk, buttons } = options;
    if (buttons.length < 2 || buttons.length > 5) {
      const message = `desks.${desk}: a tablet shows 2 to 5 buttons with a rating, this desk has ${buttons.length}`;
      throw new CaError('CA_CONFIG_INVALID', message);
    }
    const house = { clock: this.#clock, fault: () => this.#fault, address: () => this.address };
    const input = new TabletInput({ ...options, ...house });
    this.#inputs.push(input);
    return input;
  }

  /** Where tablets find the pages, without desk and code, such as `http://192.168.1.20:8090`. */
  get address(): string {
    const host = this.#host === '0.0.0.0' || this.#host === '::' ? ownAddress() : this.#host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#bound ?? this.#port}`;
  }

  /** A port that is taken or an address that is not there yet is tried again: counting does not wait for it. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#stopping = new AbortController();
    if (!(await this.#listen())) this.#retrying = this.#retry(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#retrying;
    this.#bound = null;
    await this.#app?.close();
    this.#app = null;
  }

  health(): Health {
    if (this.#fault) return degraded(this.#fault);
    return { status: 'ok', detail: { url: this.address } };
  }

  async #retry(signal: AbortSignal): Promise<void> {
    for (let failures = 1; ; failures++) {
      const wait = backOff(failures, LONGEST_WAIT);
      // The only way this rejects is `stop`.
      await this.#clock.sleep('listen for tablets', wait, signal).catch(() => {});
      if (signal.aborted || (await this.#listen())) return;
    }
  }

  async #listen(): Promise<boolean> {
    const app = createApp(this.#inputs, this.#clock, this.#log, this.#texts);
    try {
      await app.listen({ host: this.#host, port: this.#port });
      this.#app = app;
      this.#bound = (app.server.address() as AddressInfo).port;
      this.#fault = null;
      return true;
    } catch (error) {
      await app.close();
      this.#fault = unserved(this.#host, this.#port, error);
      return false;
    }
  }
}

function unserved(host: string, port: number, cause: unknown): CaError {
  if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE')
    return new CaError('CA_PORT_IN_USE', `page for tablets: port ${port} of ${host} is taken`, { cause });
  return new CaError('CA_INPUT_LOST', `page for tablets: ${messageOf(cause)}`, {
    cause,
    remedy: 'Check `tablet.host` and `tablet.port` in the config; it is tried again by itself.',
  });
}

/** An address of this machine in its network; its name where it has none (yet). */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((those) => those ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? hostname();
}
