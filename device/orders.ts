import { pseudonym } from '../config/desk-schema.ts';
import type { Actor, CommandName, Perform, Request, Result } from '../uploader/orders.ts';
import { checked } from '../uploader/orders.ts';
import type { Clock } from './clock.ts';
import { CaError, type ErrorCode, messageOf } from './errors.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import type { Spool } from './recording/spool.ts';
import type { ClipVault } from './recording/vault.ts';
import type { Health, Service } from './service.ts';
import type { ActionRecord } from './store/actions.ts';
import type { Store } from './store/store.ts';

/** What can be asked of a desk of a running service. */
export interface OrderedDesk {
  presence(): { readonly desk: string };
  veto(): void;
  /** For so many milliseconds; without, as long as the config says. */
  pause(ms?: number | undefined): void;
  resume(): void;
  shift(receptionist: string): void;
  /** A contact has been erased. */
  forget(contactId: string): void;
}

export interface OrdersOptions {
  readonly desks: readonly OrderedDesk[];
  readonly store: Store;
  readonly vault: ClipVault;
  readonly spool: Spool;
  readonly journal: Journal;
  /** Of all services. */
  readonly health: () => Record<string, Health>;
  /** null: nothing is published. @throws CaError CA_MESSAGES_GONE */
  readonly resend: ((from: number) => Result<'resend'>) | null;
  /** null: no clip is sent anywhere. */
  readonly fetch: ((contactId: string, put: string | undefined) => Promise<Result<'fetch'>>) | null;
  /** @throws CaError CA_CONFIG_INVALID, CA_CONFIG_UNREADABLE */
  readonly reload: () => Result<'reload'>;
  readonly clock: Clock;
  readonly log: Logger;
}

type Deeds = {
  [C in CommandName]: (request: Request<C>, actor: Actor) => Result<C> | Promise<Result<C>>;
};

/**
 * Carries out what is asked for, by whichever way, and writes all of it into the log of actions. The broker is there
 * before the desks are and after they have gone: what is asked for too early waits, what comes too late is refused.
 */
export class Orders implements Service {
  readonly name = 'orders';
  readonly #options: OrdersOptions;
  readonly #deeds: Deeds;
  readonly #started = Promise.withResolvers<void>();
  readonly #running = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(options: OrdersOptions) {
    this.#options = options;
    this.#deeds = {
      resend: ({ from }) => there(options.resend, 'publishes nothing', '`mqtt`')(from),
      fetch: ({ contactId, put }) => there(options.fetch, 'sends no clips', '`uploads`')(contactId, put),
      pause: ({ desk, ms }) => this.#at(desk, (found) => found.pause(ms)),
      resume: ({ desk }) => this.#at(desk, (found) => found.resume()),
      veto: ({ desk }) => this.#at(desk, (found) => found.veto()),
      shift: ({ desk, receptionist }) => {
        const who = checked(pseudonym, receptionist, 'receptionist');
        return this.#at(desk, (found) => found.shift(who));
      },
      erase: ({ contactId }, actor) => this.#erase(contactId, actor),
      health: () => options.health(),
      reload: () => options.reload(),
    };
  }

  async start(): Promise<void> {
    this.#started.resolve();
  }

  /** Waits for what is being carried out. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#started.resolve();
    await Promise.allSettled(this.#running);
  }

  health(): Health {
    return { status: 'ok' };
  }

  /** Rejects with a CaError; what is none by itself is logged, and becomes CA_COMMAND_FAILED. */
  readonly perform: Perform = async (name, request, actor) => {
    await this.#started.promise;
    const done = this.#perform(name, request, actor);
    this.#running.add(done);
    const over = () => this.#running.delete(done);
    done.then(over, over);
    return done;
  };

  async #perform<C extends CommandName>(name: C, request: Request<C>, actor: Actor): Promise<Result<C>> {
    if (this.#stopped)
      throw new CaError('CA_COMMAND_FAILED', 'the service is stopping', {
        remedy: 'Ask again when it is back.',
      });
    const target = this.#target(request);
    try {
      const result = await (this.#deeds[name] as Deeds[C])(request, actor);
      // Who watches asks each second, and changes nothing.
      if (name !== 'health') this.#write({ actor, action: name, target, outcome: 'ok' });
      return result;
    } catch (error) {
      const failure = error instanceof CaError ? error : failureOf(error);
      if (failure !== error) this.#options.log.error({ err: error, command: name }, 'a command failed');
      this.#write({ actor, action: name, target, outcome: failure.code });
      throw failure;
    }
  }

  /** Writes down what was refused before it came here. */
  refused(actor: Actor, action: CommandName | 'unknown', code: ErrorCode): void {
    this.#write({ actor, action, target: {}, outcome: code });
  }

  #write(action: Omit<ActionRecord, 'time'>): void {
    const { journal, store, clock, log } = this.#options;
    const { wall } = clock.now();
    log.info({ actor: action.actor, command: action.action, outcome: action.outcome }, 'asked for');
    // Nothing was done, and of such there may be any number: they do not wait in memory.
    if (action.outcome !== 'ok' && journal.health().status !== 'ok') return;
    journal.write(() => store.logAction({ ...action, wall }));
  }

  /** What of a request may be written down: neither who is at the desk, nor an address that is a secret, nor a desk that there is not. */
  #target(request: Partial<Request<'pause'> & Request<'resend'> & Request<'fetch'>>): ActionRecord['target'] {
    const { desk, ms, from, contactId } = request;
    const target = {
      desk: desk !== undefined && this.#names().includes(desk) ? desk : undefined,
      ms,
      from,
      contactId,
    };
    return Object.fromEntries(
      Object.entries(target).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    );
  }

  #names(): string[] {
    return this.#options.desks.map((desk) => desk.presence().desk);
  }

  #at(name: string, deed: (desk: OrderedDesk) => void): { desk: string } {
    const desk = this.#options.desks.find((known) => known.presence().desk === name);
    if (!desk)
      throw new CaError('CA_COMMAND_INVALID', `there is no desk ${JSON.stringify(name)}`, {
        remedy: `There are: ${this.#names().join(', ')}.`,
      });
    deed(desk);
    return { desk: name };
  }

  /** Once the store has let go of it, the next start ends what is not destroyed here: nobody vouches for the files any more. */
  async #erase(contactId: string, actor: Actor): Promise<Result<'erase'>> {
    const { store, vault, spool, journal, desks, clock } = this.#options;
    // What waits there may be about this contact.
    if (journal.health().status !== 'ok')
      throw new CaError('CA_STORE_UNUSABLE', 'the store refuses to write: changes of contacts wait for it');
    const { wall } = store.erase(contactId, actor, clock.now().wall);
    for (const desk of desks) desk.forget(contactId);
    // Also a second time: what the first could not destroy. Each is tried, whatever becomes of the other.
    const destroyed = [spool.destroy(contactId), vault.destroyOf(contactId)];
    await Promise.allSettled(destroyed);
    await Promise.all(destroyed);
    return { contactId, erasedAt: new Date(wall).toISOString() };
  }
}

/** SQLite's errors are those of the disk: the commands are right, or they would not have come so far. */
function failureOf(error: unknown): CaError {
  const { code } = Object(error) as { code?: unknown };
  const ofStore = typeof code === 'string' && code.startsWith('SQLITE_');
  return new CaError(ofStore ? 'CA_STORE_UNUSABLE' : 'CA_COMMAND_FAILED', messageOf(error), { cause: error });
}

/** @throws CaError CA_COMMAND_DENIED where the config has no such thing */
function there<T>(part: T | null, lacks: string, setting: string): T {
  if (part !== null) return part;
  throw new CaError('CA_COMMAND_DENIED', `this device ${lacks}`, {
    remedy: `Set ${setting} in the config of the device.`,
  });
}
