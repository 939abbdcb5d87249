import type { Clock } from '../device/clock.ts';
import { CaError } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';
import type { Health, Service } from '../device/service.ts';
import type { Outbox, OutboxRow } from '../device/store/records.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { Drain } from './drain.ts';
import { type Sender, topicRoot } from './event.ts';
import { HomeAssistant, type HomeAssistantOptions } from './home-assistant.ts';
import type { Inbox } from './inbox.ts';
import { Link, type MqttOptions } from './link.ts';
import type { InfoMessage, RetainedPayload, RetainedTopic, StateMessage } from './messages.ts';
import { Retained } from './retained.ts';
import { storeFault } from './store-fault.ts';

/** How long (ms) `stop` waits for the rest of the outbox, and then (or for a connection just being exchanged) for the broker to take `stopped`. */
const LAST_ROWS = 2_000;
const LAST_WORD = 2_000;

export interface UploaderOptions {
  readonly device: string;
  readonly mqtt: MqttOptions;
  readonly outbox: Outbox;
  /** Events wait for a hub's acknowledgement. */
  readonly hub: boolean;
  /** Most events a second that are not live; null: as many as the broker takes. */
  readonly replay: number | null;
  /** What is said to the device; null: it listens to nobody. */
  readonly inbox: Inbox | null;
  /** Shows the desks in Home Assistant. */
  readonly homeAssistant?: Omit<HomeAssistantOptions, 'sender' | 'put'>;
  /** One more at each start of the service. */
  readonly session: number;
  /** Asked at each connect. */
  readonly info: () => InfoMessage;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The device at the broker: what is in the outbox goes out in order and at least once; state, health, presence and
 * indices are kept there in their latest form. Never in the way of counting: a broker that is away is health, not an
 * error.
 */
export class Uploader implements Service {
  readonly name = 'uploader';
  readonly #options: UploaderOptions;
  readonly #sender: Sender;
  readonly #link: Link;
  readonly #drain: Drain;
  /** null: there is no hub. */
  readonly #acknowledgements: Acknowledgements | null;
  readonly #retained: Retained;
  readonly #homeAssistant: HomeAssistant | null;
  readonly #listeners = new Set<(row: OutboxRow) => void>();
  #endAppend: (() => void) | null = null;
  #published = 0;
  /** Sequence of the newest event, as it was when that could last be read. */
  #newest = 0;
  #waking = false;
  #state: Pick<StateMessage, 'state' | 'since'> = { state: 'degraded', since: '' };

  constructor(options: UploaderOptions) {
    const { clock, log, device, mqtt, outbox, inbox, homeAssistant } = options;
    const wake = () => this.#wake();
    this.#options = options;
    const sender = { device, store: outbox.store, prefix: mqtt.prefix };
    this.#sender = sender;
    this.#retained = new Retained(clock, log, wake);
    this.#drain = new Drain({ ...options, sender, wake, onPublished: (row) => this.#tell(row) });
    this.#acknowledgements = options.hub ? new Acknowledgements(options) : null;
    const put = (topic: string, payload: string) => {
      this.#retained.put(topic, payload);
      this.#pump();
    };
    this.#homeAssistant = homeAssistant ? new HomeAssistant({ ...homeAssistant, sender, put }) : null;
    this.#link = new Link(
      {
        ...options,
        sender,
        newest: () => this.#readNewest(),
        subscriptions: [...(inbox?.subscriptions ?? []), ...(this.#homeAssistant?.subscriptions ?? [])],
        onMessage: (message) => {
          if (this.#homeAssistant?.take(message)) return;
          inbox?.take(message, (topic, payload, correlation) =>
            this.#link.connection?.answer(topic, payload, correlation),
          );
        },
        onRoom: wake,
      },
      () => this.#greet(),
      () => this.#reset(),
    );
    this.#putState('degraded');
  }

  async start(): Promise<void> {
    this.#endAppend = this.#options.outbox.onAppend(() => {
      this.#drain.appended();
      this.#pump();
    });
    this.#homeAssistant?.announce();
    this.#link.start();
  }

  async stop(): Promise<void> {
    this.#endAppend?.();
    this.#endAppend = null;
    await this.#within('exchange of the certificates', LAST_WORD, this.#link.renewal());
    if (this.#link.connection) {
      await this.#within('last rows of the outbox', LAST_ROWS, this.#drain.empty());
    }
    this.#drain.stop();
    if (this.#link.connection) {
      this.#putState('stopped');
      this.#pump();
      await this.#within('broker takes the state', LAST_WORD, this.#retained.idle());
    }
    this.#retained.stop();
    await this.#link.stop();
    this.#acknowledgements?.stop();
  }

  health(): Health {
    const backlog = this.#backlog();
    const fault =
      this.#link.fault ??
      this.#drain.fault ??
      this.#retained.fault ??
      this.#acknowledgements?.fault ??
      backlog.fault ??
      this.#link.warning;
    const detail = {
      connected: this.#link.connection !== null,
      published: this.#published,
      waiting: backlog.waiting,
      acknowledged: this.#options.outbox.acknowledged,
      ...this.#link.detail,
    };
    if (fault === null) return { status: 'ok', detail };
    return {
      status: 'degraded',
      reason: `${fault.message}. ${fault.remedy}`,
      detail: { ...detail, code: fault.code },
    };
  }

  /**
   * Publishes once more what was published, from sequence `from` on: the broker may have lost it. Gives the first that
   * is still there and the last. @throws CaError CA_MESSAGES_GONE when none is left
   */
  resend(from: number): { from: number; to: number } {
    return this.#drain.resend(from);
  }

  /** The hub has committed everything up to `upTo` of `store`. Of another store, or without a hub, it means nothing. */
  acknowledge(store: string, upTo: number): void {
    this.#acknowledgements?.take(store, upTo);
  }

  /** What the device says of itself; until this is called it is `degraded`. */
  setState(state: 'ready' | 'degraded'): void {
    this.#putState(state);
    this.#pump();
  }

  /** Keeps `payload` at the broker as the latest value of `topic` (below `ca/v1/<device>/`), now or once there is a connection. */
  publishRetained<T extends RetainedTopic>(topic: T, payload: RetainedPayload<T>): void {
    this.#retained.put(topicRoot(this.#sender) + topic, JSON.stringify(payload));
    this.#pump();
  }

  /** Calls `listener` for each row after the broker has acknowledged it and its mark is committed; returns the way to end that. */
  onPublished(listener: (row: OutboxRow) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #putState(state: StateMessage['state']): void {
    this.#state = { state, since: new Date(this.#options.clock.now().wall).toISOString() };
    this.#tellState();
  }

  /** With the newest sequence of now: a hub that has less asks for the rest. */
  #tellState(): void {
    const { session, outbox } = this.#options;
    const sequence = this.#readNewest();
    const message: StateMessage = { ...this.#state, session, store: outbox.store, sequence };
    this.#retained.put(`${topicRoot(this.#sender)}state`, JSON.stringify(message));
  }

  /** A disk that cannot be read is no reason to say nothing: `health` tells the hub of newer ones. */
  #readNewest(): number {
    try {
      this.#newest = this.#options.outbox.newest();
    } catch (error) {
      this.#options.log.debug({ err: error }, 'the outbox cannot be read');
    }
    return this.#newest;
  }

  #greet(): void {
    this.#tellState();
    this.#drain.begin();
    this.#acknowledgements?.listen();
    this.#retained.put(`${topicRoot(this.#sender)}info`, JSON.stringify(this.#options.info()));
    this.#pump();
  }

  #reset(): void {
    this.#retained.reset();
    this.#drain.reset();
  }

  #pump(): void {
    const { connection } = this.#link;
    if (!connection) return;
    this.#retained.pump(connection);
    this.#drain.pump(connection);
  }

  /** `waiting` is null while the store cannot be read. */
  #backlog(): { waiting: number | null; fault: CaError | null } {
    const { outbox } = this.#options;
    try {
      const reason = `${outbox.dropped} events have been dropped so far`;
      const fault = outbox.lossy ? new CaError('CA_BACKLOG_DROPPED', reason) : null;
      return { waiting: outbox.depth(), fault };
    } catch (error) {
      return { waiting: null, fault: storeFault('reading the outbox', error) };
    }
  }

  /** One pump for all PUBACKs of a turn of the event loop. */
  #wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      this.#pump();
    });
  }

  #tell(row: OutboxRow): void {
    this.#published += 1;
    this.#acknowledgements?.published();
    for (const listener of this.#listeners) listener(row);
  }

  #within(name: string, ms: number, done: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(name, ms, resolve);
      done.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
