import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { asyncapi } from './asyncapi.ts';
import { commands } from './orders.ts';
import { byDevice, toDevice } from './spoken.ts';

interface Document {
  channels: Record<string, { address: string | null; parameters?: Record<string, { enum?: string[] }> }>;
  operations: Record<
    string,
    { action: string; channel: { $ref: string }; reply?: { messages: Reference[] } }
  >;
  components: { messages: Record<string, { payload: Reference; contentType: string }>; schemas: object };
}
interface Reference {
  $ref: string;
}

const document = asyncapi() as Document;

function checker(): Ajv {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  return ajv;
}

/** The part of the document that a reference names. */
function at({ $ref }: Reference): unknown {
  const steps = $ref.slice('#/'.length).split('/');
  return steps.reduce<unknown>(
    (part, step) => (part as Record<string, unknown> | undefined)?.[step],
    document,
  );
}

function references(part: unknown): Reference[] {
  if (typeof part !== 'object' || part === null) return [];
  const here = '$ref' in part && typeof part.$ref === 'string' ? [{ $ref: part.$ref }] : [];
  return [...here, ...Object.values(part).flatMap(references)];
}

describe('asyncapi.json', () => {
  it('is valid by the official schema of AsyncAPI 3.0.0', () => {
    const file = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json');
    const schema = JSON.parse(readFileSync(file, 'utf8'));
    // Ajv brings its own copy of it, under the same name.
    delete schema.definitions['http://json-schema.org/draft-07/schema'];
    const valid = checker().compile(schema);
    valid(document);
    expect(valid.errors ?? []).toEqual([]);
    expect(valid({ ...document, operations: { odd: { action: 'publish' } } })).toBe(false);
  });

  it('refers to what it has', () => {
    const all = references(document);
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter((reference) => at(reference) === undefined)).toEqual([]);
  });

  it('has what each says: the device sends, receives, and replies to commands', () => {
    const of = (action: string) =>
      Object.values(document.operations).filter((each) => each.action === action);
    const channels = (action: string) => of(action).map(({ channel }) => channel.$ref.split('/').at(-1));
    expect(channels('send').sort()).toEqual(Object.keys(byDevice).sort());
    expect(channels('receive').sort()).toEqual(Object.keys(toDevice).sort());
    for (const name of Object.keys(commands))
      expect(document.operations[`receive.cmd.${name}`]?.reply?.messages.map(({ $ref }) => $ref)).toEqual(
        [`answer.${name}`, 'refusal'].map((answer) => `#/channels/answers/messages/${answer}`),
      );
  });

  it('names each parameter of an address, and no other', () => {
    for (const { address, parameters = {} } of Object.values(document.channels)) {
      const named = [...(address ?? '').matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
      expect(Object.keys(parameters).sort()).toEqual(named.sort());
    }
  });
});

describe('the examples', () => {
  const ajv = checker().addSchema({ ...document, $id: 'urn:contact-analyzer:document' });
  const text = ['README.md', 'orders.md'].map((page) => readFileSync(new URL(page, import.meta.url), 'utf8'));
  const found = [...text.join('\n').matchAll(/^### `(ca\/v1\/[^`]+)`$[\s\S]*?```json\n([\s\S]*?)```/gm)];
  const examples = found.map(([, topic = '', json = '']): [string, unknown] => [topic, JSON.parse(json)]);

  /** The channels whose address a topic fits. */
  function channelsOf(topic: string): string[] {
    return Object.entries(document.channels)
      .filter(([, { address, parameters }]) => {
        const pattern = (address ?? '')
          .replaceAll('.', '\\.')
          .replace('{root}', 'ca/v1')
          .replace(/\{([^}]+)\}/g, (_, name) => `(${parameters?.[name]?.enum?.join('|') ?? '[^/]+'})`);
        return address !== null && new RegExp(`^${pattern}$`).test(topic);
      })
      .map(([name]) => name);
  }

  function schemaOf(channel: string): ValidateFunction {
    const { payload } = document.components.messages[channel] ?? {};
    return ajv.compile({ $ref: `urn:contact-analyzer:document${payload?.$ref}` });
  }

  it('are of every channel', () => {
    const channels = examples.flatMap(([topic]) => channelsOf(topic));
    expect(channels.sort()).toEqual([...Object.keys(byDevice), ...Object.keys(toDevice)].sort());
  });

  it.each(examples)(
    '%s fits the schema of its channel, and stops fitting with a field too many',
    (topic, payload) => {
      const fits = schemaOf(channelsOf(topic)[0] ?? '');
      fits(payload);
      expect(fits.errors ?? []).toEqual([]);
      expect(fits({ ...(payload as object), name: 'a patient' })).toBe(false);
    },
  );
});
