import type { DeskConfig } from '../../config/schema.ts';
import type { Clock } from '../../device/clock.ts';
import type { DriverHealth, InputDriver, InputEvent } from '../types.ts';
import type { BusMessage, MqttBus } from './bus.ts';
import { actionOf, type Reading } from './payloads.ts';
import { TopicInput } from './topic-input.ts';

type Config = Extract<DeskConfig['inputs'][number], { driver: 'mqtt-button' }>;

/** A button that publishes to a broker, or whose gateway does. A retained action is no press: it was one, some day. */
export class MqttButton implements InputDriver {
  readonly name: string;
  readonly #field: string | undefined;
  readonly #buttons: ReadonlyMap<string, string>;
  readonly #input: TopicInput;
  #emit: (event: InputEvent) => void = () => {};
  /** Actions without a button, and presses of some other day. */
  readonly #ignored = { unmapped: 0, retained: 0 };

  constructor(bus: MqttBus, config: Config, clock: Clock) {
    this.name = `mqtt-button ${config.topic}`;
    this.#field = config.field;
    this.#buttons = new Map(Object.entries(config.actions));
    const { topic, availability } = config;
    // A button that nobody presses is silent.
    const options = { topic, availability, silent: 0 };
    this.#input = new TopicInput(bus, clock, options, {
      hear: (message) => this.#hear(message),
      lost: () => this.#emit({ kind: 'lost', at: clock.now() }),
    });
  }

  start(emit: (event: InputEvent) => void): void {
    this.#emit = emit;
    this.#input.start();
  }

  stop(): Promise<void> {
    return this.#input.stop();
  }

  health(): DriverHealth {
    return this.#input.health(this.#ignored);
  }

  #hear({ payload, retained, at }: BusMessage): Reading<string> {
    const reading = actionOf(payload, this.#field);
    if (reading.is !== 'value') return reading;
    const button = this.#buttons.get(reading.value);
    if (retained) this.#ignored.retained++;
    else if (button === undefined) this.#ignored.unmapped++;
    else this.#emit({ kind: 'press', button, at });
    return reading;
  }
}
