import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Clock } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import type { LineSource } from './debounced-input.ts';
import { Gpiod } from './gpiod.ts';
import { GpiodChild } from './gpiod-child.ts';
import { momentOf, monitorCommand, type Pull, parseEdge } from './gpiod-tools.ts';
import { isBusy, type LineAddress, lineFailed, nameOf } from './line.ts';

/** How often it is looked whether the chip is there: version 1 of gpiomon waits for ever at one that has gone. Milliseconds. */
const LOOK = 1_000;

/**
 * A line that is read by a `gpiomon`. Its level is asked of `gpioget` before, since gpiomon tells edges alone and lets
 * nobody else look: a change in the few milliseconds between the two is only seen with the next one.
 */
export class GpiodSource implements LineSource {
  readonly address: LineAddress & { pull?: Pull | undefined };
  readonly #clock: Clock;
  readonly #gpiod: Gpiod;
  /** Folder of the chips. */
  readonly #dev: string;

  constructor(address: LineAddress & { pull?: Pull | undefined }, clock: Clock, dev = '/dev') {
    this.address = address;
    this.#clock = clock;
    this.#gpiod = new Gpiod(clock);
    this.#dev = dev;
  }

  async listen(edge: (high: boolean, at: Instant) => void, signal: AbortSignal): Promise<void> {
    try {
      await this.#listen(edge, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw lineFailed(
        this.address,
        error,
        isBusy(error) ? { holder: await this.#gpiod.holder(this.address) } : {},
      );
    }
  }

  async #listen(edge: (high: boolean, at: Instant) => void, signal: AbortSignal): Promise<void> {
    const target = await this.#gpiod.find(this.address);
    const level = await this.#gpiod.level(target);
    const found = this.#clock.now();
    if (signal.aborted) return;
    const child = new GpiodChild(monitorCommand(await this.#gpiod.generation(), target));
    const device = join(this.#dev, target.chip);
    const vanished = new AbortController();
    const look = this.#clock.every(`look at ${nameOf(this.address)}`, LOOK, () => {
      if (!existsSync(device)) vanished.abort(new Error(`No such device: ${device}`));
    });
    const over = AbortSignal.any([signal, child.gone, vanished.signal]);
    try {
      await this.#gpiod.taken(target, 'gpiomon', over);
      edge(level, found);
      if (child.stdout)
        createInterface(child.stdout).on('line', (line) => {
          const said = parseEdge(line);
          if (said && !over.aborted) edge(said.high, momentOf(said.mono, this.#clock.now()));
        });
      if (!over.aborted) await once(over, 'abort');
      throw over.reason;
    } finally {
      look.cancel();
      await child.stop();
    }
  }
}
