import type { IConnackPacket, MqttClient } from 'mqtt';
import { CaError, messageOf } from '../device/errors.ts';

/** Messages that may wait for their PUBACK at once. More brings nothing: the commit of the marks is the brake. */
const WINDOW = 20;

/** How a message is marked for MQTT 5 receivers; 3.1.1 has no place for it. */
export type ContentType = 'application/json' | 'application/cloudevents+json';

/** One established connection, from CONNACK to its loss. */
export class Connection {
  readonly #client: MqttClient;
  readonly #window: number;
  #inFlight = 0;
  #lost = false;

  constructor(client: MqttClient, connack: IConnackPacket) {
    this.#client = client;
    // MQTT 5, 3.2.2.3.3: a broker may disconnect whoever has more in flight than it said.
    this.#window = Math.min(WINDOW, connack.properties?.receiveMaximum ?? WINDOW);
  }

  /** How many more messages may be sent now. */
  get room(): number {
    return this.#lost ? 0 : this.#window - this.#inFlight;
  }

  /**
   * Sends with QoS 1. `done` is called once: with null at the PUBACK, with CA_PUBLISH_REFUSED when the broker
   * refuses the message. It is never called for a connection that is lost: whether the message arrived is unknown then.
   */
  publish(
    topic: string,
    payload: string,
    options: { retain: boolean; contentType: ContentType },
    done: (refusal: CaError | null) => void,
  ): void {
    this.#inFlight += 1;
    const { retain, contentType } = options;
    const properties = { payloadFormatIndicator: true, contentType };
    this.#client.publish(topic, payload, { qos: 1, retain, properties }, (error) => {
      if (this.#lost) return;
      this.#inFlight -= 1;
      done(
        error ? new CaError('CA_PUBLISH_REFUSED', `${topic}: ${messageOf(error)}`, { cause: error }) : null,
      );
    });
  }

  /** Answers a request: QoS 1, and nobody waits for it: who asked asks again. */
  answer(topic: string, payload: string, correlationData: Buffer | null): void {
    if (this.#lost) return;
    const properties = {
      payloadFormatIndicator: true,
      contentType: 'application/json',
      ...(correlationData === null ? {} : { correlationData }),
    };
    this.#client.publish(topic, payload, { qos: 1, properties }, () => {});
  }

  /** Nothing that is in flight is heard of any more. */
  lose(): void {
    this.#lost = true;
  }
}
