import { z } from 'zod';
import { address } from './address.ts';
import { duration } from './durations.ts';
import { length } from './lengths.ts';
import { secretReference } from './secret.ts';

/** What tells that somebody is there, or presses buttons: the kinds of `inputs` of a desk, and its lamps. */

export const buttonName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,16}$/, 'must be a name of 1 to 16 letters, digits, hyphens and underscores');
const button = buttonName.describe('The button of the desk that it is.');

const port = z.string().min(1).describe('Serial device, such as /dev/serial0 or /dev/ttyUSB0.');
const baud = (device: string, fallback = 115_200) =>
  z
    .number()
    .int()
    .min(300)
    .max(4_000_000)
    .default(fallback)
    .describe(`Speed of the serial line; the same as in the ${device}.`);

const lineProtocol = z.strictObject({
  driver: z.literal('line-protocol'),
  port,
  baud: baud('sensor'),
});

const LINE = 'must be a BCM number such as 17, or the name of a line as `gpioinfo` shows it';

/** A line of a GPIO chip. */
const line = {
  line: z
    .union([z.int().min(0).max(511), z.string().regex(/^[A-Za-z_][\w.:/-]{0,31}$/, LINE)], {
      error: LINE,
    })
    .describe('BCM number, such as 17 for pin 11 of the header, or the name of the line.'),
  chip: z
    .string()
    .min(1)
    .optional()
    .describe("Label of another GPIO chip than the Pi's header, as `gpiodetect` shows it in brackets."),
  activeLow: z.boolean().default(false).describe('True where a low level means yes: a button to ground.'),
  backend: z
    .enum(['onoff', 'gpiod'])
    .default('onoff')
    .describe(
      'How it is reached: `onoff` through /sys/class/gpio (where the kernel has none, as `gpiod`), `gpiod` through gpiomon and gpioset of the Debian package gpiod, which can set `pull`.',
    ),
};
const inputLine = {
  ...line,
  pull: z
    .enum(['up', 'down', 'off'])
    .optional()
    .describe('Resistor inside the chip; needs `backend: gpiod`. Unset it stays as it is.'),
  debounce: duration('20ms', 'A change of the level must hold this long.', { max: '1s' }),
};

const near = (fallback: string, max: string) =>
  length(fallback, 'What is nearer is not a patient, such as a flower on the desk.', { min: '0cm', max });
const far = (fallback: string, max: string) =>
  length(fallback, 'What is farther away is not at the desk.', { min: '1cm', max });

const zone = z
  .strictObject({
    left: length('-60cm', 'Left edge, as the sensor looks; its middle is 0.', { min: '-6m', max: '6m' }),
    right: length('60cm', 'Right edge.', { min: '-6m', max: '6m' }),
    near: length('20cm', 'Nearest edge.', { min: '0m', max: '8m' }),
    far: length('150cm', 'Farthest edge.', { min: '1cm', max: '8m' }),
  })
  .prefault({})
  .describe("The patient's side of the desk.");

const broker = z
  .strictObject({
    url: address(/^mqtts?:\/\//, 'mqtt:// or mqtts://')
      .default('mqtt://127.0.0.1:1883')
      .describe('The broker to which the sensor or its gateway publishes, without user and password.'),
    user: z.string().optional().describe('User at the broker.'),
    password: secretReference.optional().describe('Where the password of that user is.'),
  })
  .prefault({});
const topic = z
  .string()
  .regex(/^[^+#]+$/, 'must be one topic, without + and #')
  .describe('What the device publishes to, such as zigbee2mqtt/front-presence.');
const field = z
  .string()
  .regex(/^[\w-]+(\.[\w-]+)*$/, 'must be a name, or names with dots between them, such as Switch1.Action')
  .optional()
  .describe('Where in a JSON payload the value stands. Unset, the usual names are looked for.');
const availability = topic
  .optional()
  .describe('Topic on which the gateway says `online` or `offline` of the device.');
const evdev = z
  .string()
  .regex(/^\/dev\/input\//, 'must begin with /dev/input/')
  .describe('As `ls /dev/input/by-id` lists it: by-id stays the same when it is plugged in elsewhere.');

const step = z
  .strictObject({
    wait: duration('0s', 'Time since the step before.', { max: '24h' }),
    present: z.boolean().optional().describe('The sensor changes to this.'),
    press: z.string().optional().describe('This button of the desk is pressed.'),
  })
  .refine(({ present, press }) => present !== undefined || press !== undefined, {
    error: 'does nothing: it has neither `present` nor `press`',
  })
  .describe('One thing that happens. Needs `present`, `press` or both.');

const scripted = z.strictObject({
  driver: z.literal('scripted'),
  repeat: z.boolean().default(true).describe('Begin again after the last step.'),
  steps: z.array(step).min(1).describe('What happens, in order.'),
});

const share = (about: string, fallback: number) =>
  z.number().min(0).max(1).default(fallback).describe(`${about}, as a share of the picture.`);

/** The kinds of `inputs`. */
export const input = z.discriminatedUnion('driver', [
  lineProtocol,
  z.strictObject({ driver: z.literal('gpio-presence'), ...inputLine }),
  z.strictObject({ driver: z.literal('gpio-button'), button, ...inputLine }),
  z.strictObject({
    driver: z.literal('ld2410'),
    port,
    baud: baud('sensor', 256_000),
    range: length('1.5m', 'What is farther away is not at the desk; in steps of 75 cm.', {
      min: '75cm',
      max: '6m',
    }),
    threshold: z
      .number()
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe(
        'How strong an echo must be to count; lower is more sensitive. Unset, the sensor keeps its own.',
      ),
  }),
  z.strictObject({ driver: z.literal('ld2450'), port, baud: baud('sensor', 256_000), zone }),
  z.strictObject({ driver: z.literal('rd03d'), port, baud: baud('sensor', 256_000), zone }),
  z.strictObject({
    driver: z.literal('tf-luna'),
    port,
    baud: baud('sensor'),
    near: near('20cm', '12m'),
    far: far('120cm', '12m'),
  }),
  z.strictObject({
    driver: z.literal('maxbotix'),
    port,
    baud: baud('sensor', 9_600),
    unit: z
      .enum(['mm', 'cm', 'in'])
      .default('mm')
      .describe('Of the number that it sends: mm for HRLV and HRXL, cm for XL, in for LV.'),
    near: near('30cm', '10m'),
    far: far('120cm', '10m'),
  }),
  z.strictObject({
    driver: z.literal('mqtt-presence'),
    broker,
    topic,
    field,
    availability,
    silent: duration(
      '0s',
      'Without any message for this long it counts as lost; 0s: it may be silent for ever.',
      {
        max: '7d',
      },
    ),
  }),
  z.strictObject({
    driver: z.literal('mqtt-button'),
    broker,
    topic,
    field,
    availability,
    actions: z
      .record(z.string().min(1), buttonName.describe('A button of the desk.'))
      .describe('Which button each action is, such as { single: happy, double: unhappy }.'),
  }),
  z.strictObject({
    driver: z.literal('keypad'),
    device: evdev,
    keys: z
      .record(
        z.string().regex(/^KEY_\w+$|^BTN_\w+$/, 'must be a key such as KEY_1 or KEY_KP1'),
        buttonName.describe('A button of the desk.'),
      )
      .describe('Which button each key is, such as { KEY_1: happy, KEY_2: unhappy }.'),
  }),
  z.strictObject({ driver: z.literal('card-reader'), device: evdev }),
  z.strictObject({
    driver: z.literal('tablet'),
    code: z
      .string()
      .regex(/^[A-Za-z0-9_-]{8,64}$/, 'must be 8 to 64 letters, digits, hyphens and underscores')
      .describe(
        'Last part of the address of its page, http://DEVICE:PORT/DESK/CODE: only who knows it can press. Make it up.',
      ),
  }),
  z.strictObject({
    driver: z.literal('camera'),
    left: share('Left edge of the zone in which a face counts', 0),
    right: share('Right edge of the zone', 1),
    top: share('Upper edge of the zone', 0),
    bottom: share('Lower edge of the zone', 1),
    smallest: share('A face less high is too far away', 0.12),
    hold: duration('3s', 'Somebody is there until no face has been seen for this long.', { max: '1min' }),
  }),
  scripted,
]);

/** The kinds of `lamp` and `acknowledge`. */
export const lamp = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('led'),
    name: z
      .string()
      // No slash and no leading dot: the name is joined to the folder of LEDs and may not leave it.
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_:.-]*$/, 'must be the name of a LED: a folder of /sys/class/leds')
      .describe('A LED of the kernel, as `ls /sys/class/leds` lists it.'),
  }),
  z.strictObject({ driver: z.literal('gpio'), ...line }),
  z.strictObject({
    driver: z.literal('line-protocol'),
    port: port.describe("Serial device; may be that of one of the desk's inputs."),
    baud: baud('lamp'),
  }),
]);
