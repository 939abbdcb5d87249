import { z } from 'zod';
import {
  clip,
  contactRecord,
  count,
  indicesRecord,
  moduleHealth,
  pressRecord,
  reviewRecord,
  store,
  time,
} from './record-schemas.ts';

/**
 * Every message of the device: one schema gives the types, the published JSON Schema (`messages.schema.json`, by
 * `npm run schemas`) and the checks of the tests. What is said to the device stands in `orders.ts`.
 */

export const stateMessage = z
  .strictObject({
    state: z.enum(['ready', 'degraded', 'stopped', 'lost']),
    session: count.describe('One more at each start of the service: a late `lost` of an older one is void.'),
    since: time.describe(
      'For `lost`, which the broker says in our name: when the connection that broke was opened.',
    ),
    store,
    sequence: count.describe(
      'Of the newest event, when this was said; 0: none. Whoever has less has missed something.',
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

export const healthMessage = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'failed']).describe('The worst of the modules.'),
    modules: z.record(z.string(), moduleHealth),
    disk: z
      .strictObject({ free: count, total: count })
      .nullable()
      .describe('Bytes of the file system with the data.'),
    temperature: z.number().nullable().describe('Of the processor, °C; null where it cannot be read.'),
    outbox: count.describe(
      "Events that wait: for the hub's acknowledgement where the config names one, else to be published.",
    ),
    dropped: count.describe('Events that were dropped since this store was made: the backlog was too large.'),
    store,
    sequence: count.describe('Of the newest event; 0: none.'),
    log: z
      .strictObject({ place: count, hash: z.string().regex(/^[0-9a-f]{64}$/) })
      .optional()
      .describe(
        'Newest entry of the log of actions. Whoever keeps it can prove later that nobody has written the log anew (`contact-analyzer verify-log --anchor`). Older releases do not tell it.',
      ),
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
  'contact.reviewed': reviewRecord,
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
  'clip.uploaded': z
    .strictObject({
      desk: z.string().min(1),
      contactId: z.string().min(1),
      object: z.string().min(1).describe("The object's name in its bucket; nobody can be known by it."),
      bucket: z.string().nullable().describe('null: it was handed over to the address that was asked for.'),
      bytes: count.describe('Of the object, which is encrypted.'),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe('Of the object, as it lies there.'),
      sealedFor: z
        .enum(['device', 'recipient'])
        .describe("Whose key opens it: the device's, or that of the recipient in the config."),
      keyId: z
        .string()
        .regex(/^[0-9a-f]{16}$/)
        .describe('Tells that key from others.'),
    })
    .meta({ id: 'UploadedClip', description: 'Where a copy of a clip lies in the object store.' }),
  'contact.erased': z
    .strictObject({
      desk: z.string().min(1),
      contactId: z.string().min(1),
      object: z
        .string()
        .nullable()
        .describe("Name of the clip's copy in the object store, where there was one."),
      actor: z.enum(['console', 'mqtt', 'page']).describe('By which way it was asked for.'),
    })
    .meta({
      id: 'ErasedContact',
      description:
        'A contact was erased from the device. Whoever holds a copy of anything of it must erase that.',
    }),
  'outbox.dropped': z
    .strictObject({
      from: count.describe('First sequence that this message stands for; its own is the last.'),
      counts: z.record(z.string(), count).describe('How many of each type.'),
      reason: z
        .enum(['age', 'size', 'disk', 'erased'])
        .describe('Too old; the backlog was too large; the disk was full; a contact was erased.'),
    })
    .meta({ id: 'Dropped', description: 'Events that will not come: no gap, but all that is left of them.' }),
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
      store,
      data: eventData[type],
    })
    .meta({ id: type, description: about });
}

export const events = {
  'contact.started': event('contact.started', 'A patient has arrived: the contact as it begins.'),
  'contact.closed': event('contact.closed', 'The contact is final and tagged: the whole of it.'),
  'contact.reviewed': event(
    'contact.reviewed',
    'Somebody has reviewed the contact, or changed the review: the whole of it, in place of what was told before.',
  ),
  press: event('press', 'A loyalty button was pressed.'),
  'clip.ready': event('clip.ready', "A contact's clip is in the vault of the device, and is kept."),
  'clip.deleted': event('clip.deleted', 'A clip that was ready is gone.'),
  'clip.uploaded': event('clip.uploaded', 'A copy of a clip lies whole in the object store.'),
  'contact.erased': event('contact.erased', 'A contact was erased: so must be every copy of it.'),
  'outbox.dropped': event('outbox.dropped', 'Stands for events that were dropped.'),
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
  'contact.reviewed': { topic: 'events/contact.reviewed', retain: false, schema: events['contact.reviewed'] },
  press: { topic: 'events/press', retain: false, schema: events.press },
  'clip.ready': { topic: 'events/clip.ready', retain: false, schema: events['clip.ready'] },
  'clip.deleted': { topic: 'events/clip.deleted', retain: false, schema: events['clip.deleted'] },
  'clip.uploaded': { topic: 'events/clip.uploaded', retain: false, schema: events['clip.uploaded'] },
  'contact.erased': { topic: 'events/contact.erased', retain: false, schema: events['contact.erased'] },
  'outbox.dropped': { topic: 'events/outbox.dropped', retain: false, schema: events['outbox.dropped'] },
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
