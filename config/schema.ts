import { isIP } from 'node:net';
import { z } from 'zod';
import { address } from './address.ts';
import { desk, pseudonym } from './desk-schema.ts';
import { duration } from './durations.ts';
import { secretReference } from './secret.ts';
import { size } from './sizes.ts';

export type { SecretReference } from './secret.ts';

/**
 * One schema: the types, the validation, the published JSON Schema (`contact-analyzer.schema.json`) and the table of
 * settings in the README all come from here. What two settings say about each other is in `rules.ts`.
 */

const MOST_DESKS = 8;

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 small letters, digits and hyphens');

const ownModel = z.string().min(1);

/** On one line each: what they say has to be read from two steps away. */
const tabletText = (about: string) =>
  z.string().trim().min(1).max(80, 'must be 80 characters or less').optional().describe(about);
const tabletTexts = z.strictObject({
  question: tabletText('Over the faces.'),
  thanks: tabletText('After a press.'),
});

const COMMANDS = [
  'resend',
  'pause',
  'resume',
  'veto',
  'erase',
  'fetch',
  'health',
  'shift',
  'reload',
] as const;

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/;

/** Also of a device that publishes nothing outside, or nothing at all: its events wait, too. */
export const backlog = z
  .strictObject({
    age: duration('30d', 'Events that wait for longer are dropped, contacts excepted.', {
      min: '1h',
      max: '365d',
    }),
    size: size('500MB', 'Waiting events together; the least important are dropped first, contacts never.', {
      min: '1MB',
      max: '100GB',
    }),
  })
  .prefault({});

export const configSchema = z.strictObject({
  jurisdiction: z
    .enum(['eu', 'pl', 'ru', 'other'])
    .default('eu')
    .describe(
      'Whose law the settings are checked against. The errors name the articles; they are no legal advice.',
    ),
  device: name.describe('Name of this device: part of every topic.'),
  data: z.string().min(1).describe('Folder of the store and the clips.'),
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
      ring: z
        .string()
        .regex(/^\//, 'must be an absolute path')
        .default('/dev/shm/contact-analyzer')
        .describe('Folder of the last seconds, on a tmpfs: what lies between contacts never touches a disk.'),
      ringOnDisk: z
        .literal('recordings between contacts may touch this disk')
        .optional()
        .describe('Only with these words `ring` may be a folder that is not on a tmpfs.'),
      soundBasis: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Legal basis of recording sound, in the words of who answers for it, such as "consent, form 3 of 2026-01".',
        ),
      keep: z
        .enum(['negative', 'rated', 'all', 'none'])
        .default('negative')
        .describe('The contacts whose clip is kept, by their tag; the other clips are destroyed.'),
      sample: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe(
          'Share of the unrated contacts, drawn at random, whose clip `negative` and `rated` keep too.',
        ),
      pause: duration('15min', 'A pause ends after this, when nobody ends it before.', {
        min: '1min',
        max: '24h',
      }),
    })
    .prefault({}),
  vault: z
    .strictObject({
      key: secretReference
        .optional()
        .describe(
          'Where the key is that encrypts the clips: 64 hex digits (`openssl rand -hex 32`), not below `data`. Without it no clip can be read, nor ever again. Needed for any recording.',
        ),
      max: size('20GB', 'All clips together; the least valuable make room for new ones.', {
        min: '100MB',
        max: '100TB',
      }),
      free: size('1GB', 'Left free on the disk of the clips.', { min: '0MB', max: '1TB' }),
      age: duration('90d', 'Older clips are destroyed, whatever their tag.', { min: '1d', max: '365d' }),
    })
    .prefault({}),
  scores: z
    .strictObject({
      face: z.boolean().default(false).describe("Score the patient's face on the device."),
      notice: z.iso
        .date('must be a day such as 2026-01-31')
        .optional()
        .describe(
          'Day since which a notice at the desk tells the patients of the scoring (EU AI Act Art. 50(3)). Needed for any scoring.',
        ),
      basis: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Legal basis of judging faces and voices, in the words of who answers for it, such as "consent, form 7 of 2026-01". A purpose of its own: not that of the recording.',
        ),
      sound: z
        .boolean()
        .default(false)
        .describe(
          'Measure the conversation on the device: speech, silence, raised voice, and with two microphones who talks when. No emotion is read from it.',
        ),
      cpu: z
        .number()
        .min(0.05)
        .max(4)
        .default(0.5)
        .describe(
          'Processor cores that the scores may take; fewer pictures are scored where that is too few.',
        ),
      own: z
        .strictObject({
          face: ownModel
            .optional()
            .describe('Folder of a TensorFlow.js graph that judges faces instead of ours.'),
          voice: ownModel
            .optional()
            .describe(
              "Folder of a voice model. It hears the patient's microphone only, which must be named.",
            ),
          speech: ownModel.optional().describe('Folder of a streaming speech recogniser for sherpa-onnx.'),
          phrases: z
            .record(name, z.array(z.string().min(1).describe('Words that count as it.')).min(1))
            .default({})
            .describe('What the recogniser looks for: a name, and the words that count as it.'),
        })
        .prefault({})
        .describe('Models of your own, with their licences: see models/own/README.md.'),
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
        port: z.number().int().min(1).max(65_535).default(1883).describe('Where it listens, on 127.0.0.1.'),
      }),
      z.strictObject({
        broker: z.literal('external'),
        url: address(/^mqtts?:\/\//, 'mqtt:// or mqtts://').describe(
          'The broker, without user and password. mqtts:// is encrypted.',
        ),
        user: z.string().optional().describe('User at the broker.'),
        password: secretReference.optional().describe('Where the password of that user is.'),
        version: z
          .enum(['5', '3.1.1'])
          .default('5')
          .describe('Of MQTT, in quotes. By 3.1.1 a broker cannot say that it refused a message.'),
        prefix: z
          .string()
          .regex(/^[^/+#]+(\/[^/+#]+)*$/, 'must be a topic without + and #, not begin and not end with /')
          .optional()
          .describe('Stands before `ca/v1` in every topic, such as `clinics/north`.'),
        tls: z
          .strictObject({
            ca: z
              .string()
              .min(1)
              .optional()
              .describe('PEM file of the authority that signs the broker; without, those of the system.'),
            certificate: z.string().min(1).optional().describe("PEM file of this device's certificate."),
            key: secretReference.optional().describe('Where the key of that certificate is, PEM.'),
          })
          .prefault({})
          .describe('For mqtts://. What the files hold is read again when it changes.'),
        hub: z
          .boolean()
          .default(false)
          .describe(
            'True: events wait until a hub has acknowledged them, and it may ask for them again (`resend`). Without, until the broker has taken them.',
          ),
        backlog,
        replay: z
          .number()
          .int()
          .min(1)
          .max(100_000)
          .optional()
          .describe('Most events a second of a backlog; without, as many as the broker takes.'),
        commands: z
          .array(z.enum(COMMANDS).describe('Each is described in uploader/orders.md.'))
          .default([])
          .describe('What may be asked of the device by MQTT.'),
        homeAssistant: z
          .strictObject({
            prefix: z
              .string()
              .regex(/^[^/+#]+(\/[^/+#]+)*$/, 'must be a topic without + and #')
              .default('homeassistant')
              .describe('Topic below which Home Assistant looks for devices.'),
          })
          .optional()
          .describe('Shows the desks in Home Assistant. `{}` switches it on.'),
      }),
    ])
    .optional()
    .describe('Where the messages go. Without it they wait in the store.'),
  uploads: z
    .strictObject({
      hosts: z
        .array(
          z
            .string()
            .regex(HOST, 'must be a host in small letters, without mqtt:// and port')
            .describe('Such as broker.example, 192.0.2.7 or [2001:db8::7].'),
        )
        .default([])
        .describe('The only hosts to which anything may be sent. Empty: any that another setting names.'),
      clips: z
        .strictObject({
          endpoint: address(/^https?:\/\//, 'https:// or http://').describe(
            'The S3 service, such as https://s3.example: the bucket is added as the first part of the path.',
          ),
          bucket: z
            .string()
            .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be a name of an S3 bucket')
            .describe(
              'Must be there. The key must be allowed to write, read and delete in it, and to list unfinished uploads.',
            ),
          region: z.string().min(1).default('us-east-1').describe('Part of the signature.'),
          accessKey: secretReference.describe('Where the id of the access key is.'),
          secretKey: secretReference.describe('Where the secret access key is.'),
          send: z
            .enum(['negative', 'rated', 'all', 'asked'])
            .default('negative')
            .describe('Which of the kept clips are sent; asked: only those that the command `fetch` names.'),
          hours: z
            .string()
            .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'must be such as "20:00-06:00"')
            .optional()
            .describe('Local time in which clips are sent; without, at any time.'),
          rate: size('100MB', 'Most bytes a second.', { min: '0.1MB', max: '1GB' }),
          recipient: z
            .string()
            .min(1)
            .optional()
            .describe(
              'PEM file of the X25519 public key for which clips are sealed anew. Without it nobody but who has the key of the device can open them.',
            ),
        })
        .optional()
        .describe('Copies of clips in an S3-compatible object store. They stay encrypted.'),
    })
    .prefault({}),
  page: z
    .strictObject({
      host: z
        .string()
        .refine(
          (address) => isIP(address) !== 0,
          'must be an address of this device, or 0.0.0.0 or :: for all',
        )
        .default('127.0.0.1')
        .describe(
          'Address of this device at which the page is served; 0.0.0.0 or ::: all. Any but 127.0.0.1 and ::1 is served by HTTPS only.',
        ),
      port: z.number().int().min(0).max(65_535).default(8080).describe('0 takes any free one.'),
      names: z
        .array(
          z
            .string()
            .regex(HOST, 'must be a host in small letters, without https:// and port')
            .describe('Such as reception.clinic.example.'),
        )
        .max(16)
        .default([])
        .describe(
          'Names by which browsers reach the page. By any other, but its address, it does not answer: a web site could name itself as this device and have a browser read it.',
        ),
      tls: z
        .strictObject({
          certificate: z
            .string()
            .min(1)
            .describe('PEM file of the certificate, and of those between it and its authority.'),
          key: secretReference.describe('Where the key of that certificate is, PEM.'),
        })
        .optional()
        .describe(
          'Certificate of the clinic for the page; read again when the files change. Without it the device makes one of its own, whose fingerprint is printed at the start.',
        ),
      sso: z
        .strictObject({
          header: z
            .string()
            .regex(
              /^[a-z][a-z0-9-]{2,63}$/,
              'must be the name of a header in lower case, such as x-remote-user',
            )
            .describe(
              'Header in which the proxy gives the login name. The proxy must take it out of what browsers send.',
            ),
          proxies: z
            .array(
              z
                .string()
                .refine((address) => isIP(address) !== 0, 'must be an address')
                .describe('Such as 127.0.0.1 or 192.0.2.7.'),
            )
            .min(1)
            .max(8)
            .describe(
              'Addresses of the proxy: the header is believed from there, and refused from anywhere else.',
            ),
        })
        .optional()
        .describe(
          'Whoever has signed in at a proxy of the clinic is signed in here, to the account of that name.',
        ),
    })
    .prefault({}),
  tablet: z
    .strictObject({
      host: z
        .string()
        .min(1)
        .default('0.0.0.0')
        .describe('Address of this device at which the page for tablets is served; 0.0.0.0: all.'),
      port: z.number().int().min(0).max(65_535).default(8090).describe('0 takes any free one.'),
      texts: z
        .partialRecord(z.enum(['ru', 'en', 'pl', 'lt']), tabletTexts.describe('In this language.'))
        .default({})
        .describe('What the page says instead of its own words, by its language.'),
    })
    .prefault({})
    .describe('Opened only when a desk has the input `tablet`.'),
  cards: z
    .record(
      z.string().regex(/^[A-Za-z0-9]{1,32}$/, 'must be what the card reader types'),
      pseudonym.describe('Whose card it is.'),
    )
    .default({})
    .describe("The receptionists' cards: what the reader types, and the receptionist's pseudonym."),
  clock: z
    .strictObject({
      trusted: z
        .boolean()
        .default(false)
        .describe('True for a machine with a battery-backed clock: its time is believed from the start.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least that is logged.'),
    })
    .prefault({}),
  desks: z
    .record(name, desk)
    .refine((desks) => Object.keys(desks).length > 0, 'must have at least one desk')
    .refine((desks) => Object.keys(desks).length <= MOST_DESKS, `must have at most ${MOST_DESKS} desks`)
    // The published JSON Schema cannot see into the checks above.
    .meta({
      description: 'The desks by name; the name appears in topics.',
      minProperties: 1,
      maxProperties: MOST_DESKS,
    }),
});

/** A valid config. Every duration is in milliseconds, every default filled in. */
export type Config = z.infer<typeof configSchema>;
export type DeskConfig = Config['desks'][string];
