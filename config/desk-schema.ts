import { z } from 'zod';
import { duration } from './durations.ts';
import { secretReference } from './secret.ts';

/** What one desk is made of: its sensors and buttons, its camera and its microphone. */

const WITHOUT_CREDENTIALS = /^[^@]*$/;

/** An address that carries neither user nor password: a config is copied and mailed, a secret must not go along. */
export function address(scheme: RegExp, about: string) {
  return z
    .string()
    .regex(scheme, `must begin with ${about}`)
    .regex(WITHOUT_CREDENTIALS, 'must not contain a user or password (nor any @)');
}

const lineProtocol = z.strictObject({
  driver: z.literal('line-protocol'),
  port: z.string().min(1).describe('Serial device, such as /dev/serial0 or /dev/ttyUSB0.'),
  baud: z
    .number()
    .int()
    .min(300)
    .max(4_000_000)
    .default(115_200)
    .describe('Speed of the serial line; the same as in the sensor.'),
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

const camera = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('rtsp'),
    url: address(/^rtsps?:\/\//, 'rtsp:// or rtsps://').describe(
      "The camera's stream, without user and password.",
    ),
    user: z.string().optional().describe('User at the camera.'),
    password: secretReference.optional().describe('Where the password of that user is.'),
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
  }),
  z.strictObject({
    driver: z.literal('mjpeg'),
    url: address(/^(https?|tcp):\/\//, 'http://, https:// or tcp://').describe(
      'The stream of JPEG pictures.',
    ),
  }),
  z.strictObject({
    driver: z.literal('file'),
    path: z.string().min(1).describe('A video, played in real time for ever.'),
  }),
]);

const microphone = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('alsa'),
    device: z.string().min(1).default('default').describe('As `arecord -L` lists it.'),
  }),
  z.strictObject({
    driver: z.literal('file'),
    path: z.string().min(1).describe('A sound file, played in real time for ever.'),
  }),
]);

const button = z.strictObject({
  rating: z
    .number()
    .int()
    .min(1)
    .max(10)
    .describe('The highest rating of the desk counts for the support index.'),
  tag: z.enum(['positive', 'neutral', 'negative']).describe('What a press says about the contact.'),
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
    .describe('The loyalty buttons, by the name that the input sends. A desk may have none.'),
  camera: camera.optional().describe('Opened only when `recording.capture` is audio+video.'),
  microphone: microphone.optional().describe('Opened only when `recording.capture` asks for sound.'),
});
