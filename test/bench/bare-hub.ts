import { Socket } from 'node:net';
import mqtt from 'mqtt';
import postgres from 'postgres';

/**
 * The floor of a hub, as a process: subscribes, puts each message into one table as it comes, and says so. It checks
 * nothing, and knows of no gaps.
 *
 *   node test/bench/bare-hub.ts MQTT_URL DATABASE_URL     says `ready` on stdout
 */
const [broker = '', database = ''] = process.argv.slice(2);
const sql = postgres(database, { max: 1 });
await sql`CREATE TABLE bare (place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload jsonb NOT NULL)`;
const client = await mqtt.connectAsync(broker, { protocolVersion: 5 });
if (client.stream instanceof Socket) client.stream.setNoDelay(true);
client.on('message', async (_topic, payload) => {
  await sql`INSERT INTO bare (payload) VALUES (${payload.toString()}::text::jsonb)`;
  client.publish('bare/ack', '', { qos: 1 });
});
await client.subscribeAsync('bare/event', { qos: 1 });
console.log('ready');
