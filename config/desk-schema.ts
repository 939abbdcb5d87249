import { z } from 'zod';
import { address } from './address.ts';
import { duration } from './durations.ts';
import { buttonName, input, lamp } from './input-schema.ts';
import { secretReference } from './secret.ts';

/** What one desk is made of: its sensors and buttons, its camera and microphone, its lamp. */

const latency = (what: string) =>
  duration('0s', `How late ${what}: clap your hands before both devices and look at the clip.`, {
    max: '2s',
  });
const late = latency('its pictures come');
const lateSound = latency('its sound comes');

const pixels = z
  .string()
  .regex(/^\d+x\d+$/, 'must be width x height, such as 640x480')
  .default('640x480')
  .describe('Pixels of a picture; the nearest that the camera offers.');
const rate = z.number().int().min(1).max(60).default(15).describe('Pictures a second.');

/** A share of the picture's width or height. */
const edge = z.number().min(0).max(1);

const patientZone = z
  .strictObject({
    left: edge.default(0).describe('Left edge, as a share of the width.'),
    right: edge.default(1).describe('Right edge.'),
    top: edge.default(0).describe('Upper edge, as a share of the height.'),
    bottom: edge.default(1).describe('Lower edge.'),
  })
  .optional()
  .describe(
    "The patient's side of the picture, where no receptionist is ever seen. Nothing outside reaches a net that judges faces. Needed to score faces.",
  );

const camera = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('rtsp'),
    url: address(/^rtsps?:\/\//, 'rtsp:// or rtsps://').describe(
      "The camera's stream, without user and password.",
    ),
    user: z.string().optional().describe('User at the camera.'),
    password: secretReference.optional().describe('Where the password of that user is.'),
    latency: late,
    patient: patientZone,
  }),
  z.strictObject({
    driver: z.literal('v4l2'),
    device: z
      .string()
      .regex(/^\/dev\//, 'must begin with /dev/')
      .default('/dev/video0')
      .describe('As `v4l2-ctl --list-devices` shows it.'),
    format: z
      .enum(['auto', 'h264', 'mjpeg', 'raw'])
      .default('auto')
      .describe('`auto` takes the best that the camera offers: h264, else mjpeg, else raw pictures.'),
    size: pixels,
    rate,
    latency: late,
    patient: patientZone,
  }),
  z.strictObject({
    driver: z.literal('rpicam'),
    camera: z
      .number()
      .int()
      .min(0)
      .max(3)
      .default(0)
      .describe('As `rpicam-hello --list-cameras` numbers it.'),
    size: pixels,
    rate,
    flip: z.boolean().default(false).describe('True for one that is mounted upside down.'),
    latency: late,
    patient: patientZone,
  }),
  z.strictObject({
    driver: z.literal('mjpeg'),
    url: address(/^(https?|tcp):\/\//, 'http://, https:// or tcp://').describe(
      'The stream of JPEG pictures.',
    ),
    latency: late,
    patient: patientZone,
  }),
  z.strictObject({
    driver: z.literal('file'),
    path: z.string().min(1).describe('A video, played in real time for ever.'),
    latency: late,
    patient: patientZone,
  }),
]);

const microphone = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('alsa'),
    device: z.string().min(1).default('default').describe('As `arecord -L` lists it.'),
    patient: z
      .enum(['left', 'right'])
      .optional()
      .describe(
        "For two microphones on one card: which of them is the patient's. The clip is stereo then. Unset, one microphone hears both.",
      ),
    latency: lateSound,
  }),
  z.strictObject({
    driver: z.literal('file'),
    path: z.string().min(1).describe('A sound file, played in real time for ever.'),
    latency: lateSound,
  }),
]);

/** Who a receptionist is, is for the clinic to know: the device has a pseudonym. */
export const pseudonym = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be a pseudonym of 1 to 32 letters, digits, hyphens and underscores');

/** A loyalty button. */
interface RatingButton {
  rating: number;
  tag: 'positive' | 'neutral' | 'negative';
}

/** A button that rates nothing. */
type DoingButton = { does: 'veto' | 'pause' } | { does: 'shift'; receptionist: string };

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
      .enum(['veto', 'pause', 'shift'])
      .optional()
      .describe(
        'Instead of rating and tag: `veto` destroys the recording of the contact, which stays counted; `pause` stops recording until it is ended or `recording.pause` is over; `shift` says that `receptionist` is at the desk now, or no more.',
      ),
    receptionist: pseudonym.optional().describe('Whose shift it is, with `does: shift`. A pseudonym.'),
  })
  .transform(({ rating, tag, does, receptionist }, context): RatingButton | DoingButton => {
    const rates = rating !== undefined && tag !== undefined;
    const bare = rating === undefined && tag === undefined;
    if (does === undefined && rates && receptionist === undefined) return { rating, tag };
    if (does === 'shift' && bare && receptionist !== undefined) return { does, receptionist };
    if (does !== undefined && does !== 'shift' && bare && receptionist === undefined) return { does };
    context.addIssue({
      code: 'custom',
      message: 'must have a rating and a tag, or `does` alone, or `does: shift` with a receptionist',
      params: {
        remedy: 'Write { rating: 5, tag: positive }, { does: veto } or { does: shift, receptionist: r-1 }.',
      },
    });
    return z.NEVER;
  })
  // The published JSON Schema cannot see into the check above.
  .meta({
    anyOf: [
      { required: ['rating', 'tag'], properties: { does: false, receptionist: false } },
      {
        required: ['does'],
        properties: { does: { enum: ['veto', 'pause'] }, rating: false, tag: false, receptionist: false },
      },
      {
        required: ['does', 'receptionist'],
        properties: { does: { const: 'shift' }, rating: false, tag: false },
      },
    ],
  });

export const desk = z.strictObject({
  inputs: z.array(input).min(1).describe('Presence sensors and loyalty buttons.'),
  presence: z
    .enum(['any', 'all', 'majority'])
    .default('any')
    .describe(
      'With several sensors: somebody is there when any, all or more than half of those that can be heard say so.',
    ),
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
  acknowledge: lamp.optional().describe('A lamp or a beeper that answers each press for a moment.'),
});
