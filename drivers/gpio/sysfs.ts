import { accessSync, constants, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../device/clock.ts';
import { Gpiod } from './gpiod.ts';
import { beyond, chipOf, isBusy, type LineAddress, lineFailed, offsetOf } from './line.ts';

/**
 * Lines as the kernel's old interface has them (its Documentation/admin-guide/gpio/sysfs.rst): numbered through all
 * chips, from a base that each kernel gives anew. Its place is not ours to choose: onoff has it written in.
 */
const SYSFS = '/sys/class/gpio';

/** How long udev may take to let the group `gpio` at a line that has just been exported. Milliseconds. */
const UDEV = 2_000;
const LOOK = 10;

export const hasSysfs = () => existsSync(join(SYSFS, 'export'));

interface SysfsChip {
  label: string;
  base: number;
  lines: number;
}

function chips(): SysfsChip[] {
  const entries = readdirSync(SYSFS).filter((name) => /^gpiochip\d+$/.test(name));
  return entries.flatMap((entry) => {
    const read = (file: string) => readFileSync(join(SYSFS, entry, file), 'utf8').trim();
    try {
      return [{ label: read('label'), base: Number(read('base')), lines: Number(read('ngpio')) }];
    } catch {
      // It went while we looked.
      return [];
    }
  });
}

/**
 * Exports a line, unless a service that was killed has left it so. Resolves, with its number in sysfs, when its
 * files may be written.
 * @throws CaError CA_LINE_FAILED
 */
export async function exportLine(address: LineAddress, clock: Clock, signal?: AbortSignal): Promise<number> {
  const gpiod = new Gpiod(clock);
  try {
    const number = await numberOf(address, gpiod);
    if (!existsSync(folderOf(number))) writeFileSync(join(SYSFS, 'export'), String(number));
    await writable(number, clock, signal);
    return number;
  } catch (error) {
    throw lineFailed(address, error, isBusy(error) ? { holder: await gpiod.holder(address) } : {});
  }
}

/** Gives a line back; one that is gone is free already. */
export function unexportLine(number: number): void {
  try {
    writeFileSync(join(SYSFS, 'unexport'), String(number));
  } catch {
    // What cannot be freed now is taken over at the next start.
  }
}

/** in or out, as the kernel has it. */
export function directionOf(number: number): string {
  return readFileSync(join(folderOf(number), 'direction'), 'utf8').trim();
}

const folderOf = (number: number) => join(SYSFS, `gpio${number}`);

async function numberOf(address: LineAddress, gpiod: Gpiod): Promise<number> {
  const chip = chipOf(chips(), address);
  const offset = offsetOf(address) ?? (await gpiod.find(address)).offset;
  if (offset < chip.lines) return chip.base + offset;
  throw beyond(chip, address);
}

/** onoff would wait as well, but without letting anything else run. */
async function writable(number: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  for (let waited = 0; ; waited += LOOK) {
    try {
      for (const file of ['value', 'direction', 'active_low'])
        accessSync(join(folderOf(number), file), constants.R_OK | constants.W_OK);
      return;
    } catch (error) {
      if (waited >= UDEV) throw error;
    }
    await clock.sleep(`udev for GPIO ${number}`, LOOK, signal);
  }
}
