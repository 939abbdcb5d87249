import { createRequire } from 'node:module';
import Database from 'better-sqlite3';
import { Gpio } from 'onoff';
import { SerialPort } from 'serialport';
import { expect, test } from 'vitest';

// A native module built for another Node installs without a word and fails, or crashes, when it is used.

test("this is the project's own Node", () => {
  const own = createRequire(import.meta.url)(`node-linux-${process.arch}/package.json`);
  expect(process.version).toBe(`v${own.version}`);
});

test('SQLite opens a store', () => {
  expect(new Database(':memory:').prepare('SELECT 1 AS one').get()).toEqual({ one: 1 });
});

test('the serial port binding reaches the kernel', async () => {
  const port = new SerialPort({ path: '/dev/does-not-exist', baudRate: 9_600, autoOpen: false });
  await expect(new Promise((_, reject) => port.open(reject))).rejects.toThrow('No such file or directory');
});

test('sherpa-onnx, which detects speech, loads its library', () => {
  expect(createRequire(import.meta.url)('sherpa-onnx-node')).toMatchObject({
    Vad: expect.any(Function),
    OnlineRecognizer: expect.any(Function),
  });
});

test('epoll, which onoff waits for edges with, is built for this Node', () => {
  const { Epoll } = createRequire(import.meta.url)('epoll');
  const poller = new Epoll(() => {});
  expect(poller.closed).toBe(false);
  poller.close();
  expect(Gpio.HIGH).toBe(1);
});
