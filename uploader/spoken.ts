import { z } from 'zod';
import { messages } from './messages.ts';
import { ackMessage, commands } from './orders.ts';

/** One kind of message: its topic below `ca/v1/<device>/`, and the shape of its payload. All go with QoS 1. */
export interface Spoken {
  readonly topic: string;
  readonly retain: boolean;
  readonly schema: z.ZodType;
}

export const refusal = z
  .strictObject({
    ok: z.literal(false),
    code: z.string().regex(/^CA_[A-Z_]+$/),
    message: z.string().describe('What happened.'),
    remedy: z.string().describe('What to do about it.'),
  })
  .meta({ id: 'refusal', description: 'Why a command was not carried out.' });

/** What comes back for a command. It goes to wherever the request says; this is where the sample access lists allow it. */
const answer: Spoken = {
  topic: 'answers/{client}',
  retain: false,
  schema: z
    .union([z.strictObject({ ok: z.literal(true), result: z.unknown() }), refusal])
    .meta({ id: 'answer', description: 'What a command brought, or why it was not carried out.' }),
};

/** What is said to the device, by name. */
export const toDevice: Readonly<Record<string, Spoken>> = {
  ack: { topic: 'ack', retain: true, schema: ackMessage },
  ...Object.fromEntries(
    Object.entries(commands).map(([name, { about, request }]) => {
      const schema = request.meta({ id: `cmd.${name}`, description: about });
      return [`cmd.${name}`, { topic: `cmd/${name}`, retain: false, schema }];
    }),
  ),
};

/** What is said by the device, by name. */
export const byDevice: Readonly<Record<string, Spoken>> = messages;

/**
 * One JSON Schema for `{topic, payload}` in either direction: the topic says which of the definitions the payload must
 * fit. Whoever knows which message it is can validate against `#/$defs/<name>` directly.
 */
export function messagesSchema(): object {
  const spoken = Object.entries({ ...byDevice, ...toDevice, answer });
  const shapes = Object.fromEntries(spoken.map(([name, { schema }]) => [name, schema]));
  const { $schema, $defs } = z.toJSONSchema(z.strictObject(shapes), { reused: 'inline' });
  const kinds = spoken.map(([name, { topic }]) => ({ name, ofTopic: { pattern: patternOf(topic) } }));
  return {
    $schema,
    $id: 'urn:contact-analyzer:messages:v1',
    title: 'Messages of a Contact Analyzer',
    description: 'A message as {topic, payload}; all are published with QoS 1. Generated: do not edit.',
    type: 'object',
    required: ['topic', 'payload'],
    properties: { topic: { type: 'string', anyOf: kinds.map(({ ofTopic }) => ofTopic) } },
    allOf: kinds.map(({ name, ofTopic }) => ({
      if: { properties: { topic: ofTopic } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { payload: { $ref: `#/$defs/${name}` } } },
    })),
    $defs,
  };
}

/** `desks/{desk}/indices/{hour|day}` → a pattern for the whole topic, which the config may give a prefix. */
function patternOf(topic: string): string {
  const below = topic
    .replaceAll('.', '\\.')
    .replace(/\{([^}]*)\}/g, (_, name: string) => (name.includes('|') ? `(${name})` : '[^/]+'));
  return `^([^+#]+/)?ca/v1/[^/]+/${below}$`;
}
