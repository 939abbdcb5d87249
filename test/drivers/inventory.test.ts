import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { look } from '../../drivers/inventory/look.ts';

/** A machine's files below a folder of our own, and its tools on a PATH of our own. */

let root: string;
const { PATH } = process.env;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ca-inventory-'));
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(root, { recursive: true });
});

function file(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

/** Programs that print; `others` leaves those of the machine itself out. */
function tools(scripts: Record<string, string>): void {
  for (const [name, script] of Object.entries(scripts)) {
    file(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }
  for (const needed of ['setpriv', 'env', 'sh']) link(`bin/${needed}`, `/usr/bin/${needed}`);
  process.env.PATH = join(root, 'bin');
}

const found = () => look({ root, signal: new AbortController().signal });

test('a machine without anything: empty lists, and what to install', async () => {
  tools({});
  expect(await found()).toEqual({
    gpio: [],
    serial: [],
    keys: [],
    cameras: [],
    microphones: [],
    unseen: ['microphones: install alsa-utils'],
  });
});

test('a Pi with all its tools', async () => {
  file('proc/bus/input/devices', 'N: Name="Keypad"\nH: Handlers=kbd event3 \n');
  link('dev/input/by-id/usb-keypad-event-kbd', '../event3');
  file('dev/ttyUSB0', '');
  link('dev/serial0', 'ttyAMA0');
  link('dev/serial/by-id/usb-sensor', '../../ttyUSB0');
  file('sys/class/video4linux/video0/name', 'Webcam\n');
  file('sys/class/video4linux/video0/index', '0\n');
  tools({
    gpiodetect: 'echo "gpiochip0 [pinctrl-rp1] (54 lines)"',
    gpioinfo: `printf 'gpiochip0 - 54 lines:\\n\\tline 17:\\t"GPIO17"\\tinput consumer="gpiomon"\\n'`,
    'rpicam-hello': 'echo "0 : imx219 [3280x2464] (/base/imx219@10)"',
    // In the language of the machine it would say Karte.
    arecord: `[ "$LC_ALL" = C ] && [ "$1" = -l ] && echo "card 1: Mic [USB Mic], device 0: USB Audio [USB Audio]"; exit 0`,
  });
  expect(await found()).toEqual({
    gpio: [
      {
        name: 'gpiochip0',
        label: 'pinctrl-rp1',
        lines: 54,
        used: [{ line: 17, name: 'GPIO17', consumer: 'gpiomon' }],
      },
    ],
    serial: [
      { path: '/dev/ttyAMA0', links: ['/dev/serial0'], about: '' },
      { path: '/dev/ttyUSB0', links: ['/dev/serial/by-id/usb-sensor'], about: '' },
    ],
    keys: [{ path: '/dev/input/event3', name: 'Keypad', links: ['/dev/input/by-id/usb-keypad-event-kbd'] }],
    cameras: [
      { driver: 'v4l2', device: '/dev/video0', name: 'Webcam' },
      { driver: 'rpicam', device: '0', name: 'imx219 3280x2464' },
    ],
    microphones: [{ device: 'plughw:CARD=Mic,DEV=0', name: 'USB Mic, USB Audio' }],
    unseen: [],
  });
});

test('without gpiod: the chips of sysfs, and that it would say more', async () => {
  for (const [name, value] of Object.entries({ label: 'pinctrl-bcm2711', base: '512', ngpio: '58' }))
    file(`sys/class/gpio/gpiochip512/${name}`, `${value}\n`);
  file('sys/class/gpio/gpio529/value', '0\n');
  tools({ arecord: 'exit 0', gpiodetect: 'exit 1' });
  expect(await found()).toMatchObject({
    gpio: [{ name: 'gpiochip512', label: 'pinctrl-bcm2711', lines: 58, used: [{ line: 17 }] }],
    unseen: ['which GPIO lines the kernel itself uses: install gpiod'],
  });
});
