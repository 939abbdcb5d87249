import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import mqtt, { type IClientOptions, type MqttClient, ReasonCodes } from 'mqtt';
import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError, messageOf } from '../device/errors.ts';
import { type Logger, withoutCredentials } from '../device/log.ts';
import { brokerFault } from './broker-fault.ts';
import { Connection } from './connection.ts';
import { type Sender, topicRoot } from './event.ts';
import type { StateMessage } from './messages.ts';
import { Subscriptions } from './subscriptions.ts';
import { Certificates, type TlsMaterial } from './tls.ts';

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
  /**
   * For mqtts://. Asked at each attempt to connect, and now and then while connected, so that new certificates are
   * used without a restart: see `readTls`. Without, the authorities of the system.
   */
  readonly tls?: () => TlsMaterial;
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
  /** An answer has left: there is room for something else. */
  readonly onRoom: () => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** Seconds of silence after which the broker is asked whether it is there. */
  readonly keepalive?: number;
}

const KEEPALIVE_SECONDS = 15;
/** How often (ms) the files of the certificates are looked at while a connection holds. */
const LOOK = 60_000;
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
  readonly #subscriptions: Subscriptions;
  readonly #certificates: Certificates | null;
  #look: Timer | null = null;
  /** A client that is given up for one with other certificates, … */
  #leaving: MqttClient | null = null;
  /** … until it is gone, … */
  #left: Promise<void> | null = null;
  /** … and who waits for what comes of the attempt after it. */
  #onRenewed: (() => void)[] = [];
  #renewing = false;
  /** What the broker would say if the connection of now broke. */
  #will = '';

  /** `onUp` is called at each CONNACK, `onDown` when that connection is lost; not for the end by `stop`. */
  constructor(options: LinkOptions, onUp: () => void, onDown: () => void) {
    this.#options = options;
    this.#onUp = onUp;
    this.#onDown = onDown;
    this.#fault = new CaError('CA_BROKER_UNREACHABLE', `not connected to ${this.#broker} yet`);
    const { subscriptions, clock, log } = options;
    this.#subscriptions = new Subscriptions(subscriptions, clock, log);
    const { tls } = options.mqtt;
    this.#certificates = tls ? new Certificates(tls, clock) : null;
  }

  get connection(): Connection | null {
    return this.#connection;
  }

  /** Why there is no connection, or why nothing can be heard over it; null while all is well. */
  get fault(): CaError | null {
    return this.#fault ?? this.#subscriptions.fault;
  }

  /** What will end the connection unless somebody sees to it: a certificate. */
  get warning(): CaError | null {
    return this.#certificates?.warning ?? null;
  }

  /** For the health: on which day which certificate expires. */
  get detail(): Record<string, string> {
    return this.#certificates?.detail ?? {};
  }

  start(): void {
    this.#attempt();
    if (!this.#certificates) return;
    this.#look = this.#options.clock.every('look at the certificates', LOOK, () => {
      // Without a connection, each attempt reads them anyway.
      if (this.#connection && this.#certificates?.worthANewConnection()) this.#renew();
    });
  }

  /** Says goodbye, so that the broker does not publish the will, and ends the connection. */
  async stop(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = null;
    this.#look?.cancel();
    this.#look = null;
    const client = this.#client;
    this.#client = null;
    this.#renewed();
    if (client === null) return;
    this.#subscriptions.end();
    this.#connection?.lose();
    this.#connection = null;
    this.#fault = new CaError('CA_BROKER_UNREACHABLE', `disconnected from ${this.#broker}`);
    await (this.#left ?? this.#goodbye(client));
  }

  /**
   * Resolves at once, but while the connection is exchanged for the sake of the certificates: then with the new
   * connection, or with the first attempt that fails.
   */
  renewal(): Promise<void> {
    return this.#renewing ? new Promise((resolve) => this.#onRenewed.push(resolve)) : Promise.resolve();
  }

  /** Waits for what is in flight, for as long as a goodbye may take, and leaves. */
  async #goodbye(client: MqttClient): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after('goodbye to the broker', GOODBYE_TIMEOUT, resolve);
      client.end(!client.connected, () => {
        timer.cancel();
        resolve();
      });
    });
    client.stream.destroy();
  }

  /** Heard out until the goodbye: nothing has to come twice. */
  #renew(): void {
    const [client, connection] = [this.#client, this.#connection];
    if (client === null || connection === null) return;
    this.#options.log.info({ broker: this.#broker }, 'connecting anew for the sake of the certificates');
    this.#renewing = true;
    this.#leaving = client;
    this.#connection = null;
    this.#fault = new CaError(
      'CA_BROKER_UNREACHABLE',
      `connecting anew to ${this.#broker} for the sake of the certificates`,
    );
    this.#left = this.#leave(client, connection).then(() => {
      this.#left = null;
      this.#leaving = null;
      connection.lose();
      // Stopped meanwhile.
      if (client !== this.#client) return;
      this.#client = null;
      this.#subscriptions.end();
      this.#onDown();
      this.#attempt();
    });
  }

  /**
   * A goodbye takes the will back, and nobody would tell of a device whose new certificate is refused: so it says the
   * will's `lost` itself. Not by reason code 4 of the goodbye: 3.1.1 has none, and a will may come late and be the last
   * word about a device that is back; this one is acknowledged before. That `lost` shows for a moment at each exchange
   * is the price, and true.
   */
  async #leave(client: MqttClient, connection: Connection): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after('broker takes the state', GOODBYE_TIMEOUT, resolve);
      const heard = () => {
        timer.cancel();
        resolve();
      };
      client.once('close', heard);
      connection.lastWord(`${topicRoot(this.#options.sender)}state`, this.#will, heard);
    });
    await this.#goodbye(client);
  }

  #renewed(): void {
    this.#renewing = false;
    for (const resolve of this.#onRenewed.splice(0)) resolve();
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
      const { log, onRoom } = this.#options;
      this.#connection = new Connection(client, connack, log, onRoom);
      log.info({ broker: this.#broker, afterFailures: this.#failures }, 'connected to the broker');
      if (client.stream instanceof TLSSocket) {
        const shown = client.stream.getPeerX509Certificate();
        if (shown) this.#certificates?.met(shown);
      }
      this.#subscriptions.begin(client);
      this.#onUp();
      this.#renewed();
    });
    client.on('message', (topic, payload, packet) => {
      if (client !== this.#client) return;
      const { responseTopic = null, correlationData = null } = packet.properties ?? {};
      this.#options.onMessage({ topic, payload, retained: packet.retain, responseTopic, correlationData });
    });
    const lost = (reason: string, code?: unknown) => {
      if (client !== this.#client || client === this.#leaving) return;
      const held = connectedAt === null ? null : this.#options.clock.now().mono - connectedAt;
      this.#client = null;
      const connection = this.#connection;
      this.#connection = null;
      connection?.lose();
      this.#subscriptions.end();
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

  #failed(fault: CaError): void {
    const { clock, log } = this.#options;
    this.#failures += 1;
    const delay = backOff(this.#failures, LONGEST_WAIT);
    const known = this.#failures > 1 && this.#fault?.message === fault.message;
    log[known ? 'debug' : 'warn']({ err: fault, retryMs: Math.round(delay) }, 'no connection to the broker');
    this.#fault = fault;
    this.#retry = clock.after('connect to the broker again', delay, () => this.#attempt());
    this.#renewed();
  }

  /** `held`: milliseconds for which the connection that is lost was up, null when it was never made. */
  #faultOf(reason: string, code: unknown, held: number | null): CaError {
    if (held !== null && held >= STEADY) {
      this.#shortLived = 0;
      this.#failures = 0;
    } else this.#shortLived = held === null ? 0 : this.#shortLived + 1;
    const { version } = this.#options.mqtt;
    const shortLived = this.#shortLived;
    return brokerFault(this.#broker, { reason, code, version, connected: held !== null, shortLived });
  }

  #clientOptions(): IClientOptions {
    const { sender, session, newest, clock, mqtt: broker } = this.#options;
    const since = new Date(clock.now().wall).toISOString();
    const { ca, cert, key } = this.#certificates?.take() ?? {};
    const lost: StateMessage = { state: 'lost', session, since, store: sender.store, sequence: newest() };
    this.#will = JSON.stringify(lost);
    return {
      protocolVersion: broker.version === '5' ? 5 : 4,
      clientId: `contact-analyzer-${sender.device}`,
      keepalive: this.#options.keepalive ?? KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT,
      reconnectPeriod: 0,
      resubscribe: false,
      ...(broker.user === undefined ? {} : { username: broker.user }),
      ...(broker.password === undefined ? {} : { password: broker.password() }),
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      rejectUnauthorized: true,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      will: {
        topic: `${topicRoot(sender)}state`,
        payload: Buffer.from(this.#will),
        qos: 1,
        retain: true,
      },
    };
  }

  get #broker(): string {
    return withoutCredentials(this.#options.mqtt.url);
  }
}
