import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { Writer } from '../../uploader/hub/writer.ts';
import { startPostgres } from '../stand-ins/postgres.ts';
import { startRelay } from '../stand-ins/relay.ts';

// A connection that ends in the middle of a transaction must not end the hub: what vitest catches as unhandled does.
test('the hub outlives a database whose connections end at any moment', { timeout: 60_000 }, async () => {
  const server = await startPostgres();
  const url = new URL(server.url);
  const relay = await startRelay(Number(url.port));
  url.port = String(relay.port);
  const commits: number[] = [];
  const writer = new Writer({
    url: url.href,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    onCommit: ({ standings }) => commits.push(standings.length),
    onBack: () => {},
  });
  await writer.open();
  let newest = 0;
  const heard = setInterval(() => {
    writer.add({ kind: 'health', device: 'clinic', store: '0123456789abcdef', newest: ++newest });
  }, 1);
  try {
    for (let n = 0; n < 8; n++) {
      await vi.waitFor(() => expect(writer.fault).toBeNull(), { timeout: 15_000 });
      await sleep(50 + n * 7);
      if (n % 4 === 3) {
        await server.kill();
        await server.restart();
      } else if (n % 2 === 0) {
        // Closed with a FIN, the socket is gone before the driver says so: another way than by a reset.
        relay.cut();
        relay.mend();
      } else relay.reset();
      await vi.waitFor(() => expect(writer.fault).not.toBeNull(), { timeout: 5_000 });
    }
    const before = commits.length;
    await vi.waitFor(() => expect(commits.length).toBeGreaterThan(before), { timeout: 15_000 });
  } finally {
    clearInterval(heard);
    await writer.stop();
    await relay.stop();
    await server.stop();
  }
});
