import { z } from 'zod';
import { type CommandName, commands } from './orders.ts';
import { byDevice, refusal, type Spoken, toDevice } from './spoken.ts';

/**
 * The AsyncAPI 3.0 document of a device, from the device's view: what it sends, what it receives and how it replies.
 * Made of the same schemas as everything else; in JSON Schema draft 7, which is what AsyncAPI 3.0 speaks.
 */

const BINDING = '0.2.0';
const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const messageRef = (name: string) => ({ $ref: `#/components/messages/${name}` });

const PARAMETERS = {
  root: {
    description: '`ca/v1`, behind the prefix that the config may give it (`mqtt.prefix`).',
    default: 'ca/v1',
    examples: ['ca/v1', 'clinics/north/ca/v1'],
  },
  device: { description: 'Name of the device.', examples: ['clinic'] },
  desk: { description: 'Name of the desk.', examples: ['front'] },
  period: { description: 'The running hour or day.', enum: ['hour', 'day'] },
};

/** The answers, by name: one for each command, and `refusal` for all. */
const answers: Readonly<Record<string, z.ZodType>> = {
  ...Object.fromEntries(
    Object.entries(commands).map(([name, { result }]) => {
      const about = `Answer to \`cmd/${name}\`.`;
      const shape = z.strictObject({ ok: z.literal(true), result });
      return [answerOf(name), shape.meta({ id: answerOf(name), description: about })];
    }),
  ),
  refusal,
};

/** The document, as `asyncapi.json` has it. */
export function asyncapi(): object {
  const spoken = { ...byDevice, ...toDevice };
  const schemas = schemasOf({ ...mapped(spoken, (_, { schema }) => schema), ...answers });
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Contact Analyzer',
      version: '1.0.0',
      description:
        'What a device at a reception desk says and hears by MQTT. Everything is JSON in UTF-8 and goes with QoS 1. Generated: do not edit.',
    },
    defaultContentType: 'application/json',
    servers: {
      broker: {
        host: 'broker.example:8883',
        protocol: 'secure-mqtt',
        protocolVersion: '5',
        description: 'The broker that `mqtt.url` names. 3.1.1 can be had; it has no commands with answers.',
        bindings: {
          mqtt: {
            clientId: 'contact-analyzer-{device}',
            cleanSession: true,
            keepAlive: 15,
            lastWill: { topic: '{root}/{device}/state', qos: 1, retain: true, message: '{"state":"lost",…}' },
            bindingVersion: BINDING,
          },
        },
      },
    },
    channels: {
      ...mapped(spoken, channelOf),
      answers: {
        address: null,
        description:
          'The response topic of the request (MQTT 5, 4.10), such as `{root}/{device}/answers/{client}`.',
        messages: mapped(answers, messageRef),
      },
    },
    operations: {
      ...renamed(
        mapped(byDevice, (name, of) => operationOf(name, of, 'send')),
        'send',
      ),
      ...renamed(
        mapped(toDevice, (name, of) => operationOf(name, of, 'receive')),
        'receive',
      ),
    },
    components: {
      messages: { ...mapped(spoken, messageOf), ...mapped(answers, answerMessage) },
      schemas,
    },
  };
}

function channelOf(name: string, { topic }: Spoken) {
  const address = `{root}/{device}/${topic.replace('{hour|day}', '{period}')}`;
  const parameters = Object.entries(PARAMETERS).filter(([parameter]) => address.includes(`{${parameter}}`));
  return { address, parameters: Object.fromEntries(parameters), messages: { [name]: messageRef(name) } };
}

function operationOf(name: string, { retain }: Spoken, action: 'send' | 'receive') {
  const command = name.startsWith('cmd.') ? (name.slice('cmd.'.length) as CommandName) : null;
  return {
    action,
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
    bindings: { mqtt: { qos: 1, retain, bindingVersion: BINDING } },
    ...(command && {
      summary: commands[command].about,
      reply: {
        address: {
          location: '$message.header#/responseTopic',
          description: 'The MQTT 5 property of that name; without it nothing is answered.',
        },
        channel: { $ref: '#/channels/answers' },
        messages: [answerOf(command), 'refusal'].map((answer) => ({
          $ref: `#/channels/answers/messages/${answer}`,
        })),
      },
    }),
  };
}

function messageOf(name: string, { topic, schema }: Spoken) {
  const event = topic.startsWith('events/');
  return {
    name,
    contentType: event ? 'application/cloudevents+json' : 'application/json',
    summary: schema.meta()?.description,
    payload: schemaRef(name),
    ...(topic.startsWith('cmd/') && {
      correlationId: {
        location: '$message.header#/correlationData',
        description: 'The MQTT 5 property of that name; comes back with the answer.',
      },
      bindings: {
        mqtt: {
          responseTopic: { type: 'string', description: 'Where the answer is waited for.' },
          correlationData: { type: 'string', description: 'Comes back with the answer.' },
          bindingVersion: BINDING,
        },
      },
    }),
  };
}

function answerMessage(name: string, schema: z.ZodType) {
  return {
    name,
    contentType: 'application/json',
    summary: schema.meta()?.description,
    payload: schemaRef(name),
  };
}

/** Components of the document: each schema that has a name, with references among them. */
function schemasOf(shapes: Readonly<Record<string, z.ZodType>>): object {
  const { definitions } = z.toJSONSchema(z.strictObject(shapes), { target: 'draft-7', reused: 'inline' });
  return JSON.parse(JSON.stringify(definitions).replaceAll('"#/definitions/', '"#/components/schemas/'));
}

function answerOf(command: string): string {
  return `answer.${command}`;
}

function mapped<T, R>(of: Readonly<Record<string, T>>, to: (name: string, value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, to(name, value)]));
}

function renamed<T>(of: Record<string, T>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [`${prefix}.${name}`, value]));
}
