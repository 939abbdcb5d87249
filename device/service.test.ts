import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { type Service, startAll, stopAll } from './service.ts';

const quiet = createLog('error', { write: () => {} });

function recorded(calls: string[], name: string, fail?: 'start' | 'stop'): Service {
  const call = (what: 'start' | 'stop') => async () => {
    calls.push(`${what} ${name}`);
    if (fail === what) throw new Error(`${name} does not ${what}`);
  };
  return { name, start: call('start'), stop: call('stop'), health: () => ({ status: 'ok' }) };
}

test('services start in order and stop in reverse, even when one does not stop', async () => {
  const calls: string[] = [];
  const services = [recorded(calls, 'a'), recorded(calls, 'b', 'stop'), recorded(calls, 'c')];
  await startAll(services, new AbortController().signal, quiet);
  await stopAll(services, quiet);
  expect(calls).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
});

test('when one does not start, it and those before it are stopped and the error is thrown', async () => {
  const calls: string[] = [];
  const services = [recorded(calls, 'a'), recorded(calls, 'b', 'start'), recorded(calls, 'c')];
  await expect(startAll(services, new AbortController().signal, quiet)).rejects.toThrow('b does not start');
  expect(calls).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});

test('a start that is called off stops what had started', async () => {
  const calls: string[] = [];
  const ending = new AbortController();
  const last = recorded(calls, 'b');
  const services = [
    recorded(calls, 'a'),
    { ...last, start: async () => ending.abort() },
    recorded(calls, 'c'),
  ];
  await expect(startAll(services, ending.signal, quiet)).rejects.toThrow();
  expect(calls).toEqual(['start a', 'stop c', 'stop b', 'stop a']);
});
