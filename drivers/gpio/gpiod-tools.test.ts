import { expect, test } from 'vitest';
import {
  generationOf,
  getCommand,
  infoCommand,
  momentOf,
  monitorCommand,
  parseChips,
  parseEdge,
  parseLevel,
  parseLines,
  setCommand,
} from './gpiod-tools.ts';

const plain = { chip: 'gpiochip0', offset: 17, activeLow: false };
const button = { ...plain, activeLow: true, pull: 'up' } as const;
const words = (command: string[]) => command.join(' ');

test('versions', () => {
  expect(generationOf('gpiomon (libgpiod) v1.6.3\nCopyright (C) 2017-2018 Bartosz Golaszewski\n')).toBe(1);
  expect(generationOf('gpiomon (libgpiod) v2.2.1\nCopyright (C) 2017-2023 Bartosz Golaszewski\n')).toBe(2);
  expect(generationOf('gpiomon v2.3 (libgpiod v2.3)\n')).toBe(2);
  expect(generationOf('gpiomon (libgpiod) v3.0')).toBe(null);
  expect(generationOf('')).toBe(null);
});

test('command lines of version 1', () => {
  expect(monitorCommand(1, plain)).toEqual(['gpiomon', '-b', '-F', '%e %s %n', 'gpiochip0', '17']);
  expect(words(monitorCommand(1, button))).toBe('gpiomon -b -F %e %s %n -l -B pull-up gpiochip0 17');
  expect(words(getCommand(1, button))).toBe('gpioget -l -B pull-up gpiochip0 17');
  expect(words(getCommand(1, { ...plain, pull: 'off' }))).toBe('gpioget -B disable gpiochip0 17');
  expect(words(setCommand(1, { ...plain, activeLow: true }, true))).toBe(
    'gpioset --mode=signal -l gpiochip0 17=1',
  );
  expect(words(infoCommand(1, 'gpiochip0'))).toBe('gpioinfo gpiochip0');
});

test('command lines of version 2', () => {
  expect(monitorCommand(2, plain)).toEqual(['gpiomon', '-F', '%E %S', '-c', 'gpiochip0', '17']);
  expect(words(monitorCommand(2, button))).toBe('gpiomon -F %E %S -l -b pull-up -c gpiochip0 17');
  expect(words(getCommand(2, { ...plain, pull: 'off' }))).toBe(
    'gpioget --numeric -b disabled -c gpiochip0 17',
  );
  expect(words(setCommand(2, { ...plain, pull: 'down' }, false))).toBe(
    'gpioset -b pull-down -c gpiochip0 17=0',
  );
  expect(words(infoCommand(2, 'gpiochip0'))).toBe('gpioinfo -c gpiochip0');
});

test('edges: nanoseconds are not padded in version 1', () => {
  expect(parseEdge('1 8413 5000000')).toEqual({ high: true, mono: 8_413_005 });
  expect(parseEdge('0 8413 999000000')).toEqual({ high: false, mono: 8_413_999 });
  expect(parseEdge('rising 8413.005000000')).toEqual({ high: true, mono: 8_413_005 });
  expect(parseEdge('falling 8413.999000000')).toEqual({ high: false, mono: 8_413_999 });
  for (const other of ['', '2 8413 5', "Monitoring line '17'...", '1 8413', 'rising']) {
    expect(parseEdge(other)).toBe(null);
  }
});

test('levels', () => {
  expect([parseLevel('1\n'), parseLevel('0\n'), parseLevel(''), parseLevel('"17"=active')]).toEqual([
    true,
    false,
    null,
    null,
  ]);
});

test('chips, in both versions', () => {
  const text = 'gpiochip0 [pinctrl-rp1] (54 lines)\ngpiochip10 [gpio-brcmstb@107d508500] (32 lines)\n';
  expect(parseChips(text)).toEqual([
    { chip: 'gpiochip0', label: 'pinctrl-rp1', lines: 54 },
    { chip: 'gpiochip10', label: 'gpio-brcmstb@107d508500', lines: 32 },
  ]);
  expect(parseChips('')).toEqual([]);
});

test('lines of version 1', () => {
  const text = `gpiochip0 - 54 lines:
\tline   0:     "ID_SDA"       unused   input  active-high 
\tline   8:  "SPI_CE0_N"   "spi0 CS0"  output   active-low [used]
\tline  17:     "GPIO17"    "gpiomon"   input  active-high [used pull-up]
\tline  42:      unnamed       kernel   input  active-high [used]
`;
  expect(parseLines(text)).toEqual([
    { offset: 0, name: 'ID_SDA', user: null, output: false },
    { offset: 8, name: 'SPI_CE0_N', user: 'spi0 CS0', output: true },
    { offset: 17, name: 'GPIO17', user: 'gpiomon', output: false },
    { offset: 42, name: null, user: 'kernel', output: false },
  ]);
});

test('lines of version 2', () => {
  const text = `gpiochip0 - 54 lines:
\tline   0:\t"ID_SDA"        \tinput
\tline   8:\t"SPI_CE0_N"     \toutput active-low consumer="spi0 CS0"
\tline  17:\t"GPIO17"        \tinput bias=pull-up edges=both consumer="gpiomon"
\tline  42:\tunnamed         \tinput consumer="kernel"
`;
  expect(parseLines(text)).toEqual([
    { offset: 0, name: 'ID_SDA', user: null, output: false },
    { offset: 8, name: 'SPI_CE0_N', user: 'spi0 CS0', output: true },
    { offset: 17, name: 'GPIO17', user: 'gpiomon', output: false },
    { offset: 42, name: null, user: 'kernel', output: false },
  ]);
});

test('the moment of an edge is that of the kernel, where it can be', () => {
  const now = { mono: 5_000, wall: 1_000_000 };
  expect(momentOf(4_990, now)).toEqual({ mono: 4_990, wall: 999_990 });
  // Another time namespace, or a kernel that stamps with the wall clock.
  expect(momentOf(5_001, now)).toBe(now);
  expect(momentOf(-20_000, now)).toBe(now);
});
