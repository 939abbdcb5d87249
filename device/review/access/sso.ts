import type { FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';

/** A proxy that knows who its users are, and says so in a header. */
export interface SsoOptions {
  /** Lower case. */
  readonly header: string;
  /** Addresses from which the header is believed. */
  readonly proxies: readonly string[];
}

/** Reads that header. */
export class Sso {
  readonly #header: string;
  readonly #proxies: ReadonlySet<string>;

  constructor({ header, proxies }: SsoOptions) {
    this.#header = header.toLowerCase();
    this.#proxies = new Set(proxies.map(plain));
  }

  /** Whether the request comes from a proxy that is believed. */
  proxied(request: FastifyRequest): boolean {
    return this.#proxies.has(plain(request.socket.remoteAddress ?? ''));
  }

  /** The login name that the proxy says; null: it says none. @throws Refusal where somebody else says one */
  nameOf(request: FastifyRequest): string | null {
    const said = request.headers[this.#header];
    if (said === undefined) return null;
    if (!this.proxied(request))
      throw new Refusal(400, 'foreign-header', `The header ${this.#header} is for the proxy alone.`);
    // Node takes the bytes of a header for Latin-1; proxies send UTF-8.
    const name = Buffer.from(String(said), 'latin1').toString('utf8').trim();
    return name === '' ? null : name;
  }
}

/** An IPv4 address as it is written, also where a socket of both families says `::ffff:192.0.2.1`. */
const plain = (address: string) => address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
