import { closeSync } from 'node:fs';
import { Gpio } from 'onoff';
import type { Clock } from '../../device/clock.ts';
import { InTurn } from '../in-turn.ts';
import type { DigitalOutput } from '../types.ts';
import { type LineAddress, lineFailed, nameOf } from './line.ts';
import { directionOf, exportLine } from './sysfs.ts';

/**
 * A line that is driven through /sys/class/gpio. It is left exported, also after `close`: freed, it might become an
 * input, and a relay would switch as its board likes.
 */
export class OnoffOutput implements DigitalOutput {
  readonly name: string;
  readonly #address: LineAddress;
  readonly #clock: Clock;
  readonly #turn = new InTurn();
  #gpio: KeptGpio | null = null;

  constructor(address: LineAddress, clock: Clock) {
    this.name = nameOf(address);
    this.#address = address;
    this.#clock = clock;
  }

  set(high: boolean): Promise<void> {
    return this.#with((gpio) => {
      if (gpio.direction() === 'out') gpio.writeSync(high ? 1 : 0);
      // Both at once: an output that began low would light a lamp that is on while low. The kernel means the pin itself.
      else gpio.setDirection(high !== this.#address.activeLow ? 'high' : 'low');
      if (gpio.direction() !== 'out') throw new Error('direction is in, and stays so');
      const found = gpio.readSync() === 1;
      if (found !== high) throw this.#disobeys(high);
    });
  }

  get(): Promise<boolean> {
    return this.#with((gpio) => gpio.readSync() === 1);
  }

  close(): Promise<void> {
    return this.#turn.take(async () => this.#leave());
  }

  #with<T>(work: (gpio: KeptGpio) => T): Promise<T> {
    return this.#turn.take(async () => {
      try {
        this.#gpio ??= await this.#open();
        return work(this.#gpio);
      } catch (error) {
        // Whatever it was, the next try begins anew: the chip may have come back with other numbers.
        this.#leave();
        throw lineFailed(this.#address, error);
      }
    });
  }

  async #open(): Promise<KeptGpio> {
    const number = await exportLine(this.#address, this.#clock);
    const gpio = new KeptGpio(number, this.#address.activeLow);
    if (gpio.activeLow() === this.#address.activeLow) return gpio;
    gpio.leave();
    throw new Error(`active_low is ${Number(!this.#address.activeLow)}, and stays so`);
  }

  #leave(): void {
    this.#gpio?.leave();
    this.#gpio = null;
  }

  #disobeys(high: boolean): Error {
    return lineFailed(
      this.#address,
      new Error(`is ${high ? 'off' : 'on'} after it was switched ${high ? 'on' : 'off'}`),
      {
        remedy: 'Check the wiring: the pin is held at the other level, such as by a short circuit.',
      },
    );
  }
}

class KeptGpio extends Gpio {
  /** onoff's own, which it closes only together with unexporting the line. */
  declare readonly _valueFd: number;

  constructor(number: number, activeLow: boolean) {
    // As it is: nothing switches before `set`.
    const direction = directionOf(number) === 'out' ? 'out' : 'in';
    super(number, direction, 'none', { activeLow, reconfigureDirection: false });
  }

  leave(): void {
    closeSync(this._valueFd);
  }
}
