import { Socket } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient, ReasonCodes } from 'mqtt';
import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError, messageOf } from '../device/errors.ts';
import { type Logger, withoutCredentials } from '../device/log.ts';
import { brokerFault } from './broker-fault.ts';
import { Connection } from './connection.ts';
import { type Sender, topicRoot } from './event.ts';
import type { StateMessage } from './messages.ts';

/** The broker and who we are there. */
export interface MqttOptions {
  /** mqtt:// or mqtts:// */
  readonly url: string;
  readonly user?: string;
  /** Asked at each attempt to connect, so that a password changed on the disk is used. May throw CA_SECRET_UNREADABLE. */
  readonly password?: () => string;
  /** 3.1.1 is for brokers that know no 5: there, a publish that the broker refuses looks like one it took. */
  readonly version: '5' | '3.1.1';
  /** Stands before `ca/v1` in every topic. */
  readonly prefix?: string;
}

/** A message to this device, from a topic that it has subscribed to. */
export interface Incoming {
  readonly topic: string;
  readonly payload: Buffer;
  /** Kept by the broker: it was said before we came. */
  readonly retained: boolean;
  /** Where an answer is waited for (MQTT 5, 4.10), and what has to go with it. */
  readonly responseTopic: string | null;
  readonly correlationData: Buffer | null;
}

export interface LinkOptions {
  readonly sender: Sender;
  readonly mqtt: MqttOptions;
  readonly session: number;
  /** Sequence of the newest event, for the will. */
  readonly newest: () => number;
  /** Filters that are subscribed to at each connection. */
  readonly subscriptions: readonly string[];
  readonly onMessage: (message: Incoming) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const KEEPALIVE_SECONDS = 15;
const CONNECT_TIMEOUT = 10_000;
/** The longest pause (ms) between two attempts. */
const LONGEST_WAIT = 30_000;
/** A connection that held this long (ms) was a good one: the next failure is a first one again. */
const STEADY = 10_000;
const GOODBYE_TIMEOUT = 1_000;
/**
 * One MQTT connection that comes back by itself. Each attempt is a fresh mqtt.js client with its own reconnecting
 * switched off: mqtt.js would stop for ever after a refused login, wait the same time for every failure, and send
 * again what it still holds in memory while the outbox does the same.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #onUp: () => void;
  readonly #onDown: () => void;
  #client: MqttClient | null = null;
  #connection: Connection | null = null;
  #failures = 0;
  #shortLived = 0;
  #retry: Timer | null = null;
  #fault: CaError | null;
  /** What the broker does not let us hear. */
  #unheard: CaError | null = null;

  /** `onUp` is called at each CONNACK, `onDown` when that connection is lost; not for the end by `stop`. */
  constructor(options: LinkOptions, onUp: () => void, onDown: () => void) {
    this.#options = options;
    this.#onUp = onUp;
    this.#onDown = onDown;
    this.#fault = new CaError('CA_BROKER_UNREACHABLE', `not connected to ${this.#broker} yet`);
  }

  get connection(): Connection | null {
    return this.#connection;
  }

  /** Why there is no connection, or why nothing can be heard over it; null while all is well. */
  get fault(): CaError | null {
    return this.#fault ?? this.#unheard;
  }

  start(): void {
    this.#attempt();
  }

  /** Says goodbye, so that the broker does not publish the will, and ends the connection. */
  async stop(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = null;
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    this.#connection?.lose();
    this.#connection = null;
    this.#fault = new CaError('CA_BROKER_UNREACHABLE', `disconnected from ${this.#broker}`);
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after('goodbye to the broker', GOODBYE_TIMEOUT, resolve);
      client.end(!client.connected, () => {
        timer.cancel();
        resolve();
      });
    });
    client.stream.destroy();
  }

  #attempt(): void {
    this.#retry = null;
    let client: MqttClient;
    try {
      client = mqtt.connect(this.#options.mqtt.url, this.#clientOptions());
    } catch (error) {
      const unreachable = () => new CaError('CA_BROKER_UNREACHABLE', `${this.#broker}: ${messageOf(error)}`);
      return this.#failed(error instanceof CaError ? error : unreachable());
    }
    this.#client = client;
    // Nagle and the broker's delayed ACK together would hold a message back for 40 ms.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    let connectedAt: number | null = null;
    client.once('connect', (connack) => {
      if (client !== this.#client) return;
      connectedAt = this.#options.clock.now().mono;
      this.#fault = null;
      this.#connection = new Connection(client, connack);
      this.#options.log.info(
        { broker: this.#broker, afterFailures: this.#failures },
        'connected to the broker',
      );
      this.#subscribe(client);
      this.#onUp();
    });
    client.on('message', (topic, payload, packet) => {
      if (client !== this.#client) return;
      const { responseTopic = null, correlationData = null } = packet.properties ?? {};
      this.#options.onMessage({ topic, payload, retained: packet.retain, responseTopic, correlationData });
    });
    const lost = (reason: string, code?: unknown) => {
      if (client !== this.#client) return;
      const held = connectedAt === null ? null : this.#options.clock.now().mono - connectedAt;
      this.#client = null;
      const connection = this.#connection;
      this.#connection = null;
      connection?.lose();
      client.end(true);
      this.#failed(this.#faultOf(reason, code, held));
      if (connection) this.#onDown();
    };
    client.on('error', (error) => lost(messageOf(error), 'code' in error ? error.code : undefined));
    client.on('disconnect', ({ reasonCode = 0 }) =>
      lost(
        `disconnected: ${ReasonCodes[reasonCode as keyof typeof ReasonCodes] || 'by the broker'}`,
        reasonCode,
      ),
    );
    client.on('close', () => lost('connection closed'));
  }

  /** The broker forgets our subscriptions with the connection (clean start). A filter that it refuses is told, and asked for again next time. */
  #subscribe(client: MqttClient): void {
    const { subscriptions, log } = this.#options;
    if (subscriptions.length === 0) return;
    client.subscribe([...subscriptions], { qos: 1 }, (error, granted) => {
      if (client !== this.#client) return;
      const refused = (granted ?? []).filter(({ qos }) => qos >= 128).map(({ topic }) => topic);
      this.#unheard =
        error || refused.length > 0
          ? new CaError('CA_SUBSCRIBE_REFUSED', `${refused.join(', ') || subscriptions.join(', ')}`)
          : null;
      if (this.#unheard) log.warn({ err: this.#unheard }, 'the broker lets this device hear nothing');
    });
  }

  #failed(fault: CaError): void {
    const { clock, log } = this.#options;
    this.#failures += 1;
    const delay = backOff(this.#failures, LONGEST_WAIT);
    const known = this.#failures > 1 && this.#fault?.message === fault.message;
    log[known ? 'debug' : 'warn']({ err: fault, retryMs: Math.round(delay) }, 'no connection to the broker');
    this.#fault = fault;
    this.#retry = clock.after('connect to the broker again', delay, () => this.#attempt());
  }

  /** `held`: milliseconds for which the connection that is lost was up, null when it was never made. */
  #faultOf(reason: string, code: unknown, held: number | null): CaError {
    if (held !== null && held >= STEADY) {
      this.#shortLived = 0;
      this.#failures = 0;
    } else if (held !== null) this.#shortLived += 1;
    return brokerFault(`${this.#broker}: ${reason}`, code, held === null ? 0 : this.#shortLived);
  }

  #clientOptions(): IClientOptions {
    const { sender, session, newest, clock, mqtt: broker } = this.#options;
    const since = new Date(clock.now().wall).toISOString();
    const will: StateMessage = { state: 'lost', session, since, store: sender.store, sequence: newest() };
    return {
      protocolVersion: broker.version === '5' ? 5 : 4,
      clientId: `contact-analyzer-${sender.device}`,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT,
      reconnectPeriod: 0,
      resubscribe: false,
      ...(broker.user === undefined ? {} : { username: broker.user }),
      ...(broker.password === undefined ? {} : { password: broker.password() }),
      will: {
        topic: `${topicRoot(sender)}state`,
        payload: Buffer.from(JSON.stringify(will)),
        qos: 1,
        retain: true,
      },
    };
  }

  get #broker(): string {
    return withoutCredentials(this.#options.mqtt.url);
  }
}
