import type { IClientPublishOptions, IConnackPacket, MqttClient } from 'mqtt';
import { CaError, messageOf } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';

/** Messages that may wait for their PUBACK at once. More brings nothing: the commit of the marks is the brake. */
const WINDOW = 20;

/** Answers that may wait for room: more is somebody who asks faster than the broker takes, and asks again anyway. */
const ANSWERS = 100;

/** How a message is marked for MQTT 5 receivers; 3.1.1 has no place for it. */
export type ContentType = 'application/json' | 'application/cloudevents+json';

/** One established connection, from CONNACK to its loss. */
export class Connection {
  readonly #client: MqttClient;
  readonly #window: number;
  #inFlight = 0;
  #lost = false;
  /** Answers, and a last word, for which there was no room. */
  readonly #waiting: { readonly topic: string; readonly send: () => void }[] = [];
  readonly #log: Logger;
  readonly #onRoom: () => void;

  /** `onRoom` is called when the PUBACK of an answer makes room: that of a message tells its own `done`. */
  constructor(client: MqttClient, connack: IConnackPacket, log: Logger, onRoom: () => void) {
    this.#client = client;
    this.#log = log;
    this.#onRoom = onRoom;
    // MQTT 5, 3.2.2.3.3: a broker may disconnect whoever has more in flight than it said.
    this.#window = Math.min(WINDOW, connack.properties?.receiveMaximum ?? WINDOW);
  }

  /** How many messages may wait for their PUBACK at once. */
  get window(): number {
    return this.#window;
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
    const { retain, contentType } = options;
    const properties = { payloadFormatIndicator: true, contentType };
    this.#send(topic, payload, { retain, properties }, done);
  }

  /**
   * Answers a request: QoS 1, and nobody waits for it: who asked asks again. What the broker refuses, or what there is
   * no room for, is a line in the log.
   */
  answer(topic: string, payload: string, correlationData: Buffer | null): void {
    if (this.#lost) return;
    const properties = {
      payloadFormatIndicator: true,
      contentType: 'application/json',
      ...(correlationData === null ? {} : { correlationData }),
    };
    const send = () =>
      this.#send(topic, payload, { properties }, (refusal) => {
        if (refusal) this.#log.warn({ err: refusal }, 'the broker refused an answer');
        this.#onRoom();
      });
    this.#whenRoom(topic, send);
    if (this.#waiting.length <= ANSWERS) return;
    const oldest = this.#waiting.shift();
    this.#log.warn({ topic: oldest?.topic, waiting: ANSWERS }, 'an answer is dropped: too many wait');
  }

  /** Keeps `payload` at the broker, after all that waits; `done` is called once the broker has answered to it. */
  lastWord(topic: string, payload: string, done: () => void): void {
    const properties = { payloadFormatIndicator: true, contentType: 'application/json' };
    this.#whenRoom(topic, () => this.#send(topic, payload, { retain: true, properties }, done));
  }

  /** Nothing that is in flight is heard of any more. */
  lose(): void {
    this.#lost = true;
  }

  #whenRoom(topic: string, send: () => void): void {
    this.#waiting.push({ topic, send });
    if (this.room > 0) this.#waiting.shift()?.send();
  }

  #send(
    topic: string,
    payload: string,
    options: IClientPublishOptions,
    done: (refusal: CaError | null) => void,
  ): void {
    this.#inFlight += 1;
    this.#client.publish(topic, payload, { ...options, qos: 1 }, (error) => {
      // mqtt.js fails what is in flight before it tells that the connection is gone: only a broker gives a reason code.
      if (this.#lost || (error && !hasReasonCode(error))) return;
      this.#inFlight -= 1;
      // A place in the window is free: first for who waits for an answer.
      this.#waiting.shift()?.send();
      done(
        error ? new CaError('CA_PUBLISH_REFUSED', `${topic}: ${messageOf(error)}`, { cause: error }) : null,
      );
    });
  }
}

const hasReasonCode = (error: Error): boolean => 'code' in error && typeof error.code === 'number';
