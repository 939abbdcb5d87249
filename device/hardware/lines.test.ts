import { describe, expect, test } from 'vitest';
import { inventoryLines, liveLines, paint, verdictLines, wrap } from './lines.ts';
import { notTried, type Row } from './rows.ts';

const good: Row = {
  kind: 'input',
  driver: 'line-protocol',
  name: 'line-protocol /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0',
  state: 'PRESENT',
  facts: ['happy 3, unhappy 0', 'heard 0.4 s ago'],
  lastFault: null,
  verdict: 'OK',
  remedy: null,
  figures: {},
};
const bad: Row = {
  ...good,
  kind: 'camera',
  name: 'v4l2 /dev/video0',
  state: '?',
  facts: ['last fault: v4l2 /dev/video0: no such device'],
  lastFault: 'v4l2 /dev/video0: no such device',
  verdict: 'FAULT',
  remedy: 'Check the camera, its cable or network address; it is tried again by itself.',
};
const rows = {
  front: [good, bad, notTried({ kind: 'input', driver: 'tablet', name: 'tablet' }, 'page')],
  back: [],
};

describe('the live view', () => {
  test('at 80 columns', () => {
    expect(liveLines(rows, 80)).toEqual([
      'front',
      'PRESENT  line-protocol /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0',
      '  happy 3, unhappy 0',
      '  heard 0.4 s ago',
      '?        camera v4l2 /dev/video0',
      '  last fault: no such device',
      '  FAULT: Check the camera, its cable or network address; it is tried again by',
      '  itself.',
      'page     tablet',
      '',
      'back',
      '',
    ]);
  });

  test('at 40 columns: the state still begins its line, and nothing is wider', () => {
    const lines = liveLines(rows, 40);
    expect(lines.slice(0, 6)).toEqual([
      'front',
      'PRESENT  line-protocol',
      '  /dev/serial/by-id/usb-1a86_USB_Serial-',
      '  if00-port0',
      '  happy 3, unhappy 0',
      '  heard 0.4 s ago',
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });
});

test('the verdicts, at 80 and 40 columns', () => {
  expect(verdictLines(rows, 80)).toEqual([
    'front',
    'OK       line-protocol /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0',
    'FAULT    camera v4l2 /dev/video0',
    '  last fault: no such device',
    '  Check the camera, its cable or network address; it is tried again by itself.',
    'NOT TRIED tablet',
    '',
    'back',
    '',
  ]);
  expect(Math.max(...verdictLines(rows, 40).map((line) => line.length))).toBeLessThanOrEqual(40);
});

test('what is plugged in', () => {
  const used = [
    { line: 7, name: 'GPIO7', consumer: 'spi0 CS1' },
    { line: 4, name: '', consumer: '' },
  ];
  const found = {
    gpio: [{ name: 'gpiochip0', label: 'pinctrl-rp1', lines: 54, used }],
    serial: [{ path: '/dev/ttyAMA0', links: ['/dev/serial0'], about: '' }],
    keys: [{ path: '/dev/input/event0', name: 'Keypad', links: ['/dev/input/by-id/usb-Keypad'] }],
    cameras: [],
    microphones: [{ device: 'plughw:CARD=Mic,DEV=0', name: 'USB Mic' }],
    unseen: ['which GPIO lines the kernel itself uses: install gpiod'],
  };
  expect(inventoryLines(found, 79)).toEqual([
    'GPIO chips',
    '  gpiochip0 [pinctrl-rp1] 54 lines, used: GPIO7 by spi0 CS1, 4 by the kernel',
    'Serial ports',
    '  /dev/ttyAMA0  = /dev/serial0',
    'Keypads, card readers and the like',
    '  /dev/input/event0  Keypad  = /dev/input/by-id/usb-Keypad',
    'Cameras',
    '  none found',
    'Microphones',
    '  plughw:CARD=Mic,DEV=0  USB Mic',
    'Not seen: which GPIO lines the kernel itself uses: install gpiod',
    '',
  ]);
  expect(Math.max(...inventoryLines(found, 39).map((line) => line.length))).toBeLessThanOrEqual(39);
});

test('a line breaks between words, within one only where it must', () => {
  expect(wrap('one two three', 7, '  ')).toEqual(['one two', '  three']);
  expect(wrap('one two three', 8, '')).toEqual(['one two', 'three']);
  expect(wrap('abcdefghij', 4, ' ')).toEqual(['abcd', ' efg', ' hij']);
  expect(wrap('', 4, ' ')).toEqual(['']);
});

test('a name cannot move the cursor', () => {
  expect(wrap('USB\x1b[2JMic\r\n\x9b1A\u202ex', 40, '')).toEqual(['USB [2JMic 1A x']);
});

test('the words that matter are coloured, and nothing else is changed', () => {
  const lines = [...liveLines(rows, 40), ...verdictLines(rows, 40)];
  const coloured = lines.map(paint);
  expect(coloured.map((line) => line.replace(/\x1b\[[\d;]*m/g, ''))).toEqual(lines);
  expect(coloured.filter((line) => line.includes('\x1b'))).toHaveLength(4);
  expect(paint('  NOTHING HEARD: Press it')).toBe('  \x1b[30;43mNOTHING HEARD\x1b[0m: Press it');
});
