import { CaError, messageOf } from '../../device/errors.ts';
import type { DigitalOutput, Lamp } from '../types.ts';

/** A lamp at a line: a LED with its resistor, or a relay board. How far it is read back, and left as it is, is the line's. */
export class GpioLamp implements Lamp {
  readonly name: string;
  readonly #line: DigitalOutput;

  constructor(line: DigitalOutput) {
    this.name = `lamp gpio ${line.name}`;
    this.#line = line;
  }

  set(lit: boolean): Promise<void> {
    return this.#try(() => this.#line.set(lit));
  }

  read(): Promise<boolean> {
    return this.#try(() => this.#line.get());
  }

  close(): Promise<void> {
    return this.#try(() => this.#line.close());
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new CaError('CA_LAMP_FAILED', `${this.name}: ${messageOf(error)}`, {
        cause: error,
        ...(error instanceof CaError ? { remedy: error.remedy } : {}),
      });
    }
  }
}
