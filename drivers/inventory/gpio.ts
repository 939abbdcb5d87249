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

/** `gpiodetect` (libgpiod 1 and 2 say the same). Pure. */
export function parseGpiodetect(text: string): Omit<GpioChip, 'used'>[] {
  return [...text.matchAll(/^(\S+) \[(.*)\] \((\d+) lines?\)/gm)].map(([, name = '', label = '', lines]) => ({
    name,
    label,
    lines: Number(lines),
  }));
}

/**
 * The used lines of each chip, by the chip's name, out of `gpioinfo`. Pure. libgpiod 1 says `"spi0 CS1"  output
 * active-low [used]` after the name of the line, libgpiod 2 `output active-low consumer="spi0 CS1"`.
 */
export function parseGpioinfo(text: string): Map<string, UsedLine[]> {
  const chips = new Map<string, UsedLine[]>();
  let used: UsedLine[] = [];
  for (const row of text.split('\n')) {
    const chip = /^(\S+) - \d+ lines?:/.exec(row)?.[1];
    if (chip !== undefined) {
      used = [];
      chips.set(chip, used);
      continue;
    }
    const [, line, name, rest = ''] = /^\s*line\s+(\d+):\s+(?:"([^"]*)"|unnamed)\s+(.*)$/.exec(row) ?? [];
    const consumer = consumerOf(rest);
    if (line === undefined || consumer === null) continue;
    used.push({ line: Number(line), name: name === '-' ? '' : (name ?? ''), consumer });
  }
  return chips;
}

/** null: the line is free. */
function consumerOf(rest: string): string | null {
  const [, quoted, bare] = /\bconsumer=(?:"([^"]*)"|(\S+))/.exec(rest) ?? [];
  if (quoted !== undefined || bare !== undefined) return quoted ?? bare ?? '';
  if (!/\[used\b/.test(rest)) return null;
  const [, name, word = ''] = /^(?:"([^"]*)"|(\S+))/.exec(rest) ?? [];
  return name ?? word;
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
