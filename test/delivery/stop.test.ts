import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startMosquitto } from '../stand-ins/mosquitto.ts';
import { startRelay } from '../stand-ins/relay.ts';
import { Rows, until, uploaderFor } from '../uploader/rig.ts';

// Found by the chaos: the uploader tried again for ever in a store that had been closed, and the process never ended.
test('what is answered after the stop is not tried again', { timeout: 20_000 }, async () => {
  const broker = await startMosquitto();
  const relay = await startRelay(broker.port);
  const rows = new Rows();
  const uploader = uploaderFor(rows.outbox, { url: `mqtt://127.0.0.1:${relay.port}` });
  try {
    await uploader.start();
    await until('connected', () => uploader.health().status === 'ok');
    relay.stall();
    rows.append(3);
    const stopping = uploader.stop();
    // By now the rows have been given up, and the last word is waited for.
    await sleep(2_500);
    relay.mend();
    await stopping;
    rows.close();
    await sleep(1_200);
    expect(uploader.logged.filter((line) => line.includes('halted'))).toEqual([]);
  } finally {
    await relay.stop();
    await broker.stop();
  }
});
