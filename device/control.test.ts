import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Perform } from '../uploader/orders.ts';
import { askAccountCode, Control, healthOf, order } from './control.ts';
import { CaError } from './errors.ts';
import { createLog } from './log.ts';

let data: string;
let control: Control;
let done: unknown[];

const HEALTH = { 'desk front': { status: 'degraded' as const, reason: 'No sensor. Plug it in.' } };

const perform = (async (name: string, request: { desk?: string }, actor: string) => {
  if (name === 'erase') await sleep(5_500);
  if (name === 'health') return HEALTH;
  if (request.desk === 'side')
    throw new CaError('CA_COMMAND_INVALID', 'there is no desk "side"', { remedy: 'There are: front, back.' });
  done.push([name, request, actor]);
  return { desk: request.desk };
}) as unknown as Perform;

const orders = {
  perform,
  refused: (actor: string, action: string, code: string) => void done.push([actor, action, code]),
};

const accountCode = (name: string | null) => {
  if (name === 'nobody') throw new CaError('CA_ACCOUNT_UNKNOWN', 'there is no account of that name');
  return { code: '0000-0000-0000', name, url: 'http://127.0.0.1:8080' };
};

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'ca-control-'));
  done = [];
  control = new Control({ data, orders, accountCode, log: createLog('error') });
});
afterEach(async () => {
  await control.stop();
  rmSync(data, { recursive: true });
});

test('does what is ordered, and says what came of it', async () => {
  await control.start();
  await order(data, 'veto', { desk: 'back' });
  await order(data, 'pause', { desk: 'front', ms: 60_000 });
  await order(data, 'pause', { desk: 'front' });
  expect(await order(data, 'resume', { desk: 'front' })).toEqual({ desk: 'front' });
  expect(done).toEqual([
    ['veto', { desk: 'back' }, 'console'],
    ['pause', { desk: 'front', ms: 60_000 }, 'console'],
    ['pause', { desk: 'front' }, 'console'],
    ['resume', { desk: 'front' }, 'console'],
  ]);
});

test('gives a code for the page, to whoever may read the data', async () => {
  await control.start();
  expect(await askAccountCode(data, null)).toMatchObject({ code: '0000-0000-0000', name: null });
  expect(await askAccountCode(data, 'anna')).toMatchObject({ name: 'anna' });
  await expect(askAccountCode(data, 'nobody')).rejects.toMatchObject({ code: 'CA_ACCOUNT_UNKNOWN' });
});

test('what is refused is thrown as it was meant', async () => {
  await control.start();
  await expect(order(data, 'veto', { desk: 'side' })).rejects.toMatchObject({
    code: 'CA_COMMAND_INVALID',
    message: 'there is no desk "side"',
    remedy: 'There are: front, back.',
  });
});

test('nobody answers where no service runs', async () => {
  await expect(order(data, 'veto', { desk: 'front' })).rejects.toMatchObject({
    code: 'CA_NOT_RUNNING',
    message: expect.stringMatching(/^no service runs on/),
  });
});

test('what takes its time is waited for: it happens all the same', async () => {
  await control.start();
  await order(data, 'erase', { contactId: 'c' });
  expect(done).toEqual([['erase', { contactId: 'c' }, 'console']]);
});

test('the health of the services is told to whoever may ask, and null where none runs', async () => {
  expect(await healthOf(data)).toBe(null);
  writeFileSync(join(data, 'control.sock'), '');
  expect(await healthOf(data)).toBe(null);
  await control.start();
  expect(await healthOf(data)).toEqual(HEALTH);
  expect(done).toEqual([]);
});

test('a service that hangs up or talks otherwise is not taken for none', async () => {
  const server = createServer((socket) => socket.resume().end('no order: {"do":"health"}\n'));
  await new Promise<void>((resolve) => server.listen(join(data, 'control.sock'), resolve));
  const refusal = {
    code: 'CA_NOT_RUNNING',
    message: expect.stringMatching(/^the service on .* cannot be asked/),
    remedy: expect.stringContaining('as the user of the service'),
  };
  await expect(healthOf(data)).rejects.toMatchObject(refusal);
  await expect(order(data, 'veto', { desk: 'front' })).rejects.toMatchObject(refusal);
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
  expect(JSON.parse(answer)).toMatchObject({ ok: false, code: 'CA_COMMAND_INVALID' });
  for (const nonsense of ['no json', 'null', '7', '{"do":"pause","desk":7}']) {
    const garbage = createConnection(join(data, 'control.sock'));
    garbage.resume().write(`${nonsense}\n`);
    await new Promise((resolve) => garbage.once('close', resolve));
  }
  await order(data, 'veto', { desk: 'front' });
  expect(done).toEqual([
    ...Array.from({ length: 4 }, () => ['console', 'unknown', 'CA_COMMAND_INVALID']),
    ['console', 'pause', 'CA_COMMAND_INVALID'],
    ['veto', { desk: 'front' }, 'console'],
  ]);
});

test('a data folder in which no socket can be made costs the commands, not the service', async () => {
  const nowhere = new Control({ data: join(data, 'none'), orders, accountCode, log: createLog('silent') });
  await nowhere.start();
  expect(nowhere.health()).toMatchObject({ status: 'degraded' });
  await nowhere.stop();
});
