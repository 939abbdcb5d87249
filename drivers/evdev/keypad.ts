import type { DeskConfig } from '../../config/schema.ts';
import type { Clock } from '../../device/clock.ts';
import type { DriverHealth, InputDriver, InputEvent } from '../types.ts';
import { KeyDevice } from './key-device.ts';

type Config = Extract<DeskConfig['inputs'][number], { driver: 'keypad' }>;

/** Loyalty buttons that act as a keyboard: a numeric keypad, a terminal with smileys, a button with USB. */
export class Keypad implements InputDriver {
  readonly name: string;
  readonly #buttons: ReadonlyMap<string, string>;
  readonly #device: KeyDevice;
  #emit: (event: InputEvent) => void = () => {};
  /** Presses of keys with and without a button. */
  readonly #counts = { presses: 0, unmapped: 0 };

  constructor({ device, keys }: Config, clock: Clock) {
    this.name = `keypad ${device}`;
    this.#buttons = new Map(Object.entries(keys));
    this.#device = new KeyDevice(device, clock, {
      key: (name, value, at) => {
        if (value !== 'down') return;
        const button = this.#buttons.get(name);
        this.#counts[button === undefined ? 'unmapped' : 'presses']++;
        if (button !== undefined) this.#emit({ kind: 'press', button, at });
      },
      gap: () => {},
      lost: (at) => this.#emit({ kind: 'lost', at }),
    });
  }

  start(emit: (event: InputEvent) => void): void {
    this.#emit = emit;
    this.#device.start();
  }

  stop(): Promise<void> {
    return this.#device.stop();
  }

  health(): DriverHealth {
    return this.#device.health(this.#counts);
  }
}
