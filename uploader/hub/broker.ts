import { Socket } from 'node:net';
import mqtt, { type IClientPublishOptions, type MqttClient } from 'mqtt';
import { backOff } from '../../device/back-off.ts';
import type { Clock, Timer } from '../../device/clock.ts';
import { CaError, messageOf } from '../../device/errors.ts';
import { type Logger, withoutCredentials } from '../../device/log.ts';
import { brokerFault } from '../broker-fault.ts';

const KEEPALIVE_SECONDS = 15;
const CONNECT_TIMEOUT = 10_000;
/** The longest pause (ms) between two attempts, and after how long a connection was a good one. */
const LONGEST_WAIT = 30_000;
const STEADY = 10_000;

export interface BrokerOptions {
  /** mqtt:// or mqtts://, with user and password where the broker asks for them. */
  readonly url: string;
  /** Two clients of one id would send each other away for ever. */
  readonly clientId: string;
  /** Filters that are subscribed to at each connection. */
  readonly subscriptions: readonly string[];
  readonly onMessage: (topic: string, payload: Buffer, correlation: Buffer | null) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The hub at the broker, by MQTT 5. It asks the broker to keep nothing (clean start): what was said while it was away,
 * it asks the devices for. Each attempt is a fresh client, so that nothing from before is sent twice.
 */
export class Broker {
  readonly #options: BrokerOptions;
  #client: MqttClient | null = null;
  #fault: CaError | null;
  #failures = 0;
  #shortLived = 0;
  #retry: Timer | null = null;
  #stopped = false;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#fault = new CaError('CA_BROKER_UNREACHABLE', 'not connected yet');
  }

  /** Why nothing can be heard or said; null while all is well. */
  get fault(): CaError | null {
    return this.#fault;
  }

  connect(): void {
    const { url, clientId, clock, onMessage } = this.#options;
    const client = mqtt.connect(url, {
      protocolVersion: 5,
      clientId,
      clean: true,
      keepalive: KEEPALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT,
      reconnectPeriod: 0,
      resubscribe: false,
    });
    this.#client = client;
    // Nagle and the broker's delayed ACK together would hold an `ack` back for 40 ms.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    let connectedAt: number | null = null;
    client.on('connect', () => {
      if (client !== this.#client) return;
      connectedAt = clock.now().mono;
      this.subscribe();
    });
    client.on('message', (topic, payload, packet) => {
      if (client === this.#client) onMessage(topic, payload, packet.properties?.correlationData ?? null);
    });
    const lost = (reason: string, code?: unknown) => {
      if (client !== this.#client) return;
      this.#client = null;
      client.end(true);
      const held = connectedAt === null ? null : clock.now().mono - connectedAt;
      this.#shortLived = held === null || held >= STEADY ? 0 : this.#shortLived + 1;
      if (held !== null && held >= STEADY) this.#failures = 0;
      const loss = {
        reason,
        code,
        version: '5' as const,
        connected: held !== null,
        shortLived: this.#shortLived,
      };
      this.#failed(brokerFault(withoutCredentials(url), loss));
    };
    client.on('error', (error) => lost(messageOf(error), 'code' in error ? error.code : undefined));
    client.on('disconnect', ({ reasonCode }) => lost('disconnected', reasonCode));
    client.on('close', () => lost('connection closed'));
  }

  /** Asks for all that is subscribed to, and so once more for what the broker keeps: each device's `state` and `health`. */
  subscribe(): void {
    const client = this.#client;
    const { subscriptions, log } = this.#options;
    if (!client?.connected) return;
    client.subscribe([...subscriptions], { qos: 1 }, (error, granted) => {
      if (client !== this.#client) return;
      const refused = (granted ?? []).filter(({ qos }) => qos >= 128).map(({ topic }) => topic);
      this.#fault =
        error || refused.length > 0
          ? new CaError('CA_SUBSCRIBE_REFUSED', refused.join(', ') || messageOf(error), {
              remedy: 'Let the hub subscribe to these topics in the access list of the broker.',
            })
          : null;
      if (this.#fault) log.warn({ err: this.#fault }, 'the broker does not let the hub hear everything');
      else log.info('listening at the broker');
    });
  }

  /** With QoS 1. Without a connection nothing is sent: whoever comes back is told anew. */
  publish(topic: string, payload: string, options: Omit<IClientPublishOptions, 'qos'>): void {
    const client = this.#client;
    if (!client?.connected) return;
    client.publish(topic, payload, { qos: 1, ...options }, (error) => {
      if (!error || client !== this.#client) return;
      this.#fault = new CaError('CA_PUBLISH_REFUSED', `${topic}: ${messageOf(error)}`, {
        remedy: 'Let the hub publish on that topic in the access list of the broker.',
      });
      this.#options.log.warn({ err: this.#fault }, 'the broker does not take a message of the hub');
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    const client = this.#client;
    this.#client = null;
    this.#fault = new CaError('CA_BROKER_UNREACHABLE', 'stopped');
    await client?.endAsync(!client.connected);
  }

  #failed(fault: CaError): void {
    if (this.#stopped) return;
    this.#fault = fault;
    this.#failures += 1;
    const wait = backOff(this.#failures, LONGEST_WAIT);
    this.#options.log.warn({ err: fault, retryMs: Math.round(wait) }, 'no connection to the broker');
    this.#retry = this.#options.clock.after('connect to the broker again', wait, () => this.connect());
  }
}
