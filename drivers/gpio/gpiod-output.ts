import type { Clock } from '../../device/clock.ts';
import { InTurn } from '../in-turn.ts';
import type { DigitalOutput } from '../types.ts';
import { Gpiod } from './gpiod.ts';
import { GpiodChild } from './gpiod-child.ts';
import { setCommand, type Target } from './gpiod-tools.ts';
import { isBusy, type LineAddress, lineFailed, nameOf } from './line.ts';

interface Driven {
  readonly child: GpiodChild;
  readonly target: Target;
  readonly high: boolean;
}

/**
 * A line that is driven by a `gpioset` for each level, which the kernel lets nobody else change. Read back is that it has
 * the line: the level itself nobody may read meanwhile. Between two levels, and after `close`, the line is free for a
 * moment, or for good, and is what its chip makes of it.
 */
export class GpiodOutput implements DigitalOutput {
  readonly name: string;
  readonly #address: LineAddress;
  readonly #gpiod: Gpiod;
  readonly #turn = new InTurn();
  #driven: Driven | null = null;

  constructor(address: LineAddress, clock: Clock) {
    this.name = nameOf(address);
    this.#address = address;
    this.#gpiod = new Gpiod(clock);
  }

  set(high: boolean): Promise<void> {
    return this.#do(async () => {
      if (this.#driven?.high === high && (await this.#holds(this.#driven))) return;
      await this.#free();
      const target = await this.#gpiod.find(this.#address);
      const child = new GpiodChild(setCommand(await this.#gpiod.generation(), target, high));
      this.#driven = { child, target, high };
      try {
        await this.#gpiod.taken(target, 'gpioset', child.gone);
        if (!(await this.#holds(this.#driven))) throw new Error('the line is no output');
      } catch (error) {
        await this.#free();
        throw error;
      }
    });
  }

  get(): Promise<boolean> {
    return this.#do(async () => {
      if (this.#driven && (await this.#holds(this.#driven))) return this.#driven.high;
      await this.#free();
      return this.#gpiod.level(await this.#gpiod.find(this.#address));
    });
  }

  close(): Promise<void> {
    return this.#do(() => this.#free());
  }

  async #holds({ child, target }: Driven): Promise<boolean> {
    if (child.gone.aborted) return false;
    const line = await this.#gpiod.info(target);
    return line?.user === 'gpioset' && line.output && !child.gone.aborted;
  }

  async #free(): Promise<void> {
    const driven = this.#driven;
    this.#driven = null;
    await driven?.child.stop();
  }

  #do<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn.take(async () => {
      try {
        return await work();
      } catch (error) {
        const holder = isBusy(error) ? await this.#gpiod.holder(this.#address) : null;
        throw lineFailed(this.#address, error, { holder });
      }
    });
  }
}
