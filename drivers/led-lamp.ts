import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CaError, messageOf } from '../device/errors.ts';
import type { Lamp } from './types.ts';

/** Where the kernel shows its LEDs. */
const LEDS = '/sys/class/leds';

/** As `>` of the shell, but what is not there is not made. */
const EXISTING = constants.O_WRONLY | constants.O_TRUNC;

/**
 * A LED of the kernel's LED class (its Documentation/leds/leds-class.rst and Documentation/ABI/testing/sysfs-class-led).
 * Read back is what the kernel has set: a broken LED or wire it cannot see. These files answer at once, so they are
 * written and read without waiting, which also keeps two calls from mixing.
 */
export class LedLamp implements Lamp {
  readonly name: string;
  readonly #led: string;
  readonly #folder: string;
  /** No trigger of the kernel, such as disk activity, lights it any more. */
  #free = false;

  /** `leds`: folder of the LEDs. */
  constructor(led: string, leds = LEDS) {
    this.name = `lamp led ${led}`;
    this.#led = led;
    this.#folder = join(leds, led);
  }

  async set(lit: boolean): Promise<void> {
    const wanted = this.#try(() => {
      if (!this.#free) this.#takeFromTrigger();
      const level = lit ? this.#number('max_brightness') : 0;
      this.#write('brightness', String(level));
      return level;
    });
    const found = this.#brightness();
    if (found !== wanted)
      throw new CaError('CA_LAMP_FAILED', `${this.name}: brightness is ${found} after ${wanted} was set`);
  }

  async read(): Promise<boolean> {
    return this.#brightness() > 0;
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  #brightness(): number {
    return this.#try(() => this.#number('brightness'));
  }

  #takeFromTrigger(): void {
    try {
      this.#write('trigger', 'none');
    } catch (error) {
      // A kernel without triggers has no such file.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    this.#free = true;
  }

  #number(file: string): number {
    return Number(readFileSync(join(this.#folder, file), 'utf8'));
  }

  #write(file: string, text: string): void {
    const handle = openSync(join(this.#folder, file), EXISTING);
    try {
      writeSync(handle, text);
    } finally {
      closeSync(handle);
    }
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const remedy = this.#remedyFor(codeOf(error));
      throw new CaError('CA_LAMP_FAILED', `${this.name}: ${messageOf(error)}`, {
        cause: error,
        ...(remedy === null ? {} : { remedy }),
      });
    }
  }

  #remedyFor(code: unknown): string | null {
    if (code === 'ENOENT')
      return `Make the LED with the line \`dtoverlay=gpio-led,gpio=17,label=${this.#led}\` in /boot/firmware/config.txt (your GPIO in place of 17) and restart; \`ls ${LEDS}\` shows what there is.`;
    if (code === 'EACCES' || code === 'EPERM')
      return `Let the group gpio write it: put \`SUBSYSTEM=="leds", KERNEL=="${this.#led}", ACTION=="add", RUN+="/bin/sh -c 'cd /sys%p && chgrp gpio brightness trigger && chmod g+w brightness trigger'"\` into /etc/udev/rules.d/90-contact-analyzer.rules and restart.`;
    return null;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
