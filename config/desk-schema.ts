import { z } from 'zod';
import { duration } from './durations.ts';
import { secretReference } from './secret.ts';

/** What one desk is made of: its sensors and buttons, its camera and microphone, its lamp. */

const WITHOUT_CREDENTIALS = /^[^@]*$/;

/** An address that carries neither user nor password: a config is copied and mailed, a secret must not go along. */
export function address(scheme: RegExp, about: string) {
  return z
    .string()
    .regex(scheme, `must begin with ${about}`)
    .regex(WITHOUT_CREDENTIALS, 'must not contain a user or password (nor any @)');
}

const port = z.string().min(1).describe('Serial device, such as /dev/serial0 or /dev/ttyUSB0.');
const baud = (device: string) =>
  z
    .number()
    .int()
    .min(300)
    .max(4_000_000)
    .default(115_200)
    .describe(`Speed of the serial line; the same as in the ${device}.`);

const lineProtocol = z.strictObject({
  driver: z.literal('line-protocol'),
  port,
  baud: baud('sensor'),
});

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

const latency = (what: string) =>
  duration('0s', `How late ${what}: clap your hands before both devices and look at the clip.`, {
    max: '2s',
  });
const late = latency('its pictures come');
const lateSound = latency('its sound comes');

const camera = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('rtsp'),
    url: address(/^rtsps?:\/\//, 'rtsp:// or rtsps://').describe(
      "The camera's stream, without user and password.",
    ),
    user: z.string().optional().describe('User at the camera.'),
    password: secretReference.optional().describe('Where the password of that user is.'),
    latency: late,
  }),
  z.strictObject({
    driver: z.literal('v4l2'),
    device: z
      .string()
      .regex(/^\/dev\//, 'must begin with /dev/')
      .default('/dev/video0')
      .describe('As `v4l2-ctl --list-devices` shows it.'),
    format: z
      .enum(['h264', 'mjpeg', 'yuyv422'])
      .default('mjpeg')
      .describe('One that `v4l2-ctl --list-formats` shows.'),
    size: z
      .string()
      .regex(/^\d+x\d+$/, 'must be width x height, such as 640x480')
      .default('640x480')
      .describe('Pixels of a picture.'),
    rate: z.number().int().min(1).max(60).default(15).describe('Pictures a second.'),
    latency: late,
  }),
  z.strictObject({
    driver: z.literal('mjpeg'),
    url: address(/^(https?|tcp):\/\//, 'http://, https:// or tcp://').describe(
      'The stream of JPEG pictures.',
    ),
    latency: late,
  }),
  z.strictObject({
    driver: z.literal('file'),
    path: z.string().min(1).describe('A video, played in real time for ever.'),
    latency: late,
  }),
]);

const microphone = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('alsa'),
    device: z.string().min(1).default('default').describe('As `arecord -L` lists it.'),
    latency: lateSound,
  }),
  z.strictObject({
    driver: z.literal('file'),
    path: z.string().min(1).describe('A sound file, played in real time for ever.'),
    latency: lateSound,
  }),
]);

const lamp = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('led'),
    name: z
      .string()
      // No slash and no leading dot: the name is joined to the folder of LEDs and may not leave it.
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_:.-]*$/, 'must be the name of a LED: a folder of /sys/class/leds')
      .describe('A LED of the kernel, as `ls /sys/class/leds` lists it.'),
  }),
  z.strictObject({
    driver: z.literal('line-protocol'),
    port: port.describe("Serial device; may be that of one of the desk's inputs."),
    baud: baud('lamp'),
  }),
]);

/** A loyalty button. */
interface RatingButton {
  rating: number;
  tag: 'positive' | 'neutral' | 'negative';
}

/** A button that rates nothing. */
interface DoingButton {
  does: 'veto' | 'pause';
}

/** One kind of button or the other, told apart by their keys. Not a union of zod's: it would say of both what is wrong. */
const button = z
  .strictObject({
    rating: z
      .number()
      .int()
      .min(1)
      .max(10)
      .optional()
      .describe('The highest rating of the desk counts for the support index.'),
    tag: z
      .enum(['positive', 'neutral', 'negative'])
      .optional()
      .describe('What a press says about the contact.'),
    does: z
      .enum(['veto', 'pause'])
      .optional()
      .describe(
        'Instead of rating and tag: `veto` destroys the recording of the contact, which stays counted; `pause` stops recording until it is ended or `recording.pause` is over.',
      ),
  })
  .transform(({ rating, tag, does }, context): RatingButton | DoingButton => {
    if (does === undefined && rating !== undefined && tag !== undefined) return { rating, tag };
    if (does !== undefined && rating === undefined && tag === undefined) return { does };
    context.addIssue({
      code: 'custom',
      message: 'must have a rating and a tag, or `does` alone',
      params: { remedy: 'Write { rating: 5, tag: positive } or { does: veto }.' },
    });
    return z.NEVER;
  })
  // The published JSON Schema cannot see into the check above.
  .meta({
    anyOf: [
      { required: ['rating', 'tag'], properties: { does: false } },
      { required: ['does'], properties: { rating: false, tag: false } },
    ],
  });

const buttonName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,16}$/, 'must be a name of 1 to 16 letters, digits, hyphens and underscores');

export const desk = z.strictObject({
  inputs: z
    .array(z.discriminatedUnion('driver', [lineProtocol, scripted]))
    .min(1)
    .describe('Presence sensors and loyalty buttons.'),
  buttons: z
    .record(buttonName, button)
    .refine((buttons) => Object.keys(buttons).length > 0, 'must have at least one button')
    .default({})
    .describe(
      'The loyalty buttons, and those for veto and pause, by the name that the input sends. A desk may have none.',
    ),
  camera: camera.optional().describe('Opened only when `recording.capture` is audio+video.'),
  microphone: microphone.optional().describe('Opened only when `recording.capture` asks for sound.'),
  lamp: lamp
    .optional()
    .describe('Shows that the desk is recorded. Where it cannot be lit, nothing is recorded.'),
});
