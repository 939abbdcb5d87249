import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { readSource } from './source.ts';

type Found = [path: string, message: string, remedy: string];

/** All that is wrong with a desk of these inputs and this rest. */
function problems(inputs: object[], desk: object = {}, rest: object = {}): Found[] {
  const config = { device: 'd', data: 'x', desks: { front: { inputs, buttons, ...desk } }, ...rest };
  const checked = check(readSource(JSON.stringify(config)), { today: '2026-06-15', folder: '/etc/analyzer' });
  return Array.isArray(checked) ? checked.map((found) => [found.path, found.message, found.remedy]) : [];
}
const paths = (...given: Parameters<typeof problems>) => problems(...given).map(([path]) => path);

const buttons = { happy: { rating: 5, tag: 'positive' }, sad: { rating: 1, tag: 'negative' } };
const radar = { driver: 'ld2410', port: '/dev/serial0' };
const pin = (line: number | string, rest: object = {}) => ({ driver: 'gpio-presence', line, ...rest });

describe('a button', () => {
  test.each([
    ['button', { driver: 'gpio-button', line: 4, button: 'angry' }],
    ['actions.double', { driver: 'mqtt-button', topic: 't', actions: { single: 'sad', double: 'angry' } }],
    ['keys.KEY_2', { driver: 'keypad', device: '/dev/input/event0', keys: { KEY_1: 'sad', KEY_2: 'angry' } }],
  ])('that its desk does not have is told at %s', (path, input) => {
    expect(problems([input])).toEqual([
      [`desks.front.inputs[0].${path}`, 'is no button of this desk', 'Its buttons are happy, sad.'],
    ]);
  });

  test('of its desk may be pressed in every way', () => {
    const ways = [
      { driver: 'gpio-button', line: 4, button: 'sad' },
      { driver: 'mqtt-button', topic: 't', actions: { single: 'sad' } },
      { driver: 'keypad', device: '/dev/input/event0', keys: { KEY_1: 'sad' } },
      { driver: 'tablet', code: '12345678' },
    ];
    expect(problems(ways)).toEqual([]);
  });
});

describe('a window', () => {
  const zoned = (zone: object) => ({ driver: 'ld2450', port: '/dev/serial0', zone });
  const capturing = [
    { camera: { driver: 'rtsp', url: 'rtsp://c/1' } },
    { recording: { capture: 'audio+video' }, vault: { key: { credential: 'k' } } },
  ] as const;

  test('through which nothing is seen is told', () => {
    const luna = { driver: 'tf-luna', port: '/dev/serial0', near: '2m', far: '2m' };
    expect(problems([luna])).toEqual([
      [
        'desks.front.inputs[0].far',
        'must be more than `near`, or nobody is ever there',
        'Make `far` larger, or `near` smaller.',
      ],
    ]);
    expect(paths([zoned({ left: '10cm', right: '-10cm', near: '1m', far: '50cm' })])).toEqual([
      'desks.front.inputs[0].zone.far',
      'desks.front.inputs[0].zone.right',
    ]);
    const face = { driver: 'camera', left: 0.5, right: 0.2, top: 0.9, bottom: 0.1 };
    expect(paths([face], ...capturing)).toEqual([
      'desks.front.inputs[0].right',
      'desks.front.inputs[0].bottom',
    ]);
  });

  test('is as it should be without a word', () => {
    expect(problems([zoned({ left: '-1m', right: '20cm' })])).toEqual([]);
    expect(problems([{ driver: 'camera' }], ...capturing)).toEqual([]);
  });

  test('of the camera needs the camera', () => {
    expect(problems([{ driver: 'camera' }])).toEqual([
      [
        'desks.front.inputs[0].driver',
        'needs pictures, but recording.capture is counts',
        'Set recording.capture: audio+video, or take another sensor.',
      ],
    ]);
  });
});

describe('a GPIO line', () => {
  test('has its pull from config.txt, or from gpiod', () => {
    expect(problems([pin(17, { pull: 'up' })])).toEqual([
      [
        'desks.front.inputs[0].pull',
        'cannot be set through /sys/class/gpio, which the backend `onoff` uses',
        'Put `gpio=17=ip,pu` into /boot/firmware/config.txt and leave `pull` away, or set backend: gpiod.',
      ],
    ]);
    expect(problems([pin(17, { pull: 'up', backend: 'gpiod' })])).toEqual([]);
  });

  test('serves one thing, by whichever name', () => {
    expect(problems([pin(17), pin('GPIO17')])).toMatchObject([
      ['desks.front.inputs[1].line', 'is already used by desks.front.inputs[0].line', expect.anything()],
    ]);
    expect(paths([pin(17)], { lamp: { driver: 'gpio', line: 17 } })).toEqual(['desks.front.lamp.line']);
    expect(paths([pin(17), pin(17, { chip: 'mcp23017' })], { lamp: { driver: 'gpio', line: 18 } })).toEqual(
      [],
    );
  });

  test.each([-1, 5.5, 'GPIO 4', ''])('is not %s', (line) => {
    expect(problems([pin(line)])).toMatchObject([
      ['desks.front.inputs[0].line', expect.stringContaining('BCM number'), expect.anything()],
    ]);
  });
});

describe('devices', () => {
  test('of every kind belong to one', () => {
    const keypad = { driver: 'keypad', device: '/dev/input/event0', keys: { KEY_1: 'sad' } };
    const reader = { driver: 'card-reader', device: '/dev/input/event0' };
    const cards = { cards: { '0004711': 'r-1' } };
    expect(paths([radar, { ...radar, driver: 'tf-luna' }])).toEqual(['desks.front.inputs[1].port']);
    expect(paths([radar, keypad, reader], {}, cards)).toEqual(['desks.front.inputs[2].device']);
    expect(paths([radar], { lamp: { driver: 'line-protocol', port: '/dev/serial0' } })).toEqual([
      'desks.front.lamp.port',
    ]);
  });

  test('that speak the line protocol have one lamp', () => {
    const box = { driver: 'line-protocol', port: '/dev/ttyACM0' };
    expect(paths([box], { lamp: box })).toEqual([]);
    expect(paths([box], { acknowledge: box })).toEqual([]);
    expect(paths([box], { lamp: box, acknowledge: box })).toEqual(['desks.front.acknowledge.port']);
    expect(paths([box], { acknowledge: { ...box, baud: 9_600 } })).toEqual(['desks.front.acknowledge.baud']);
  });
});

test('a tablet shows 2 to 5 faces, and a desk has one', () => {
  const tablet = { driver: 'tablet', code: '12345678' };
  const one = { buttons: { happy: buttons.happy, stop: { does: 'veto' } } };
  expect(problems([tablet], one)).toMatchObject([
    ['desks.front.inputs[0].driver', expect.stringContaining('this desk has 1'), expect.anything()],
  ]);
  expect(paths([tablet, { ...tablet, code: '87654321' }])).toEqual(['desks.front.inputs[1].driver']);
  expect(paths([{ ...tablet, code: 'short' }])).toEqual(['desks.front.inputs[0].code']);
});

test('a card reader needs cards', () => {
  const reader = { driver: 'card-reader', device: '/dev/input/event0' };
  expect(paths([reader])).toEqual(['desks.front.inputs[0].driver']);
  expect(paths([reader], {}, { cards: { '0004711': 'r-1' } })).toEqual([]);
});
