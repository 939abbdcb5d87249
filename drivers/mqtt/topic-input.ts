import type { Clock, Timer } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import { degraded } from '../degraded.ts';
import type { DriverHealth } from '../types.ts';
import type { BusListener, BusMessage, MqttBus } from './bus.ts';
import { availabilityOf, type Reading } from './payloads.ts';

/** What the input of a topic wants to hear of it. */
export interface TopicListener {
  /** What a message of the topic says. What was retained of a device that is away does not come. */
  hear(message: BusMessage): Reading<unknown>;
  /** The device can no longer be heard: once for each loss. */
  lost(): void;
}

export interface TopicOptions {
  readonly topic: string;
  readonly availability?: string | undefined;
  /** Without any message of the topic for this long it is lost, in milliseconds; 0: it may be silent for ever. */
  readonly silent: number;
}

/** The topic of one device, and whether the device is there. */
export class TopicInput implements BusListener {
  readonly topics: readonly string[];
  readonly #options: TopicOptions;
  readonly #bus: MqttBus;
  readonly #clock: Clock;
  readonly #listener: TopicListener;
  #silence: Timer | null = null;
  /** Why the device cannot be heard; null while it can, or may yet. */
  #fault: CaError | null = null;
  /** The listener has been told of a loss, and of nothing since. */
  #told = false;
  #offline = false;
  readonly #counts = { messages: 0, nothing: 0, tooLong: 0, notJson: 0, unknown: 0 };

  constructor(bus: MqttBus, clock: Clock, options: TopicOptions, listener: TopicListener) {
    const { topic, availability } = options;
    this.topics = availability === undefined ? [topic] : [availability, topic];
    this.#options = options;
    this.#bus = bus;
    this.#clock = clock;
    this.#listener = listener;
  }

  start(): void {
    this.#fault = null;
    this.#told = false;
    this.#offline = false;
    this.#bus.attach(this);
  }

  async stop(): Promise<void> {
    const gone = this.#bus.detach(this);
    this.#silence?.cancel();
    await gone;
  }

  /** `nothing`: messages without the value that is looked for, such as a battery level. */
  health(more: Record<string, number> = {}): DriverHealth {
    const detail = { ...this.#counts, ...more };
    return this.#fault ? degraded(this.#fault, detail) : { status: 'ok', detail };
  }

  subscribed(): void {
    // What is retained may come before this, and have said that the device is away (MQTT 3.1.1, 3.8.4).
    if (this.#offline) return;
    this.#fault = null;
    this.#listen();
  }

  lost(why: CaError): void {
    this.#silence?.cancel();
    // With the next connection the broker says it again, where it is still so.
    this.#offline = false;
    this.#lose(why);
  }

  heard(message: BusMessage): void {
    if (message.topic !== this.#options.topic) return this.#hearAvailability(message.payload);
    // What is retained was said before it went away; what is said now shows that it is there.
    if (this.#offline && message.retained) return;
    this.#offline = false;
    this.#fault = null;
    this.#counts.messages++;
    this.#listen();
    this.#count(this.#listener.hear(message));
  }

  #hearAvailability(payload: Uint8Array): void {
    const available = availabilityOf(payload);
    if (available.is === 'dropped') this.#count(available);
    if (available.is !== 'value') return;
    this.#offline = !available.value;
    if (available.value) {
      this.#fault = null;
      return this.#listen();
    }
    this.#silence?.cancel();
    this.#lose(
      new CaError('CA_INPUT_LOST', `${this.#options.availability}: the device is offline`, {
        remedy: 'Check its battery or power and that it is within reach of its gateway or the Wi-Fi.',
      }),
    );
  }

  #count(reading: Reading<unknown>): void {
    if (reading.is === 'value') this.#told = false;
    else this.#counts[reading.is === 'dropped' ? reading.why : reading.is]++;
  }

  #listen(): void {
    const { topic, silent } = this.#options;
    this.#silence?.cancel();
    if (silent === 0) return;
    this.#silence = this.#clock.after(`silence of ${topic}`, silent, () =>
      this.#lose(
        new CaError('CA_INPUT_SILENT', `${topic}: no message for ${silent / 1_000} s`, {
          remedy: 'Check the device, its gateway, and that `topic` is what it publishes to.',
        }),
      ),
    );
  }

  #lose(why: CaError): void {
    this.#fault = why;
    if (this.#told) return;
    this.#told = true;
    this.#listener.lost();
  }
}
