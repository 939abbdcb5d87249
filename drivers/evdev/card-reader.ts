import type { DeskConfig } from '../../config/schema.ts';
import type { Clock } from '../../device/clock.ts';
import type { DriverHealth, InputDriver, InputEvent } from '../types.ts';
import { CardLine } from './card-line.ts';
import { KeyDevice } from './key-device.ts';

type Config = Extract<DeskConfig['inputs'][number], { driver: 'card-reader' }>;

/** A reader of RFID cards or barcodes that types what it reads and presses Enter. The id is in its event and nowhere else. */
export class CardReader implements InputDriver {
  readonly name: string;
  readonly #device: KeyDevice;
  readonly #line = new CardLine();
  #emit: (event: InputEvent) => void = () => {};
  #cards = 0;

  constructor({ device }: Config, clock: Clock) {
    this.name = `card-reader ${device}`;
    this.#device = new KeyDevice(device, clock, {
      key: (name, value, at) => {
        const id = this.#line.key(name, value, at.mono);
        if (id === null) return;
        this.#cards++;
        this.#emit({ kind: 'card', id, at });
      },
      gap: () => this.#line.gap(),
      lost: (at) => {
        this.#line.reset();
        this.#emit({ kind: 'lost', at });
      },
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
    return this.#device.health({ cards: this.#cards });
  }
}
