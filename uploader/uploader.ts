import type { Clock } from '../device/clock.ts';
import type { Logger } from '../device/log.ts';
import type { Health, Service } from '../device/service.ts';
import type { Outbox, OutboxRow } from '../device/store/records.ts';
import { Drain } from './drain.ts';
import { type Sender, topicRoot } from './event.ts';
import { Link, type MqttOptions } from './link.ts';
import type { InfoMessage, RetainedPayload, RetainedTopic, StateMessage } from './messages.ts';
import { Retained } from './retained.ts';

/** How long (ms) `stop` waits for the rest of the outbox, and then for the broker to take `stopped`. */
const LAST_ROWS = 2_000;
const LAST_WORD = 2_000;

export interface UploaderOptions {
  readonly device: string;
  readonly mqtt: MqttOptions;
  readonly outbox: Outbox;
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
  readonly #retained: Retained;
  readonly #listeners = new Set<(row: OutboxRow) => void>();
  #endAppend: (() => void) | null = null;
  #published = 0;
  #waking = false;

  constructor(options: UploaderOptions) {
    const { clock, log, device, mqtt, outbox } = options;
    const wake = () => this.#wake();
    this.#options = options;
    const sender = { device, store: outbox.store, prefix: mqtt.prefix };
    this.#sender = sender;
    this.#retained = new Retained(clock, log, wake);
    this.#drain = new Drain({ ...options, sender, wake, onPublished: (row) => this.#tell(row) });
    this.#link = new Link(
      { ...options, sender, newest: () => outbox.newest(), subscriptions: [], onMessage: () => {} },
      () => this.#greet(),
      () => this.#reset(),
    );
    this.#putState('degraded');
  }

  async start(): Promise<void> {
    this.#endAppend = this.#options.outbox.onAppend(() => this.#pump());
    this.#link.start();
  }

  async stop(): Promise<void> {
    this.#endAppend?.();
    this.#endAppend = null;
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
  }

  health(): Health {
    const fault = this.#link.fault ?? this.#drain.fault ?? this.#retained.fault;
    const detail = { connected: this.#link.connection !== null, published: this.#published };
    if (fault === null) return { status: 'ok', detail };
    return {
      status: 'degraded',
      reason: `${fault.message}. ${fault.remedy}`,
      detail: { ...detail, code: fault.code },
    };
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
    const { session, clock, outbox } = this.#options;
    const since = new Date(clock.now().wall).toISOString();
    const { store } = outbox;
    const message: StateMessage = { state, session, since, store, sequence: outbox.newest() };
    this.#retained.put(`${topicRoot(this.#sender)}state`, JSON.stringify(message));
  }

  #greet(): void {
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
