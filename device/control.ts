import { chmod, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { CaError, messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import type { Health, Service } from './service.ts';

/** What can be asked of a desk of a running service. */
export interface Controlled {
  presence(): { readonly desk: string };
  veto(): void;
  /** For so many milliseconds; without, as long as the config says. */
  pause(ms?: number | undefined): void;
  resume(): void;
}

/** Who says nothing for so long hangs. Milliseconds. */
const PATIENCE = 5_000;

/** A socket of the data folder: whoever may read the data may also ask that it not be kept, and nobody else. */
const socketIn = (data: string) => join(data, 'control.sock');

/**
 * Takes orders from `contact-analyzer veto`, `pause`, `resume` and `hardware`: one JSON object a connection, answered by
 * `ok`, a sentence, or the health of all services as JSON.
 */
export class Control implements Service {
  readonly name = 'control';
  readonly #path: string;
  readonly #desks: readonly Controlled[];
  readonly #health: () => Record<string, Health>;
  readonly #log: Logger;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #fault: string | null = null;

  /** `health`: of all services, this one too. */
  constructor(options: {
    data: string;
    desks: readonly Controlled[];
    health: () => Record<string, Health>;
    log: Logger;
  }) {
    this.#path = socketIn(options.data);
    this.#desks = options.desks;
    this.#health = options.health;
    this.#log = options.log;
  }

  async start(): Promise<void> {
    try {
      // Of a service that was killed: the lock of the folder says that there is no other.
      await rm(this.#path, { force: true });
      const server = createServer((socket) => this.#serve(socket));
      this.#server = server;
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.#path, resolve));
      await chmod(this.#path, 0o600);
    } catch (error) {
      // The buttons at the desk do the same.
      this.#fault = `commands cannot reach the service (${messageOf(error)}): check the data folder`;
      this.#log.warn({ err: error }, 'no commands can be taken');
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
  }

  health(): Health {
    return this.#fault ? { status: 'degraded', reason: this.#fault } : { status: 'ok' };
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setTimeout(PATIENCE, () => socket.destroy());
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    createInterface(socket).once('line', (line) => socket.end(`${this.#obey(line)}\n`));
  }

  #obey(line: string): string {
    const order = parse(line);
    if (!order) return `no order: ${line}`;
    if (order.do === 'health') return JSON.stringify(this.#health());
    const names = this.#desks.map((desk) => desk.presence().desk);
    const desk = this.#desks[names.indexOf(order.desk)];
    if (!desk) return `there is no desk "${order.desk}"; there are: ${names.join(', ')}`;
    if (order.do === 'pause') desk.pause(order.ms);
    else desk[order.do]();
    return 'ok';
  }
}

const orders = z.discriminatedUnion('do', [
  z.strictObject({ do: z.enum(['veto', 'resume']), desk: z.string() }),
  z.strictObject({ do: z.literal('pause'), desk: z.string(), ms: z.number().positive().optional() }),
  z.strictObject({ do: z.literal('health') }),
]);

type Order = z.infer<typeof orders>;
export type DeskOrder = Extract<Order, { desk: string }>;

function parse(line: string): Order | null {
  try {
    return orders.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** Gives an order to the service that runs on `data`. @throws CaError CA_NOT_RUNNING, CA_USAGE */
export async function order(data: string, order: DeskOrder): Promise<void> {
  const answer = await ask(data, order).catch((cause) => {
    throw new CaError('CA_NOT_RUNNING', `no service runs on ${data}: ${messageOf(cause)}`, { cause });
  });
  if (answer !== 'ok') throw new CaError('CA_USAGE', answer);
}

/**
 * How the services are that run on `data`, by their names; null where none runs.
 * @throws CaError CA_NOT_RUNNING where one may run that cannot be asked.
 */
export async function healthOf(data: string): Promise<Record<string, Health> | null> {
  try {
    return JSON.parse(await ask(data, { do: 'health' }));
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return null;
    throw new CaError('CA_NOT_RUNNING', `the service on ${data} cannot be asked: ${messageOf(cause)}`, {
      cause,
      remedy: 'Run this as root or as the user of the service; or stop the service first.',
    });
  }
}

/** The answer of the service that runs on `data`. Rejects with the socket's error. */
function ask(data: string, order: Order): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketIn(data)).setEncoding('utf8');
    let said = '';
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error('it does not answer')));
    socket.on('error', reject).on('end', () => resolve(said.trim()));
    socket.on('data', (text: string) => {
      said += text;
    });
    socket.write(`${JSON.stringify(order)}\n`);
  });
}
