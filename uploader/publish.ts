import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { messages } from './messages.ts';

/** Where the published schema stands in the repository. */
export const SCHEMA_FILE = new URL('messages.schema.json', import.meta.url);

/**
 * One JSON Schema for `{topic, payload}`: the topic says which of the definitions the payload must fit. Whoever
 * knows which message it is can validate against `#/$defs/<name>` directly.
 */
export function messagesSchema(): object {
  const shapes = Object.fromEntries(Object.entries(messages).map(([name, { schema }]) => [name, schema]));
  const { $schema, $defs } = z.toJSONSchema(z.strictObject(shapes), { reused: 'inline' });
  const kinds = Object.entries(messages).map(([name, { topic }]) => ({
    name,
    ofTopic: { pattern: patternOf(topic) },
  }));
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

/** `desks/{desk}/indices/{hour|day}` → a pattern for the whole topic. */
function patternOf(topic: string): string {
  const below = topic
    .replaceAll('.', '\\.')
    .replace(/\{([^}]*)\}/g, (_, name: string) => (name.includes('|') ? `(${name})` : '[^/]+'));
  return `^ca/v1/[^/]+/${below}$`;
}

if (import.meta.main) writeFileSync(SCHEMA_FILE, `${JSON.stringify(messagesSchema(), null, 2)}\n`);
