import { z } from 'zod';

/**
 * Every message of the device: one schema gives the types, the published JSON Schema (`messages.schema.json`, by
 * `npm run schemas`) and the checks of the tests. Objects are strict: what is not named here, a patient's words or a
 * receptionist's name for example, cannot slip out unnoticed.
 */

const time = z.iso.datetime({ precision: 3 }).meta({ id: 'Time', description: 'UTC with milliseconds.' });
const milliseconds = z.number().min(0);
const probability = z.number().min(0).max(1);
const count = z.int().min(0);
const tag = z.enum(['positive', 'negative', 'neutral', 'unrated']);
const clock = z
  .enum(['trusted', 'untrusted', 'corrected'])
  .describe(
    'untrusted: the clock was not known to be right; corrected: it was not, and the times have been put right since.',
  );

export const pressRecord = z
  .strictObject({
    id: z.string().min(1),
    desk: z.string().min(1),
    contactId: z.string().nullable(),
    button: z.string(),
    rating: z.number().nullable().describe('null for a button that the config does not name.'),
    tag,
    time,
    clock,
    flags: z.array(z.enum(['repeat', 'mashing', 'nobody-there', 'unknown-button'])),
  })
  .meta({ id: 'PressRecord', description: 'One press of a loyalty button.' });

/** Milliseconds in either direction. */
const offset = z.number();

const clipManifest = z
  .strictObject({
    from: time.describe("The clip's first moment."),
    to: time.describe("The clip's last moment."),
    clock,
    preRoll: offset.describe(
      "From the clip's first moment to the arrival; negative where it begins after it.",
    ),
    postRoll: offset.describe(
      "From the departure to the clip's last moment; negative where it ends before it.",
    ),
    startError: offset.describe('Against the start that was asked for; negative: earlier.'),
    endError: offset.describe('Against the end that was asked for; negative: earlier.'),
    tracks: z.array(z.enum(['video', 'audio'])),
    gaps: z
      .array(z.strictObject({ track: z.enum(['video', 'audio']), from: milliseconds, to: milliseconds }))
      .describe("Where nothing was captured, from the clip's first moment on."),
    recovered: z.boolean().describe('Made at the next start, out of what a crash had left.'),
    keyId: z
      .string()
      .regex(/^[0-9a-f]{16}$/)
      .describe('The device key without which the file cannot be read.'),
  })
  .meta({ id: 'ClipManifest', description: 'How a clip lies against its contact; milliseconds.' });

const clip = {
  contactId: z.string().min(1),
  state: z.enum(['ready', 'failed', 'deleted']),
  reason: z
    .string()
    .nullable()
    .describe('Why it failed; why it was deleted: veto, not-kept, space, age or missing; null when ready.'),
  file: z.string().nullable().describe("Path below the vault's folder on the device; null unless ready."),
  mediaType: z.string().nullable(),
  bytes: count.nullable(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  duration: milliseconds.nullable().describe('Milliseconds.'),
  preRoll: milliseconds
    .nullable()
    .describe('Milliseconds of the clip that lie before the arrival, as they truly are.'),
  manifest: clipManifest.nullable().describe('null unless ready, and for a clip of a release that had none.'),
};

export const clipRecord = z
  .strictObject(clip)
  .meta({ id: 'ClipRecord', description: "A contact's audio/video file." });

const seconds = z.number().min(0);
const valence = {
  negative: probability.nullable(),
  neutral: probability.nullable(),
  positive: probability.nullable(),
};

const faceSummary = z
  .strictObject({
    looked: count.describe('Pictures looked at.'),
    scored: count.describe("Pictures in which the patient's face was scored."),
    coverage: probability.describe('Share of the time in which the face could be told.'),
    ...valence,
    held: z
      .strictObject({ negative: seconds, positive: seconds })
      .describe('Seconds in which a state held, against how the face was at first.'),
    verdict: z
      .enum(['negative', 'neutral', 'positive', 'unknown'])
      .describe('unknown where too little could be told.'),
    untold: z
      .partialRecord(z.enum(['no-face', 'small', 'unsure', 'turned', 'bent', 'dark', 'blurred']), seconds)
      .describe('Seconds that could not be told, by why.'),
    others: count.describe('Faces of others, dropped before anything could read them.'),
    dropped: count.describe('Pictures dropped because the device was busy.'),
  })
  .meta({ id: 'FaceSummary', description: 'Means over the scored time; null when nothing was scored.' });

const soundSummary = z
  .strictObject({
    heard: seconds.describe('Seconds of sound that were looked at.'),
    speech: probability.describe('Share of them in which anybody speaks.'),
    longestSilence: seconds,
    level: z.number().nullable().describe('Median level of speech, dBFS.'),
    raised: seconds.describe(
      "Seconds in which the voice was raised: the patient's, where there are two microphones.",
    ),
    conversation: z
      .union([
        z.literal('not available'),
        z.strictObject({
          patient: probability,
          receptionist: probability,
          overlap: seconds,
          interruptions: z.strictObject({ byPatient: count, byReceptionist: count }),
          responseDelay: z
            .number()
            .nullable()
            .describe('Median seconds from a turn of the patient to the answer.'),
        }),
      ])
      .describe('Shares of the time in which each speaks; not available with one microphone for both.'),
    voice: z
      .strictObject({ negative: probability, neutral: probability, positive: probability })
      .nullable()
      .describe("Means of the clinic's own voice model; null without one."),
    phrases: z
      .record(z.string(), count)
      .nullable()
      .describe('How often each phrase was heard; null: nobody listens for any.'),
    dropped: seconds.describe('Seconds of sound dropped because the device was busy.'),
  })
  .meta({ id: 'SoundSummary', description: 'Acoustic facts of the conversation; no emotion.' });

const ofScores = {
  contactId: z.string().min(1),
  models: z.array(z.strictObject({ id: z.string(), version: z.string(), licence: z.string() })),
  thresholds: z.record(z.string(), z.number()).describe('The limits that decided.'),
};

export const scoreRecord = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...ofScores, kind: z.literal('face'), summary: faceSummary }),
    z.strictObject({ ...ofScores, kind: z.literal('sound'), summary: soundSummary }),
  ])
  .meta({ id: 'ScoreRecord', description: 'What models say about a contact: a hint, never a judgement.' });

const hint = z
  .strictObject({
    kind: z.literal('suspected-negative').nullable(),
    priority: probability.describe('The higher, the earlier somebody should look; orders contacts, no more.'),
    reasons: z.array(z.string()),
  })
  .meta({
    id: 'Hint',
    description: 'What the scores say together, to order a review queue by. It sets no tag.',
  });

export const contactRecord = z
  .strictObject({
    id: z.string().min(1),
    device: z.string().min(1),
    desk: z.string().min(1),
    state: z
      .enum(['open', 'ended', 'settled'])
      .describe('ended: the patient is gone, presses may still come; settled: final.'),
    startedAt: time,
    endedAt: time.nullable(),
    duration: milliseconds.nullable().describe('Milliseconds; null while open.'),
    endReason: z.enum(['departed', 'overlong', 'shutdown', 'power-loss', 'sensor-lost']).nullable(),
    served: z.boolean().describe('Lasted at least the configured minimum: counts in both indices.'),
    tag,
    tagSource: z.enum(['press', 'reviewer']).nullable(),
    rating: z.number().nullable(),
    top: z.boolean().describe('The rating is the highest that the desk offers.'),
    veto: z
      .boolean()
      .describe('Somebody asked that its recording not be kept. It counts like any other contact.'),
    receptionist: z
      .string()
      .nullable()
      .describe(
        'Pseudonym of who was at the desk; null: nobody had said so. No score may enter a figure of theirs.',
      ),
    clock,
    presses: z.array(pressRecord),
    clip: clipRecord.nullable(),
    scores: z.array(scoreRecord),
    hint: hint.nullable().describe('null: nothing was scored.'),
  })
  .meta({ id: 'ContactRecord', description: "One patient's stay at a desk." });

const estimate = z
  .strictObject({ value: probability, low: probability, high: probability })
  .meta({ id: 'Estimate', description: 'A share and its 95 % Wilson score interval.' });

export const indicesRecord = z
  .strictObject({
    from: time.describe('First moment counted.'),
    to: time.describe('First moment no longer counted.'),
    served: count,
    rated: count,
    top: count,
    negative: count,
    support: estimate.nullable().describe('top ÷ served; null while nobody was served.'),
    dissatisfaction: estimate.nullable().describe('negative ÷ served; null while nobody was served.'),
    responseRate: probability.nullable().describe('rated ÷ served.'),
  })
  .meta({ id: 'indices', description: "The indices of the desk's running hour or day." });

export const stateMessage = z
  .strictObject({
    state: z.enum(['ready', 'degraded', 'stopped', 'lost']),
    session: count.describe('One more at each start of the service: a late `lost` of an older one is void.'),
    since: time.describe(
      'For `lost`, which the broker says in our name: when the connection that broke was opened.',
    ),
  })
  .meta({ id: 'state', description: 'Whether the device is there. `lost` is its last will.' });

export const infoMessage = z
  .strictObject({
    version: z.string().describe('Of Contact Analyzer.'),
    node: z.string().describe('Version of Node.'),
    startedAt: time,
    desks: z.array(z.string()),
    capture: z.enum(['counts', 'audio', 'audio+video']),
    scores: z.array(z.string()).describe('Kinds of score that are switched on.'),
  })
  .meta({ id: 'info', description: 'What this device is and what it captures.' });

const moduleHealth = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'failed']),
    reason: z.string().optional(),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  })
  .meta({ id: 'ModuleHealth', description: 'One part of the service; the reason says what to do.' });

export const healthMessage = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'failed']).describe('The worst of the modules.'),
    modules: z.record(z.string(), moduleHealth),
    disk: z
      .strictObject({ free: count, total: count })
      .nullable()
      .describe('Bytes of the file system with the data.'),
    temperature: z.number().nullable().describe('Of the processor, °C; null where it cannot be read.'),
    outbox: count.describe('Messages that wait to be published.'),
    clock: z.enum(['trusted', 'untrusted']),
    time,
  })
  .meta({ id: 'health', description: 'How the device is, per module.' });

export const presenceMessage = z
  .strictObject({
    present: z
      .boolean()
      .nullable()
      .describe('Somebody stands at the desk; null while the sensor cannot be heard.'),
    since: time,
    contactId: z.string().nullable(),
  })
  .meta({ id: 'presence', description: "The desk's presence, debounced." });

const eventData = {
  'contact.started': contactRecord,
  'contact.closed': contactRecord,
  press: pressRecord,
  'clip.ready': z
    .strictObject({
      ...clip,
      state: z.literal('ready'),
      reason: z.null(),
      file: clip.file.unwrap(),
      mediaType: clip.mediaType.unwrap(),
      bytes: clip.bytes.unwrap(),
      sha256: clip.sha256.unwrap(),
      duration: clip.duration.unwrap(),
      preRoll: clip.preRoll.unwrap(),
      desk: z.string().min(1),
    })
    .meta({ id: 'ReadyClip', description: 'Where a clip is on the device, and what identifies it.' }),
  'clip.deleted': z
    .strictObject({
      desk: z.string().min(1),
      contactId: z.string().min(1),
      file: z.string().describe('The path that it had.'),
      reason: z
        .enum(['veto', 'space', 'age', 'missing'])
        .describe(
          'Somebody asked for it; the room was needed; it had been kept for as long as it may; its file was not there.',
        ),
    })
    .meta({ id: 'DeletedClip', description: 'A clip that was told of as ready is gone for good.' }),
  alert: z
    .strictObject({ desk: z.string(), code: z.string().min(1), reason: z.string() })
    .meta({ id: 'Alert', description: 'Something that somebody has to look at.' }),
};

/** CloudEvents 1.0 in structured JSON, with the extensions `recordedtime` and `sequence`. */
function event<T extends keyof typeof eventData>(type: T, about: string) {
  return z
    .strictObject({
      specversion: z.literal('1.0'),
      id: z.string().min(1).describe('Unique with `source`: drop what was seen before.'),
      source: z.string().regex(/^\/ca\/v1\/[^/]+\/desks\/[^/]+$/),
      type: z.literal(type),
      subject: z.string().min(1).optional().describe('The contact, where there is one.'),
      time: time.describe('When it happened.'),
      recordedtime: time.describe('When the device wrote it down.'),
      datacontenttype: z.literal('application/json'),
      sequence: z
        .string()
        .regex(/^\d{16}$/)
        .describe(
          "Of the device, without gaps. CloudEvents' sequence is a string that orders as text: hence 16 digits.",
        ),
      data: eventData[type],
    })
    .meta({ id: type, description: about });
}

export const events = {
  'contact.started': event('contact.started', 'A patient has arrived: the contact as it begins.'),
  'contact.closed': event('contact.closed', 'The contact is final and tagged: the whole of it.'),
  press: event('press', 'A loyalty button was pressed.'),
  'clip.ready': event('clip.ready', "A contact's clip is in the vault of the device, and is kept."),
  'clip.deleted': event('clip.deleted', 'A clip that was ready is gone.'),
  alert: event('alert', 'Something that somebody has to look at.'),
};

export type StateMessage = z.infer<typeof stateMessage>;
export type InfoMessage = z.infer<typeof infoMessage>;
export type HealthMessage = z.infer<typeof healthMessage>;
export type PresenceMessage = z.infer<typeof presenceMessage>;
export type IndicesMessage = z.infer<typeof indicesRecord>;
/** `data` of each event, by its type: what the store puts into `OutboxRow.data`. */
export type EventData = { [T in keyof typeof eventData]: z.infer<(typeof eventData)[T]> };
export type EventMessage = z.infer<(typeof events)[keyof typeof events]>;

/** All messages by name, with their topic below `ca/v1/<device>/` (`{desk}` stands for the desk's name). All go with QoS 1. */
export const messages = {
  state: { topic: 'state', retain: true, schema: stateMessage },
  info: { topic: 'info', retain: true, schema: infoMessage },
  health: { topic: 'health', retain: true, schema: healthMessage },
  presence: { topic: 'desks/{desk}/presence', retain: true, schema: presenceMessage },
  indices: { topic: 'desks/{desk}/indices/{hour|day}', retain: true, schema: indicesRecord },
  'contact.started': { topic: 'events/contact.started', retain: false, schema: events['contact.started'] },
  'contact.closed': { topic: 'events/contact.closed', retain: false, schema: events['contact.closed'] },
  press: { topic: 'events/press', retain: false, schema: events.press },
  'clip.ready': { topic: 'events/clip.ready', retain: false, schema: events['clip.ready'] },
  'clip.deleted': { topic: 'events/clip.deleted', retain: false, schema: events['clip.deleted'] },
  alert: { topic: 'events/alert', retain: false, schema: events.alert },
} as const;

/** What is kept at the broker, by topic below `ca/v1/<device>/`. */
export type RetainedTopic =
  | 'health'
  | `desks/${string}/presence`
  | `desks/${string}/indices/${'hour' | 'day'}`;
export type RetainedPayload<T extends RetainedTopic> = T extends 'health'
  ? HealthMessage
  : T extends `desks/${string}/presence`
    ? PresenceMessage
    : IndicesMessage;
