import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { CaError } from '../errors.ts';
import type { Health, Service } from '../service.ts';
import { ChangeStream } from './changes.ts';
import { createApp } from './routes.ts';
import type { PageSources } from './sources.ts';

export interface ReviewServerOptions extends PageSources {
  host: string;
  /** 0: a free one. */
  port: number;
}

/** Serves the page of today's contacts, read-only, to browsers on this machine. */
export class ReviewServer implements Service {
  readonly name = 'page';
  readonly #options: ReviewServerOptions;
  #app: FastifyInstance | null = null;
  #changes: ChangeStream | null = null;
  #unsubscribe: () => void = () => {};
  #url: string | null = null;

  constructor(options: ReviewServerOptions) {
    this.#options = options;
  }

  /** Address of the page, such as `http://127.0.0.1:8080`; null while it does not listen. */
  get url(): string | null {
    return this.#url;
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { host, port, contacts, clock } = this.#options;
    this.#changes = new ChangeStream(clock);
    this.#unsubscribe = contacts.onChange(() => this.notifyChanged());
    this.#app = createApp(this.#options, this.#changes);
    try {
      await this.#app.listen({ host, port });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      throw new CaError('CA_PORT_IN_USE', `page: port ${port} of ${host} is taken`, { cause: error });
    }
    const bound = (this.#app.server.address() as AddressInfo).port;
    this.#url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  }

  /** Tells the open pages to look again: for what is not in the store, such as presence. */
  notifyChanged(): void {
    this.#changes?.changed();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#unsubscribe = () => {};
    this.#changes?.close();
    this.#changes = null;
    this.#url = null;
    await this.#app?.close();
    this.#app = null;
  }

  health(): Health {
    if (this.#url === null) return { status: 'failed', reason: 'The page is not being served.' };
    return { status: 'ok', detail: { url: this.#url, viewers: this.#changes?.clients ?? 0 } };
  }
}
