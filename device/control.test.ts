import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Control, healthOf, order } from './control.ts';
import { createLog } from './log.ts';

let data: string;
let control: Control;
let done: string[];

const desk = (name: string) => ({
  presence: () => ({ desk: name }),
  veto: () => void done.push(`veto ${name}`),
  pause: (ms?: number) => void done.push(`pause ${name} ${ms}`),
  resume: () => void done.push(`resume ${name}`),
});

const health = () => ({ 'desk front': { status: 'degraded' as const, reason: 'No sensor. Plug it in.' } });

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'ca-control-'));
  done = [];
  control = new Control({ data, desks: [desk('front'), desk('back')], health, log: createLog('error') });
});
afterEach(async () => {
  await control.stop();
  rmSync(data, { recursive: true });
});

test('does what is ordered at the desk that is named', async () => {
  await control.start();
  await order(data, { do: 'veto', desk: 'back' });
  await order(data, { do: 'pause', desk: 'front', ms: 60_000 });
  await order(data, { do: 'pause', desk: 'front' });
  await order(data, { do: 'resume', desk: 'front' });
  expect(done).toEqual(['veto back', 'pause front 60000', 'pause front undefined', 'resume front']);
});

test('a desk that there is not is told, with those there are', async () => {
  await control.start();
  await expect(order(data, { do: 'veto', desk: 'side' })).rejects.toMatchObject({
    code: 'CA_USAGE',
    message: 'there is no desk "side"; there are: front, back',
  });
});

test('nobody answers where no service runs', async () => {
  await expect(order(data, { do: 'veto', desk: 'front' })).rejects.toMatchObject({ code: 'CA_NOT_RUNNING' });
});

test('the health of the services is told to whoever may ask, and null where none runs', async () => {
  expect(await healthOf(data)).toBe(null);
  writeFileSync(join(data, 'control.sock'), '');
  expect(await healthOf(data)).toBe(null);
  await control.start();
  expect(await healthOf(data)).toEqual(health());
  expect(done).toEqual([]);
});

test('a service that hangs up or talks otherwise is not taken for none', async () => {
  const server = createServer((socket) => socket.resume().end('no order: {"do":"health"}\n'));
  await new Promise<void>((resolve) => server.listen(join(data, 'control.sock'), resolve));
  await expect(healthOf(data)).rejects.toMatchObject({ code: 'CA_NOT_RUNNING' });
  await new Promise((resolve) => server.close(resolve));
});

test('only the owner of the data may order, and a socket left by a crash is in nobody’s way', async () => {
  writeFileSync(join(data, 'control.sock'), '');
  await control.start();
  expect(statSync(join(data, 'control.sock')).mode & 0o777).toBe(0o600);
  expect(control.health()).toEqual({ status: 'ok' });
});

test('nonsense does nothing, and the next order is heard', async () => {
  await control.start();
  const socket = createConnection(join(data, 'control.sock'));
  const answer = await new Promise<string>((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString()));
    socket.write('{ "do": "explode", "desk": "front" }\n');
  });
  expect(answer).toBe('no order: { "do": "explode", "desk": "front" }\n');
  const garbage = createConnection(join(data, 'control.sock'));
  garbage.resume().write('no json\n');
  await new Promise((resolve) => garbage.once('close', resolve));
  await order(data, { do: 'veto', desk: 'front' });
  expect(done).toEqual(['veto front']);
});

test('a data folder in which no socket can be made costs the commands, not the service', async () => {
  const nowhere = new Control({ data: join(data, 'none'), desks: [], health, log: createLog('silent') });
  await nowhere.start();
  expect(nowhere.health()).toMatchObject({ status: 'degraded' });
  await nowhere.stop();
});
