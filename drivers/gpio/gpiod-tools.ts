import type { Instant } from '../../device/contacts/model.ts';

/**
 * Command lines for, and output of, the programs of libgpiod (its man pages, and `--help` of 1.6.3): version 1 (Debian 12)
 * and version 2 (Raspberry Pi OS trixie) have the same names and other arguments.
 */
export type Generation = 1 | 2;

export type Pull = 'up' | 'down' | 'off';

/** A line as the programs are told of it. */
export interface Target {
  /** As in /dev: gpiochip0. */
  readonly chip: string;
  readonly offset: number;
  readonly activeLow: boolean;
  /** Unset it stays as it is. */
  readonly pull?: Pull | undefined;
}

/** What `gpioinfo` says of a line. */
export interface LineInfo {
  readonly offset: number;
  readonly name: string | null;
  /** Who uses it; null: nobody. */
  readonly user: string | null;
  readonly output: boolean;
}

/** From `gpiomon --version`: `gpiomon (libgpiod) v1.6.3`, lately `gpiomon v2.3 (libgpiod v2.3)`. Null: neither 1 nor 2. */
export function generationOf(version: string): Generation | null {
  const major = /\bv(\d+)\.\d/.exec(version)?.[1];
  return major === '1' ? 1 : major === '2' ? 2 : null;
}

/** Prints a line for each edge; see `parseEdge`. Version 2 flushes after each by itself. */
export function monitorCommand(generation: Generation, target: Target): string[] {
  const flags = flagsOf(generation, target);
  return generation === 1
    ? ['gpiomon', '-b', '-F', '%e %s %n', ...flags, target.chip, `${target.offset}`]
    : ['gpiomon', '-F', '%E %S', ...flags, '-c', target.chip, `${target.offset}`];
}

/** Prints the level; see `parseLevel`. */
export function getCommand(generation: Generation, target: Target): string[] {
  const flags = flagsOf(generation, target);
  return generation === 1
    ? ['gpioget', ...flags, target.chip, `${target.offset}`]
    : ['gpioget', '--numeric', ...flags, '-c', target.chip, `${target.offset}`];
}

/** Drives the line for as long as it runs. */
export function setCommand(generation: Generation, target: Target, high: boolean): string[] {
  const flags = flagsOf(generation, target);
  const level = `${target.offset}=${Number(high)}`;
  return generation === 1
    ? ['gpioset', '--mode=signal', ...flags, target.chip, level]
    : ['gpioset', ...flags, '-c', target.chip, level];
}

export function infoCommand(generation: Generation, chip: string): string[] {
  return generation === 1 ? ['gpioinfo', chip] : ['gpioinfo', '-c', chip];
}

function flagsOf(generation: Generation, { activeLow, pull }: Target): string[] {
  const bias = { up: 'pull-up', down: 'pull-down', off: generation === 1 ? 'disable' : 'disabled' };
  return [
    ...(activeLow ? ['-l'] : []),
    ...(pull === undefined ? [] : [generation === 1 ? '-B' : '-b', bias[pull]]),
  ];
}

/**
 * An edge, active-low taken into account, and its time on the kernel's clock in milliseconds. Version 1 prints
 * `1 1234 56789` (1 rising, 0 falling; seconds; nanoseconds, not padded), version 2 `rising 1234.000056789`.
 */
export function parseEdge(line: string): { high: boolean; mono: number } | null {
  const one = /^([01]) (\d+) (\d+)$/.exec(line);
  if (one) return { high: one[1] === '1', mono: Number(one[2]) * 1e3 + Number(one[3]) / 1e6 };
  const two = /^(rising|falling) (\d+\.\d+)$/.exec(line);
  return two && { high: two[1] === 'rising', mono: Number(two[2]) * 1e3 };
}

/** Of `gpioget`. */
export function parseLevel(text: string): boolean | null {
  const level = text.trim();
  return level === '1' ? true : level === '0' ? false : null;
}

/** Of `gpiodetect`: `gpiochip0 [pinctrl-rp1] (54 lines)`. */
export function parseChips(text: string): { chip: string; label: string; lines: number }[] {
  return [...text.matchAll(/^(\S+) \[(.*)\] \((\d+) lines?\)$/gm)].map(
    ([, chip = '', label = '', lines]) => ({ chip, label, lines: Number(lines) }),
  );
}

/**
 * Of `gpioinfo` for one chip. Version 1: `line 17: "GPIO17" "gpiomon" input active-high [used pull-up]`, with
 * `unused` or `kernel` in place of the user. Version 2: `line 17: "GPIO17" input bias=pull-up consumer="gpiomon"`.
 */
export function parseLines(text: string): LineInfo[] {
  const pattern =
    /^\s+line\s+(\d+):\s+(?:"(.*?)"|unnamed)\s+(?:"(.*?)"\s+|(unused|kernel)\s+)?(input|output)(.*)$/gm;
  return [...text.matchAll(pattern)].map(([, offset, name, quoted, bare, direction, rest = '']) => {
    const [, inQuotes, plain] = /\bconsumer=(?:"([^"]*)"|(\S+))/.exec(rest) ?? [];
    return {
      offset: Number(offset),
      name: name ?? null,
      user: quoted ?? inQuotes ?? plain ?? (bare === 'kernel' ? bare : null),
      output: direction === 'output',
    };
  });
}

/**
 * The moment of an edge on both clocks. The kernel stamps with CLOCK_MONOTONIC (before 5.7 with the wall clock), which is
 * the service's own, but not within another time namespace: a stamp that cannot be is taken for `now`.
 */
export function momentOf(mono: number, now: Instant): Instant {
  const ago = now.mono - mono;
  return ago >= 0 && ago < 10_000 ? { mono, wall: now.wall - ago } : now;
}
