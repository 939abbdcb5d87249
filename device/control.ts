import { chmod, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import {
  type Answer,
  type CommandName,
  checked,
  commands,
  isCommand,
  type Request,
  type Result,
  refusalOf,
} from '../uploader/orders.ts';
import { CaError, messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import type { Orders } from './orders.ts';
import type { Health, Service } from './service.ts';

/** Who says nothing for so long hangs. Milliseconds. */
const PATIENCE = 5_000;
/** What is asked for may have to wait until the service has started, or for a slow disk. Milliseconds. */
const PATIENCE_WITH_DEEDS = 60_000;

const ACCOUNT_CODE = 'account-code';
const accountCodeRequest = z.strictObject({ name: z.string().min(1).max(64).optional() });

/** A one-time code for the page. */
export interface AccountCode {
  readonly code: string;
  /** Whose password it is for; null: it makes an administrator. */
  readonly name: string | null;
  /** Of the page; null: it is not being served. */
  readonly url: string | null;
}

/** A socket of the data folder: whoever may read the data may also ask that it not be kept, and nobody else. */
const socketIn = (data: string) => join(data, 'control.sock');

/**
 * Takes orders from the command line: one JSON object a connection, `{"do":"pause","desk":"front"}`, answered as by
 * MQTT.
 */
export class Control implements Service {
  readonly name = 'control';
  readonly #path: string;
  readonly #orders: Pick<Orders, 'perform' | 'refused'>;
  readonly #accountCode: (name: string | null) => AccountCode;
  readonly #log: Logger;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #fault: string | null = null;

  constructor(options: {
    data: string;
    orders: Pick<Orders, 'perform' | 'refused'>;
    /** @throws CaError CA_ACCOUNT_UNKNOWN */
    accountCode: (name: string | null) => AccountCode;
    log: Logger;
  }) {
    this.#path = socketIn(options.data);
    this.#orders = options.orders;
    this.#accountCode = options.accountCode;
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
    createInterface(socket).once('line', (line) => {
      // It waits for us now.
      socket.setTimeout(0);
      void this.#obey(line).then((answer) => socket.end(`${JSON.stringify(answer)}\n`));
    });
  }

  async #obey(line: string): Promise<Answer> {
    let name: CommandName | null = null;
    let request: unknown;
    try {
      const order = parsed(line);
      // No command: none of those by MQTT may ever let somebody in.
      if (order.name === ACCOUNT_CODE) {
        const { name: account } = checked(accountCodeRequest, order.request);
        return { ok: true, result: this.#accountCode(account ?? null) };
      }
      name = order.name;
      request = checked<unknown>(commands[name].request, order.request);
    } catch (error) {
      const refusal = refusalOf(error);
      this.#orders.refused('console', name ?? 'unknown', refusal.code);
      return refusal;
    }
    try {
      return { ok: true, result: await this.#orders.perform(name, request as never, 'console') };
    } catch (error) {
      return refusalOf(error);
    }
  }
}

/** @throws CaError CA_COMMAND_INVALID */
function parsed(line: string): { name: CommandName | typeof ACCOUNT_CODE; request: unknown } {
  let order: unknown;
  try {
    order = JSON.parse(line);
  } catch {
    // The parser's own words quote what was said.
    throw new CaError('CA_COMMAND_INVALID', 'the order is no JSON');
  }
  const { do: name, ...request } = Object(order) as Record<string, unknown>;
  if (name === ACCOUNT_CODE || (typeof name === 'string' && isCommand(name))) return { name, request };
  throw new CaError('CA_COMMAND_INVALID', 'there is no order of that name');
}

/** Has the service that runs on `data` carry a command out. @throws CaError CA_NOT_RUNNING, and what it answers */
export async function order<C extends CommandName>(
  data: string,
  name: C,
  request: Request<C>,
): Promise<Result<C>> {
  return (await answered(data, name, request)) as Result<C>;
}

/** The result of what the service that runs on `data` is asked to do. @throws CaError */
async function answered(data: string, name: string, request: object): Promise<unknown> {
  const answer = await ask(data, name, request, PATIENCE_WITH_DEEDS).catch((cause) => {
    if (!runsNot(cause)) throw notAsked(data, cause);
    throw new CaError('CA_NOT_RUNNING', `no service runs on ${data}: ${messageOf(cause)}`, { cause });
  });
  if (answer.ok) return answer.result;
  throw new CaError(answer.code, answer.message, { remedy: answer.remedy });
}

/**
 * A code with which somebody at the page chooses the password of account `name` anew; null: makes an administrator.
 * @throws CaError CA_NOT_RUNNING, CA_ACCOUNT_UNKNOWN
 */
export async function askAccountCode(data: string, name: string | null): Promise<AccountCode> {
  return (await answered(data, ACCOUNT_CODE, name === null ? {} : { name })) as AccountCode;
}

/**
 * How the services are that run on `data`, by their names; null where none runs.
 * @throws CaError CA_NOT_RUNNING where one may run that cannot be asked.
 */
export async function healthOf(data: string): Promise<Record<string, Health> | null> {
  try {
    const answer = await ask(data, 'health', {}, PATIENCE);
    if (answer.ok) return answer.result as Record<string, Health>;
    throw new Error(answer.message);
  } catch (cause) {
    if (runsNot(cause)) return null;
    throw notAsked(data, cause);
  }
}

/** There is no socket, or nobody listens: anything else may come from a service that is well. */
function runsNot(cause: unknown): boolean {
  const { code } = cause as { code?: unknown };
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

function notAsked(data: string, cause: unknown): CaError {
  return new CaError('CA_NOT_RUNNING', `the service on ${data} cannot be asked: ${messageOf(cause)}`, {
    cause,
    remedy: 'Run this as root or as the user of the service; or stop the service first.',
  });
}

/**
 * The answer of the service that runs on `data`, waited for as long as `patience`, ms. Rejects with the socket's error,
 * or where it talks otherwise.
 */
function ask(data: string, name: string, request: object, patience: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketIn(data)).setEncoding('utf8');
    let said = '';
    // Who listens is connected to at once, even one that hangs.
    const late = `it has not answered for ${patience / 1_000} s, and may still do what it was asked for`;
    socket.setTimeout(patience, () => socket.destroy(new Error(late)));
    socket.on('error', reject).on('end', () => {
      try {
        resolve(JSON.parse(said));
      } catch {
        reject(new Error(`it says ${JSON.stringify(said.trim())}`));
      }
    });
    socket.on('data', (text: string) => {
      said += text;
    });
    socket.write(`${JSON.stringify({ do: name, ...request })}\n`);
  });
}
