import { parseChips, parseLines } from '../gpio/gpiod-tools.ts';

/** A line of a GPIO chip that somebody has. */
export interface UsedLine {
  readonly line: number;
  /** Empty where it has none. */
  readonly name: string;
  /** Who has it, as they say. */
  readonly consumer: string;
}

export interface GpioChip {
  /** As in /dev; in /sys/class/gpio it is called after its first number instead. */
  readonly name: string;
  /** What `chip` in the config means. */
  readonly label: string;
  readonly lines: number;
  readonly used: readonly UsedLine[];
}

/** `gpiodetect`. Pure. */
export function parseGpiodetect(text: string): Omit<GpioChip, 'used'>[] {
  return parseChips(text).map(({ chip, label, lines }) => ({ name: chip, label, lines }));
}

/** The used lines of each chip, by the chip's name, out of `gpioinfo`. Pure. */
export function parseGpioinfo(text: string): Map<string, UsedLine[]> {
  const chips = text.split(/^(?=\S+ - \d+ lines?:)/m).filter((chip) => chip !== '');
  return new Map(chips.map((chip) => [chip.slice(0, chip.indexOf(' ')), usedLines(chip)]));
}

function usedLines(chip: string): UsedLine[] {
  return parseLines(chip).flatMap(({ offset, name, user }) =>
    // Lines without a name are called "-" by some chips.
    user === null ? [] : { line: offset, name: name === '-' ? '' : (name ?? ''), consumer: user },
  );
}

/** What one folder of /sys/class/gpio says: of a chip, or of a line that is exported. */
export interface SysfsChip {
  readonly name: string;
  readonly label: string;
  readonly base: number;
  readonly lines: number;
}

/** Where the tools of libgpiod are not installed. `exported`: numbers of the kernel, which begin at a chip's base. Pure. */
export function chipsOfSysfs(chips: readonly SysfsChip[], exported: readonly number[]): GpioChip[] {
  return chips.map(({ name, label, base, lines }) => ({
    name,
    label,
    lines,
    used: exported
      .filter((number) => number >= base && number < base + lines)
      .map((number) => ({ line: number - base, name: '', consumer: 'sysfs' })),
  }));
}
