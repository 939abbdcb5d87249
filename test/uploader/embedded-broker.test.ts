import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { CaError } from '../../device/errors.ts';
import { EMBEDDED_VERSION, EmbeddedBroker } from '../../uploader/embedded-broker.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { startSubscriber } from '../stand-ins/subscriber.ts';
import { allEventIds, isState, Rows, until, uploaderFor } from './rig.ts';

const log = pino({ level: 'silent' });
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function embedded(port: number): Promise<EmbeddedBroker> {
  const broker = new EmbeddedBroker({ port, log });
  ends.push(() => broker.stop());
  await broker.start();
  return broker;
}

function outbox(): Rows {
  const rows = new Rows();
  ends.push(async () => rows.close());
  return rows;
}

it('takes the outbox over MQTT 3.1.1 and hands it to a subscriber', async () => {
  const port = await freePort();
  const broker = await embedded(port);
  const url = `mqtt://127.0.0.1:${port}`;
  const far = await startSubscriber({ url, version: EMBEDDED_VERSION, qos: 1 });
  const rows = outbox();
  const uploader = uploaderFor(rows.outbox, { url, version: EMBEDDED_VERSION });
  uploader.setState('ready');
  await uploader.start();
  const ids = rows.append(100);
  await rows.drained();
  await until('all arrived', () => allEventIds(far).length >= 100);
  expect(allEventIds(far)).toEqual(ids);
  expect(broker.health()).toMatchObject({ status: 'ok', detail: { clients: 2 } });
  await uploader.stop();
  await far.waitFor(isState('stopped'), 2_000);
  expect(far.messages.some(isState('lost'))).toBe(false);
  await far.stop();
});

it('is not understood by an uploader that speaks MQTT 5, whose health says what to set', async () => {
  const port = await freePort();
  await embedded(port);
  const uploader = uploaderFor(outbox().outbox, { url: `mqtt://127.0.0.1:${port}` });
  ends.push(() => uploader.stop());
  await uploader.start();
  await until('refused', () => uploader.health().detail?.code === 'CA_BROKER_REFUSED');
  expect(uploader.health().reason).toContain("set `mqtt.version` to '3.1.1'");
});

it('says which port is taken', async () => {
  const port = await freePort();
  await embedded(port);
  const second = new EmbeddedBroker({ port, log });
  const error = await second.start().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(CaError);
  expect(error).toMatchObject({
    code: 'CA_PORT_IN_USE',
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
  await second.stop();
});
