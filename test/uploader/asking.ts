import { randomBytes, randomUUID } from 'node:crypto';
import mqtt from 'mqtt';
import type { Answer } from '../../uploader/orders.ts';

/** Somebody who gives commands to a device by MQTT 5 request and response. */
export interface Asking {
  /** The answer to a command; what it takes may be any JSON, or a text that is none. Rejects after 5 s without one. */
  ask(name: string, request: unknown): Promise<Answer>;
  /** Publishes without waiting for an answer. */
  tell(topic: string, payload: string, options?: { retain?: boolean }): Promise<void>;
  /** Payloads of a topic below the device's root, as they came. */
  heard(topic: string): unknown[];
  stop(): Promise<void>;
}

/** `root`: such as `ca/v1/clinic/`. */
export async function startAsking(url: string, root: string): Promise<Asking> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
  const responseTopic = `hub/${randomUUID()}/answers`;
  const waiting = new Map<string, (answer: Answer) => void>();
  const heard: { topic: string; payload: unknown }[] = [];
  client.on('message', (topic, bytes, { properties }) => {
    const payload = bytes.length === 0 ? null : JSON.parse(bytes.toString());
    if (topic !== responseTopic) return void heard.push({ topic, payload });
    const correlation = properties?.correlationData?.toString('hex') ?? '';
    waiting.get(correlation)?.(payload);
    waiting.delete(correlation);
  });
  await client.subscribeAsync([responseTopic, `${root}events/#`, `${root}state`, `${root}health`], {
    qos: 1,
  });
  return {
    async ask(name, request) {
      const correlationData = randomBytes(8);
      const answer = new Promise<Answer>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no answer to ${name}`)), 5_000);
        waiting.set(correlationData.toString('hex'), (found) => {
          clearTimeout(timer);
          resolve(found);
        });
      });
      const payload = typeof request === 'string' ? request : JSON.stringify(request);
      const properties = { responseTopic, correlationData };
      await client.publishAsync(`${root}cmd/${name}`, payload, { qos: 1, properties });
      return answer;
    },
    async tell(topic, payload, { retain = false } = {}) {
      await client.publishAsync(root + topic, payload, { qos: 1, retain });
    },
    heard: (topic) => heard.filter((message) => message.topic === root + topic).map(({ payload }) => payload),
    stop: () => client.endAsync(true),
  };
}
