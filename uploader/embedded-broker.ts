import { once } from 'node:events';
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { CaError, messageOf } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Health, Service } from '../device/service.ts';

/**
 * aedes speaks no MQTT 5: it answers an MQTT 5 CONNECT with "unacceptable protocol version". So the uploader of a
 * device with the embedded broker must be given this version.
 */
export const EMBEDDED_VERSION = '3.1.1';

/** A broker inside the service, for the demo: on 127.0.0.1 only, open to everybody there, kept in memory. */
export class EmbeddedBroker implements Service {
  readonly name = 'embedded-broker';
  readonly #port: number;
  readonly #log: Logger;
  #running: { aedes: Aedes; server: ReturnType<typeof createServer> } | null = null;

  constructor(options: { port: number; log: Logger }) {
    this.#port = options.port;
    this.#log = options.log;
  }

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    const server = createServer({ noDelay: true }, aedes.handle);
    const note = (_: unknown, error: Error) =>
      this.#log.debug({ err: error }, 'a client of the embedded broker');
    aedes.on('clientError', note);
    aedes.on('connectionError', note);
    this.#running = { aedes, server };
    try {
      server.listen(this.#port, '127.0.0.1');
      await once(server, 'listening');
    } catch (error) {
      throw new CaError('CA_PORT_IN_USE', `embedded broker on 127.0.0.1:${this.#port}: ${messageOf(error)}`, {
        cause: error,
        remedy: `Stop the program that listens on port ${this.#port} (\`ss -ltnp\` shows it), or set \`mqtt.port\` to a free one.`,
      });
    }
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    const { aedes, server } = running;
    if (server.listening) server.close();
    await new Promise<void>((resolve) => aedes.close(resolve));
  }

  health(): Health {
    return this.#running?.server.listening
      ? { status: 'ok', detail: { clients: this.#running.aedes.connectedClients } }
      : { status: 'failed', reason: `Not listening on 127.0.0.1:${this.#port}.` };
  }
}
