import type { DeskConfig } from '../../config/schema.ts';
import type { Clock } from '../../device/clock.ts';
import type { DriverHealth, InputDriver, InputEvent } from '../types.ts';
import type { BusMessage, MqttBus } from './bus.ts';
import { presenceOf, type Reading } from './payloads.ts';
import { TopicInput } from './topic-input.ts';

type Config = Extract<DeskConfig['inputs'][number], { driver: 'mqtt-presence' }>;

/** A presence sensor that publishes to a broker, or whose gateway does. A retained level counts as the level now. */
export class MqttPresence implements InputDriver {
  readonly name: string;
  readonly #field: string | undefined;
  readonly #input: TopicInput;
  #emit: (event: InputEvent) => void = () => {};
  /** The presence last emitted; null when the next one is news whatever it says. */
  #present: boolean | null = null;

  constructor(bus: MqttBus, config: Config, clock: Clock) {
    this.name = `mqtt-presence ${config.topic}`;
    this.#field = config.field;
    this.#input = new TopicInput(bus, clock, config, {
      hear: (message) => this.#hear(message),
      lost: () => {
        this.#present = null;
        this.#emit({ kind: 'lost', at: clock.now() });
      },
    });
  }

  start(emit: (event: InputEvent) => void): void {
    this.#emit = emit;
    this.#present = null;
    this.#input.start();
  }

  stop(): Promise<void> {
    return this.#input.stop();
  }

  health(): DriverHealth {
    return this.#input.health();
  }

  #hear({ payload, at }: BusMessage): Reading<boolean> {
    const reading = presenceOf(payload, this.#field);
    if (reading.is === 'value' && reading.value !== this.#present) {
      this.#present = reading.value;
      this.#emit({ kind: 'presence', present: reading.value, at });
    }
    return reading;
  }
}
