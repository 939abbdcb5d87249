import { writeFileSync } from 'node:fs';
import { asyncapi } from './asyncapi.ts';
import { messagesSchema } from './spoken.ts';

/** What is published of the messages, by its file beside this one; `npm run schemas` writes them. */
export function published(): Record<'messages.schema.json' | 'asyncapi.json', string> {
  const text = (document: object) => `${JSON.stringify(document, null, 2)}\n`;
  return { 'messages.schema.json': text(messagesSchema()), 'asyncapi.json': text(asyncapi()) };
}

if (import.meta.main)
  for (const [file, text] of Object.entries(published())) writeFileSync(new URL(file, import.meta.url), text);
