import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Relay, startRelay } from './relay.ts';

// The cable of the delivery tests: what a half-open, slow or reset link looks like from its two ends.
let server: Server;
let relay: Relay;
let ends: Socket[];
let far: Socket[];

beforeEach(async () => {
  ends = [];
  far = [];
  server = createServer((socket) => {
    far.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => socket.write(bytes));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  relay = await startRelay((server.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const end of ends) end.destroy();
  await relay.stop();
  for (const end of far) end.destroy();
  server.close();
});

function dial() {
  const end = connect(relay.port, '127.0.0.1');
  ends.push(end);
  const seen = { bytes: 0, closed: false, error: '' };
  end.on('data', (bytes) => {
    seen.bytes += bytes.length;
  });
  end.on('error', (error: NodeJS.ErrnoException) => {
    seen.error = error.code ?? '';
  });
  end.on('close', () => {
    seen.closed = true;
  });
  return { end, seen };
}

test('it carries both ways, counts, and passes the end on', async () => {
  const { end, seen } = dial();
  end.write(Buffer.alloc(200_000));
  await vi.waitFor(() => expect(seen.bytes).toBe(200_000));
  expect(relay.passed()).toEqual({ up: 200_000, down: 200_000 });
  far[0]?.end();
  await vi.waitFor(() => expect(seen.closed).toBe(true));
  expect(seen.error).toBe('');
});

test('a stalled link passes nothing, not even a death; mended, what was on the way arrives', async () => {
  const { end, seen } = dial();
  end.write('one');
  await vi.waitFor(() => expect(seen.bytes).toBe(3));
  relay.stall();
  const late = dial();
  end.write('two');
  late.end.write('three');
  far[0]?.resetAndDestroy();
  await sleep(150);
  expect([seen.bytes, seen.closed, late.seen.bytes, late.seen.closed]).toEqual([3, false, 0, false]);
  expect(late.end.readyState).toBe('open');
  relay.mend();
  await vi.waitFor(() => expect(late.seen.bytes).toBe(5));
  await vi.waitFor(() => expect(seen.closed).toBe(true));
});

test('a reset ends the connections of now only', async () => {
  const { end, seen } = dial();
  end.write('x');
  await vi.waitFor(() => expect(seen.bytes).toBe(1));
  relay.reset();
  await vi.waitFor(() => expect(seen.error).toBe('ECONNRESET'));
  const next = dial();
  next.end.write('y');
  await vi.waitFor(() => expect(next.seen.bytes).toBe(1));
});

test('a throttled link is slow, and fast again', async () => {
  relay.throttle(20_000);
  const { end, seen } = dial();
  const begin = performance.now();
  end.write(Buffer.alloc(10_000));
  await vi.waitFor(() => expect(seen.bytes).toBe(10_000), 5_000);
  expect(performance.now() - begin).toBeGreaterThan(450);
  relay.throttle(null);
  end.write(Buffer.alloc(1_000_000));
  await vi.waitFor(() => expect(seen.bytes).toBe(1_010_000), 5_000);
});

test('a cut link refuses until it is mended', async () => {
  const { end, seen } = dial();
  end.write('x');
  await vi.waitFor(() => expect(seen.bytes).toBe(1));
  relay.cut();
  await vi.waitFor(() => expect(seen.closed).toBe(true));
  const refused = dial();
  await vi.waitFor(() => expect(refused.seen.closed).toBe(true));
  relay.mend();
  const next = dial();
  next.end.write('y');
  await vi.waitFor(() => expect(next.seen.bytes).toBe(1));
});
