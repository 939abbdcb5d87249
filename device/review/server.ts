import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { backOff } from '../back-off.ts';
import type { Timer } from '../clock.ts';
import { CaError, type ErrorCode, messageOf } from '../errors.ts';
import type { Health, Service } from '../service.ts';
import { type App, createApp } from './app.ts';
import { ChangeStream } from './changes.ts';
import type { PageParts } from './parts.ts';

/** The certificate of the page, in files that may change while it is served. */
export interface PageTls {
  /** What the files hold, checked. @throws CaError CA_CERTIFICATE_INVALID, CA_SECRET_UNREADABLE, CA_TOOL_MISSING */
  take(): { readonly cert?: string; readonly key?: string };
  /** The files hold something else than what was taken, and it can be used. */
  worthANewConnection(): boolean;
  /** What somebody has to see to; null: nothing. */
  readonly warning: CaError | null;
  /** For the health. */
  readonly detail: Readonly<Record<string, string>>;
  /** The device has made it itself: nobody vouches for it but the fingerprint. */
  readonly own: boolean;
}

export interface ReviewServerOptions extends PageParts {
  /** Address to listen at. */
  host: string;
  /** 0: a free one. */
  port: number;
  /** Names by which browsers reach the page. */
  names: readonly string[];
  /** Name or address to tell people, where `host` stands for all of the device's. */
  known: string;
  /** null: plain HTTP. */
  tls: PageTls | null;
}

/** How often it is looked whether the certificate is another one, ms. */
const LOOK = 60_000;
/** The longest wait (ms) before a page that could not be served is tried again. */
const LONGEST_WAIT = 60_000;
/** Why it may not be served at the start, and come back by itself: the files are put right, the network is there. */
const COMES_BACK: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CA_CERTIFICATE_INVALID',
  'CA_SECRET_UNREADABLE',
  'CA_TOOL_MISSING',
  'CA_ADDRESS_UNKNOWN',
]);
/** More at a time are some program's, not people's: a browser has about six. */
const CONNECTIONS = 256;

/** Serves the page and its API. */
export class ReviewServer implements Service {
  readonly name = 'page';
  readonly #options: ReviewServerOptions;
  #app: App | null = null;
  #changes: ChangeStream | null = null;
  #unsubscribe: () => void = () => {};
  #timer: Timer | null = null;
  #url: string | null = null;
  #fingerprint: string | null = null;
  /** Why it is not served. */
  #fault: CaError | null = null;
  #failures = 0;
  /** The attempt that is under way. */
  #opening: Promise<void> = Promise.resolve();

  constructor(options: ReviewServerOptions) {
    this.#options = options;
  }

  /** Address of the page, such as `http://127.0.0.1:8080`; null while it does not listen. */
  get url(): string | null {
    return this.#url;
  }

  /** SHA-256 of the certificate that this device made itself, as browsers show it; null: there is none. */
  get fingerprint(): string | null {
    return this.#fingerprint;
  }

  /**
   * Resolves also where the page cannot be served yet for its certificate or its address: the desks count meanwhile.
   * @throws CaError CA_PORT_IN_USE
   */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { store, clock } = this.#options;
    this.#changes = new ChangeStream(clock);
    this.#unsubscribe = store.contacts.onChange(() => this.notifyChanged());
    try {
      await this.#open(this.#changes);
    } catch (error) {
      if (!(error instanceof CaError && COMES_BACK.has(error.code))) throw error;
      await this.#failed(error, this.#changes);
    }
  }

  async #open(changes: ChangeStream): Promise<void> {
    const { host, port, names, known, clock, tls } = this.#options;
    const door = { names, tls: tls && this.#take(tls), strict: tls !== null && !tls.own };
    this.#app = await createApp(this.#options, changes, door);
    this.#app.server.maxConnections = CONNECTIONS;
    try {
      await this.#app.listen({ host, port });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRNOTAVAIL')
        throw new CaError('CA_ADDRESS_UNKNOWN', `page: this device has no address ${host}`, { cause: error });
      if (code !== 'EADDRINUSE') throw error;
      throw new CaError('CA_PORT_IN_USE', `page: port ${port} of ${host} is taken`, { cause: error });
    }
    const bound = (this.#app.server.address() as AddressInfo).port;
    const reached = host === '0.0.0.0' || host === '::' ? known : host;
    this.#url = `http${tls ? 's' : ''}://${reached.includes(':') ? `[${reached}]` : reached}:${bound}`;
    this.#fault = null;
    this.#failures = 0;
    if (tls) this.#timer = clock.every('certificate of the page', LOOK, () => this.#renew(tls));
  }

  /** Once more, as what broke meanwhile may be another thing: any failure is waited out. */
  async #openAgain(changes: ChangeStream): Promise<void> {
    try {
      await this.#open(changes);
      this.#options.log.info({ url: this.#url }, `the page is served${this.#sum}`);
    } catch (error) {
      await this.#failed(error, changes);
    }
  }

  async #failed(error: unknown, changes: ChangeStream): Promise<void> {
    const { clock, log } = this.#options;
    const before = this.#fault;
    this.#fault = error instanceof CaError ? error : new CaError('CA_PAGE_UNSERVED', messageOf(error));
    // Told once, not at each attempt.
    if (before?.code !== this.#fault.code)
      log.error({ err: error }, 'the page cannot be served: it is tried again');
    await this.#app?.close();
    this.#app = null;
    this.#timer = clock.after('page again', backOff(++this.#failures, LONGEST_WAIT), () => {
      this.#opening = this.#openAgain(changes);
    });
  }

  /** Tells the open pages to look again: for what is not in the store, such as presence. */
  notifyChanged(): void {
    this.#changes?.changed();
  }

  async stop(): Promise<void> {
    await this.#opening;
    this.#timer?.cancel();
    this.#timer = null;
    this.#unsubscribe();
    this.#unsubscribe = () => {};
    this.#changes?.close();
    this.#changes = null;
    this.#url = null;
    this.#fault = null;
    this.#failures = 0;
    await this.#app?.close();
    this.#app = null;
  }

  health(): Health {
    if (this.#url === null) return this.#unserved();
    const { tls } = this.#options;
    const detail = { url: this.#url, viewers: this.#changes?.clients ?? 0, ...tls?.detail };
    if (!tls?.warning) return { status: 'ok', detail };
    return { status: 'degraded', reason: `${tls.warning.message}. ${tls.warning.remedy}`, detail };
  }

  #unserved(): Health {
    if (!this.#fault) return { status: 'failed', reason: 'The page is not being served.' };
    const { code, message, remedy } = this.#fault;
    return {
      status: 'failed',
      reason: `The page is not being served: ${message}. ${remedy} It is tried again by itself.`,
      detail: { code },
    };
  }

  /** For the log, where people look for it when the browser asks them to compare. */
  get #sum(): string {
    return this.#fingerprint === null ? '' : `; its certificate has SHA-256 ${this.#fingerprint}`;
  }

  #take(tls: PageTls): { cert: string; key: string } {
    const { cert = '', key = '' } = tls.take();
    try {
      createSecureContext({ cert, key });
    } catch (error) {
      // Such as a key that is too short for this OpenSSL.
      throw new CaError('CA_CERTIFICATE_INVALID', `page: ${messageOf(error)}`, { cause: error });
    }
    this.#fingerprint = tls.own ? new X509Certificate(cert).fingerprint256 : null;
    return { cert, key };
  }

  /** Connections that are open go on with the old one. */
  #renew(tls: PageTls): void {
    const { log } = this.#options;
    try {
      if (!tls.worthANewConnection()) return;
      // `createApp` has made a server of this kind, for there is a certificate.
      (this.#app?.server as unknown as Server | undefined)?.setSecureContext({
        ...this.#take(tls),
        minVersion: 'TLSv1.2',
      });
      log.info(`the page has a new certificate${this.#sum}`);
    } catch (error) {
      // What was taken before is served on; health says so.
      log.warn({ err: error }, 'the page keeps its certificate');
    }
  }
}
