import { z } from 'zod';

/** One schema: the types, the validation, and the published JSON Schema (`config/contact-analyzer.schema.json`) all come from here. */

const UNITS = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/;

/** "15s" → 15000. Units: ms, s, min (or m), h, d. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : null;
}

function duration(fallback: string, about: string, bounds: { min?: string; max?: string } = {}) {
  const low = bounds.min === undefined ? 0 : (parseDuration(bounds.min) ?? 0);
  const high = bounds.max === undefined ? Number.POSITIVE_INFINITY : (parseDuration(bounds.max) ?? 0);
  return z
    .string()
    .regex(DURATION, 'write a duration such as "1.5s", "10min" or "14d"')
    .refine(
      (text) => {
        const ms = parseDuration(text);
        return ms === null || (ms >= low && ms <= high);
      },
      `must be between ${bounds.min ?? '0s'} and ${bounds.max ?? 'any length'}`,
    )
    .default(fallback)
    .transform((text) => parseDuration(text) ?? 0)
    .describe(`${about} Default ${fallback}.`);
}

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'use 1 to 32 small letters, digits and hyphens')
  .describe('Appears in topics and files.');

/** A secret is never written in the config: it names a file, or a systemd credential (LoadCredential=). */
const secret = z.union([
  z.strictObject({ file: z.string().min(1).describe('Path of a file whose first line is the secret.') }),
  z.strictObject({ credential: z.string().min(1).describe('Name of a systemd credential of the unit.') }),
]);

const lineProtocol = z.strictObject({
  driver: z.literal('line-protocol'),
  port: z.string().min(1).describe('Serial device, such as /dev/serial0 or /dev/ttyUSB0.'),
  baud: z.number().int().min(300).max(4_000_000).default(115_200),
});

const scripted = z.strictObject({
  driver: z.literal('scripted'),
  repeat: z.boolean().default(true).describe('Begin again after the last step.'),
  steps: z
    .array(
      z.strictObject({
        wait: duration('0s', 'Time since the step before.'),
        present: z.boolean().optional().describe('The sensor changes to this.'),
        press: z.string().optional().describe('This button is pressed.'),
      }),
    )
    .min(1),
});

const camera = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('rtsp'),
    url: z.string().regex(/^rtsps?:\/\//, 'must begin with rtsp:// or rtsps://'),
    user: z.string().optional(),
    password: secret.optional(),
  }),
  z.strictObject({
    driver: z.literal('v4l2'),
    device: z.string().startsWith('/dev/').default('/dev/video0'),
    format: z
      .enum(['h264', 'mjpeg', 'yuyv422'])
      .default('mjpeg')
      .describe('A format that `v4l2-ctl --list-formats` shows.'),
    size: z
      .string()
      .regex(/^\d+x\d+$/, 'such as 640x480')
      .default('640x480'),
    rate: z.number().int().min(1).max(60).default(15).describe('Pictures a second.'),
  }),
  z.strictObject({
    driver: z.literal('mjpeg'),
    url: z.string().regex(/^(https?|tcp):\/\//, 'must begin with http://, https:// or tcp://'),
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
  tag: z.enum(['positive', 'neutral', 'negative']),
});

const desk = z.strictObject({
  inputs: z
    .array(z.discriminatedUnion('driver', [lineProtocol, scripted]))
    .min(1)
    .describe('Presence sensors and loyalty buttons.'),
  buttons: z
    .record(z.string().regex(/^[A-Za-z0-9_-]{1,16}$/), button)
    .default({})
    .describe('By the name that the input sends.'),
  camera: camera.optional(),
  microphone: microphone.optional(),
});

export const configSchema = z.strictObject({
  device: name.describe('Name of this device: part of every topic.'),
  data: z.string().min(1).describe('Folder of the store and the clips. Relative to this file.'),
  arrival: z
    .strictObject({
      confirm: duration('1.5s', 'Presence must hold this long before a contact is believed.', {
        max: '1min',
      }),
    })
    .prefault({}),
  departure: z
    .strictObject({
      confirm: duration('4s', 'Absence must hold this long before a departure is believed.', { max: '5min' }),
    })
    .prefault({}),
  contact: z
    .strictObject({
      max: duration('60min', 'A longer contact is closed as overlong and the sensor reported as stuck.', {
        min: '10s',
        max: '12h',
      }),
      served: duration('10s', 'A contact at least this long counts as served.', { max: '10min' }),
    })
    .prefault({}),
  press: z
    .strictObject({
      grace: duration('10s', 'A press this long after the end still belongs to the contact.', {
        max: '5min',
      }),
      repeat: duration('3s', 'Presses of one button closer than this are one.', { max: '1min' }),
    })
    .prefault({}),
  sensor: z
    .strictObject({
      lost: duration('30s', 'A sensor lost for this long ends the contact.', { max: '10min' }),
    })
    .prefault({}),
  recording: z
    .strictObject({
      capture: z
        .enum(['counts', 'audio', 'audio+video'])
        .default('counts')
        .describe('What is captured at all. What is off is not opened.'),
      preRoll: duration('5s', 'Recorded before the arrival.', { max: '30s' }),
      postRoll: duration('2s', 'Recorded after the departure.', { max: '30s' }),
      ring: z.string().min(1).default('/dev/shm/contact-analyzer').describe('Folder on a tmpfs.'),
    })
    .prefault({}),
  scores: z
    .strictObject({
      face: z.boolean().default(false).describe("Score the patient's face on the device."),
      notice: z.iso
        .date()
        .optional()
        .describe(
          'Day since which a notice at the desk tells the patients (EU AI Act Art. 50(3)). No scoring without it.',
        ),
      rate: z.number().min(0.2).max(5).default(2).describe('Pictures scored a second.'),
    })
    .prefault({}),
  store: z
    .strictObject({
      keepEvents: duration('14d', 'Raw edges and presses are kept this long.', { min: '1d', max: '365d' }),
    })
    .prefault({}),
  mqtt: z
    .discriminatedUnion('broker', [
      z.strictObject({
        broker: z.literal('embedded'),
        port: z.number().int().min(1).max(65_535).default(1883).describe('On 127.0.0.1.'),
      }),
      z.strictObject({
        broker: z.literal('external'),
        url: z.string().regex(/^mqtts?:\/\//, 'must begin with mqtt:// or mqtts://'),
        user: z.string().optional(),
        password: secret.optional(),
        version: z
          .enum(['5', '3.1.1'])
          .default('5')
          .describe('3.1.1 cannot tell that a publish was refused.'),
      }),
    ])
    .optional(),
  page: z
    .strictObject({
      host: z
        .enum(['127.0.0.1', '::1'])
        .default('127.0.0.1')
        .describe('The page has no accounts yet: this machine only.'),
      port: z.number().int().min(0).max(65_535).default(8080),
    })
    .prefault({}),
  clock: z
    .strictObject({
      trusted: z
        .boolean()
        .default(false)
        .describe('True for a machine with a battery-backed clock: its time is believed from the start.'),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
  desks: z.record(name, desk).describe('By name.'),
});

export type Config = z.infer<typeof configSchema>;
export type DeskConfig = Config['desks'][string];
export type SecretReference = z.infer<typeof secret>;
