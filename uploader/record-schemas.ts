import { z } from 'zod';

/**
 * The records that messages carry. Objects are strict: what is not named here, a patient's words or a receptionist's
 * name for example, cannot slip out unnoticed.
 */

export const time = z.iso
  .datetime({ precision: 3 })
  .meta({ id: 'Time', description: 'UTC with milliseconds.' });
export const milliseconds = z.number().min(0);
const probability = z.number().min(0).max(1);
export const count = z.int().min(0);
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

/** Without the comment and without who wrote it: these stay on the device. */
export const reviewRecord = z
  .strictObject({
    contactId: z.string().min(1),
    desk: z.string().min(1),
    tag: tag.describe('Of the contact, as it is now.'),
    tagSource: z
      .enum(['press', 'reviewer'])
      .nullable()
      .describe('press: the reviewer leaves what the press says; null: so, and nobody pressed.'),
    causes: z
      .array(z.string().min(1))
      .describe('Ids of causes of dissatisfaction, as the taxonomy had them.'),
    taxonomy: count.describe('Its version. The clinic edits it: ids stay what they are.'),
    at: time,
    revision: count.describe('1 for the first review of the contact; one more with each change.'),
  })
  .meta({ id: 'ReviewRecord', description: 'What a person says of a contact.' });

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

/** The fields of a clip's record; events that know more of it narrow them. */
export const clip = {
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

/** A device whose disk was replaced counts from 1 again: its new store has another name. */
export const store = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .describe('Name of the store that the sequences belong to: 16 hex digits, made with it.');

export const moduleHealth = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'failed']),
    reason: z.string().optional(),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  })
  .meta({ id: 'ModuleHealth', description: 'One part of the service; the reason says what to do.' });
