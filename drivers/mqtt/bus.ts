import { randomBytes } from 'node:crypto';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { DeskConfig } from '../../config/schema.ts';
import { backOff } from '../../device/back-off.ts';
import type { Clock, Timer } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import { CaError, messageOf } from '../../device/errors.ts';
import { notConnected, notSubscribed } from './broker-fault.ts';

export type BrokerConfig = Extract<DeskConfig['inputs'][number], { driver: 'mqtt-presence' }>['broker'];
type SecretReference = NonNullable<BrokerConfig['password']>;

/** A broker that has said nothing for one and a half times this is gone. Seconds. */
const KEEPALIVE_SECONDS = 10;
const CONNECT_TIMEOUT = 10_000;
/** The longest pause before it is tried again. Milliseconds. */
const LONGEST_WAIT = 10_000;
/** A connection that held this long was a good one: the next failure is a first one again. Milliseconds. */
const STEADY = 10_000;
const GOODBYE_TIMEOUT = 1_000;
/** Return code of SUBACK. */
const REFUSED = 0x80;

/** One input, by what it wants to hear. */
export interface BusListener {
  /** In the order in which what is retained shall come: whether the device is there before what it says. */
  readonly topics: readonly string[];
  /** The broker will send what is published from now on. */
  subscribed(): void;
  heard(message: BusMessage): void;
  /** Nothing can be heard. It is tried again by itself; may come again, with a newer reason. */
  lost(why: CaError): void;
}

export interface BusMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** It was published before, and the broker kept it. */
  readonly retained: boolean;
  /** When it arrived. */
  readonly at: Instant;
}

/**
 * The connection of a desk's inputs to one broker. Open while anybody listens; comes back by itself; never throws. A
 * clean session: what happened while we were away is over. MQTT 3.1.1, for that is what every broker speaks.
 */
export class MqttBus {
  readonly #broker: BrokerConfig;
  readonly #readSecret: (reference: SecretReference) => string;
  readonly #clock: Clock;
  readonly #listeners = new Set<BusListener>();
  /** Whose subscriptions were refused, until one is granted, and when it is tried again. */
  readonly #refused = new Map<BusListener, Timer>();
  /** The packet heard last of each topic, by its id. */
  readonly #heard = new Map<string, number>();
  #client: MqttClient | null = null;
  #retry: Timer | null = null;
  /** Why there is no connection; null while there is one, or may yet be. */
  #fault: CaError | null = null;
  #failures = 0;

  constructor(broker: BrokerConfig, readSecret: (reference: SecretReference) => string, clock: Clock) {
    this.#broker = broker;
    this.#readSecret = readSecret;
    this.#clock = clock;
  }

  /** The first connects. Attached again, a listener changes nothing. */
  attach(listener: BusListener): void {
    if (this.#listeners.has(listener)) return;
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#attempt();
    else if (this.#client?.connected) this.#subscribe(this.#client, listener, 0);
    else if (this.#fault) listener.lost(this.#fault);
  }

  /** The last disconnects; resolves when the connection is gone. */
  async detach(listener: BusListener): Promise<void> {
    if (!this.#listeners.delete(listener)) return;
    this.#refused.get(listener)?.cancel();
    this.#refused.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#retry?.cancel();
    this.#retry = null;
    this.#fault = null;
    this.#failures = 0;
    const client = this.#client;
    this.#client = null;
    if (client) await this.#goodbye(client);
  }

  #attempt(): void {
    this.#retry = null;
    this.#heard.clear();
    let client: MqttClient;
    try {
      client = mqtt.connect(this.#broker.url, this.#options());
    } catch (error) {
      return this.#failed(
        error instanceof CaError ? error : notConnected(this.#broker.url, messageOf(error), null),
      );
    }
    this.#client = client;
    let connectedAt: number | null = null;
    client.once('connect', () => {
      if (client !== this.#client) return;
      connectedAt = this.#clock.now().mono;
      this.#fault = null;
      for (const listener of this.#listeners) this.#subscribe(client, listener, 0);
    });
    client.on('message', (topic, payload, packet) => {
      if (client !== this.#client) return;
      // QoS 1 may deliver twice. What was heard is known by its id: a repeat alone is marked, not whether we had it.
      const { messageId, dup } = packet;
      if (dup && messageId !== undefined && this.#heard.get(topic) === messageId) return;
      if (messageId !== undefined) this.#heard.set(topic, messageId);
      const message = { topic, payload, retained: packet.retain, at: this.#clock.now() };
      this.#tell((listener) => {
        // Half a device is none: without its availability, what it says cannot be trusted.
        if (listener.topics.includes(topic) && !this.#refused.has(listener)) listener.heard(message);
      });
    });
    const lost = (reason: string, code: unknown) => {
      if (client !== this.#client) return;
      this.#client = null;
      client.end(true);
      if (connectedAt !== null && this.#clock.now().mono - connectedAt >= STEADY) this.#failures = 0;
      this.#failed(notConnected(this.#broker.url, reason, code));
    };
    client.on('error', (error) => lost(messageOf(error), 'code' in error ? error.code : null));
    client.on('close', () => lost('the connection was closed', null));
  }

  #failed(fault: CaError): void {
    this.#fault = fault;
    for (const timer of this.#refused.values()) timer.cancel();
    this.#refused.clear();
    const wait = backOff(++this.#failures, LONGEST_WAIT);
    this.#retry = this.#clock.after(`connect to ${this.#broker.url}`, wait, () => this.#attempt());
    this.#tell((listener) => listener.lost(fault));
  }

  /** `failures`: how often the broker has refused it on this connection. */
  #subscribe(client: MqttClient, listener: BusListener, failures: number): void {
    const { topics } = listener;
    client.subscribe([...topics], { qos: 1 }, (error, _, suback) => {
      if (client !== this.#client || !client.connected || !this.#listeners.has(listener)) return;
      if (!error) {
        this.#refused.delete(listener);
        return listener.subscribed();
      }
      const wait = backOff(failures + 1, LONGEST_WAIT);
      const again = () => this.#subscribe(client, listener, failures + 1);
      this.#refused.set(listener, this.#clock.after(`subscribe at ${this.#broker.url}`, wait, again));
      // One return code for each topic, in their order (MQTT 3.1.1, 3.9.3).
      const codes = suback && 'granted' in suback ? suback.granted : [];
      const refused = topics.filter((_, index) => codes[index] === REFUSED);
      listener.lost(notSubscribed(this.#broker.url, refused));
    });
  }

  #goodbye(client: MqttClient): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = this.#clock.after(`goodbye to ${this.#broker.url}`, GOODBYE_TIMEOUT, resolve);
      client.end(!client.connected, () => {
        timer.cancel();
        resolve();
      });
    }).then(() => void client.stream.destroy());
  }

  #tell(news: (listener: BusListener) => void): void {
    for (const listener of [...this.#listeners]) news(listener);
  }

  /** A client for one connection: mqtt.js would stop for ever after a refused login. @throws CaError CA_SECRET_UNREADABLE */
  #options(): IClientOptions {
    const { user, password } = this.#broker;
    return {
      protocolVersion: 4,
      clean: true,
      // Of its own for each desk and each device: two with one name would throw each other out.
      clientId: `ca-input-${randomBytes(6).toString('hex')}`,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT,
      reconnectPeriod: 0,
      resubscribe: false,
      ...(user === undefined ? {} : { username: user }),
      // Asked each time, so that a password changed on the disk is used.
      ...(password === undefined ? {} : { password: this.#readSecret(password) }),
    };
  }
}
