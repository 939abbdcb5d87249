import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import mqtt from 'mqtt';

/** One message as it arrived. */
export interface Received {
  topic: string;
  payload: unknown;
  qos: number;
  /** True for the value kept by the broker, sent on subscribing; false for a live one. */
  retain: boolean;
  /** `performance.now()` of the arrival, in milliseconds. */
  at: number;
}

/** The tests' own far end: collects everything below `ca/v1/` and checks each message against the published schema. */
export interface Subscriber {
  readonly messages: readonly Received[];
  /** What did not fit the schema. */
  readonly faults: readonly string[];
  /** The first message, past or coming, for which `predicate` holds. Rejects after `ms`, or as soon as an invalid message arrives. */
  waitFor(predicate: (message: Received) => boolean, ms: number): Promise<Received>;
  /** Resolves when it is (again) connected and subscribed. */
  subscribed(): Promise<void>;
  /** Disconnects; rejects when any message did not fit the schema. */
  stop(): Promise<void>;
}

interface Wait {
  see(message: Received): void;
  fail(error: Error): void;
}

const schema = JSON.parse(
  readFileSync(new URL('../../uploader/messages.schema.json', import.meta.url), 'utf8'),
);

/** Gives a function that says what is wrong with a message (topic and parsed payload), or null when it fits `uploader/messages.schema.json`. */
export function messageValidator(): (message: { topic: string; payload: unknown }) => string | null {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return ({ topic, payload }) =>
    validate({ topic, payload })
      ? null
      : `${topic}: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(payload)}`;
}

/**
 * Subscribes to `ca/v1/#` at the broker and resolves once subscribed. Comes back by itself, within some 10 ms, when
 * the broker restarts. With QoS 0 (the default) mosquitto writes a message to us before it acknowledges it to its
 * sender, so a broker killed in between cannot lose what it has acknowledged.
 */
export async function startSubscriber(options: {
  url: string;
  user?: string;
  password?: string;
  version?: '5' | '3.1.1';
  qos?: 0 | 1;
}): Promise<Subscriber> {
  const messages: Received[] = [];
  const faults: string[] = [];
  const waits = new Set<Wait>();
  const faultOf = messageValidator();
  const client = mqtt.connect(options.url, {
    protocolVersion: options.version === '3.1.1' ? 4 : 5,
    reconnectPeriod: 10,
    resubscribe: false,
    ...(options.user === undefined ? {} : { username: options.user }),
    ...(options.password === undefined ? {} : { password: options.password }),
  });
  let ready = Promise.withResolvers<void>();
  let here = false;
  client.on('connect', () => {
    client.subscribe('ca/v1/#', { qos: options.qos ?? 0 }, (error) => {
      if (error) return;
      here = true;
      ready.resolve();
    });
  });
  client.on('close', () => {
    if (here) ready = Promise.withResolvers<void>();
    here = false;
  });
  client.on('error', (error) => {
    // A CONNACK with a reason code: it will not get better by itself.
    if ('code' in error && typeof error.code === 'number') ready.reject(error);
  });
  client.on('message', (topic, bytes, packet) => {
    const message = {
      topic,
      payload: parse(bytes),
      qos: packet.qos,
      retain: packet.retain,
      at: performance.now(),
    };
    messages.push(message);
    const fault = faultOf(message);
    if (fault !== null) {
      faults.push(fault);
      for (const wait of waits) wait.fail(new Error(`message does not fit the schema: ${fault}`));
    }
    for (const wait of waits) wait.see(message);
  });
  await ready.promise;

  return {
    messages,
    faults,
    subscribed: () => ready.promise,
    waitFor(predicate, ms) {
      if (faults.length > 0) return Promise.reject(new Error(faults.join('\n')));
      const found = messages.find(predicate);
      if (found) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(() => reject(new Error(unseen(messages, ms)))), ms);
        const settle = (how: () => void) => {
          clearTimeout(timer);
          waits.delete(wait);
          how();
        };
        const wait: Wait = {
          see: (message) => {
            if (predicate(message)) settle(() => resolve(message));
          },
          fail: (error) => settle(() => reject(error)),
        };
        waits.add(wait);
      });
    },
    async stop() {
      await client.endAsync(true);
      if (faults.length > 0) throw new Error(`messages that do not fit the schema:\n${faults.join('\n')}`);
    },
  };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return `not JSON: ${bytes.toString('latin1')}`;
  }
}

function unseen(messages: readonly Received[], ms: number): string {
  const last = messages.slice(-5).map((m) => `${m.topic} ${JSON.stringify(m.payload)}`);
  return `not seen within ${ms} ms; ${messages.length} messages arrived, the last:\n${last.join('\n')}`;
}
