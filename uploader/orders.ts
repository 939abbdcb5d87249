import { z } from 'zod';
import { CaError, type ErrorCode, messageOf } from '../device/errors.ts';
import type { Actor } from '../device/store/actions.ts';
import { count, moduleHealth, store, time } from './record-schemas.ts';

/**
 * What is said to a device: the hub's acknowledgement, and commands by MQTT 5 request and response (4.10). Topics below
 * `ca/v1/<device>/`. Strict, as messages are: a field that is not known is a mistake of the sender's.
 */

/** Topic `ack`, retained: a device that comes back learns at once what the hub has. */
export const ackMessage = z
  .strictObject({
    store: store.describe('The store whose sequences are meant; an acknowledgement of another one is void.'),
    upTo: count.describe('Every sequence up to this one is committed at the hub.'),
  })
  .meta({ id: 'ack', description: 'What the hub has committed. It alone ends the waiting of an event.' });

const desk = z.string().min(1).max(32);
const contactId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .describe('As `contact.started` gives it.');
/** As long as a pause of the config may be. */
const LONGEST_PAUSE = 86_400_000;
const milliseconds = z.number().positive().max(LONGEST_PAUSE);

/** Commands by name: topic `cmd/<name>`, what they take and what they answer. */
export const commands = {
  resend: {
    about: 'Publish the events from a sequence on once more.',
    request: z.strictObject({ from: count.min(1) }),
    result: z.strictObject({
      from: count.describe(
        'The first that is still there: larger than asked for where the older ones are gone.',
      ),
      to: count.describe('The last that goes out again.'),
    }),
  },
  pause: {
    about: 'Record nothing at a desk for a while; contacts are counted.',
    request: z.strictObject({ desk, ms: milliseconds.optional().describe('As the config says without.') }),
    result: z.strictObject({ desk }),
  },
  resume: {
    about: 'End a pause.',
    request: z.strictObject({ desk }),
    result: z.strictObject({ desk }),
  },
  veto: {
    about: 'Destroy the recording of the contact at a desk; it stays counted.',
    request: z.strictObject({ desk }),
    result: z.strictObject({ desk }),
  },
  erase: {
    about: 'Erase a contact and all that belongs to it, here and in the object store; leaves a receipt.',
    request: z.strictObject({ contactId }),
    result: z.strictObject({ contactId, erasedAt: time }),
  },
  fetch: {
    about: "Send a contact's clip to the object store, or to a presigned address; `clip.uploaded` follows.",
    request: z.strictObject({
      contactId,
      put: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('Presigned address that takes the clip by PUT; without it, the store of the config.'),
    }),
    result: z.strictObject({ contactId, state: z.enum(['waiting', 'sending', 'done']) }),
  },
  health: {
    about: 'How every part of the service is.',
    request: z.strictObject({}),
    result: z.record(z.string(), moduleHealth),
  },
  shift: {
    about: 'Say who is at a desk from now on.',
    request: z.strictObject({ desk, receptionist: z.string().min(1).describe('Pseudonym.') }),
    result: z.strictObject({ desk }),
  },
  reload: {
    about: 'Check the config file and, if it is right, run with it.',
    request: z.strictObject({}),
    result: z.strictObject({
      when: z.enum(['now', 'when-free']).describe('when-free: as soon as nobody is at any desk.'),
    }),
  },
} as const;

export type { Actor };
export type Ack = z.infer<typeof ackMessage>;
export type CommandName = keyof typeof commands;
export type Request<C extends CommandName> = z.infer<(typeof commands)[C]['request']>;
export type Result<C extends CommandName> = z.infer<(typeof commands)[C]['result']>;

/** What comes back on the response topic, with the correlation data of the request. */
export type Answer =
  | { ok: true; result: unknown }
  | { ok: false; code: ErrorCode; message: string; remedy: string };

/** An error as it is answered. */
export function refusalOf(error: unknown): Answer & { ok: false } {
  const { code, message, remedy } =
    error instanceof CaError ? error : new CaError('CA_COMMAND_FAILED', messageOf(error));
  return { ok: false, code, message, remedy };
}

/** Carries a command out. Rejects with a CaError that is told to who asked. */
export type Perform = <C extends CommandName>(
  name: C,
  request: Request<C>,
  actor: Actor,
) => Promise<Result<C>>;

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word);
}

/**
 * A value as the schema has it; `name` is what it is called where it is no object.
 * @throws CaError CA_COMMAND_INVALID naming each field that is wrong
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown, name = 'request'): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || name}: ${message}`);
  throw new CaError('CA_COMMAND_INVALID', faults.join('; '));
}
