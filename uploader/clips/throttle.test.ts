import { expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { Throttle } from './throttle.ts';

const signal = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Bytes that go out in `seconds` by pieces of 64 KiB, the clock moving on by 20 ms. */
async function sent(rate: number, seconds: number): Promise<number> {
  const clock = new ManualClock();
  const throttle = new Throttle(clock, rate);
  const end = clock.now().mono + seconds * 1_000;
  let [bytes, over] = [0, false];
  const work = (async () => {
    while (!over) {
      await throttle.take(65_536, signal);
      if (!over) bytes += 65_536;
    }
  })();
  while (clock.now().mono < end) {
    await turn();
    clock.advance(20);
  }
  over = true;
  clock.advance(600_000);
  await work;
  return bytes;
}

test.each([100_000, 1_000_000, 3_000_000])('%d bytes a second, and no more', async (rate) => {
  const rated = rate * 10;
  const bytes = await sent(rate, 10);
  expect(bytes).toBeLessThanOrEqual(rated + rate * 0.1 + 65_536);
  expect(bytes).toBeGreaterThan(rated * 0.9 - 65_536);
});

test('what was not used for a long time is not made up for', async () => {
  const clock = new ManualClock();
  const throttle = new Throttle(clock, 100_000);
  clock.advance(3_600_000);
  await throttle.take(100_000, signal);
  const next = throttle.take(1, signal);
  clock.advance(900);
  let told = false;
  next.then(() => {
    told = true;
  });
  await turn();
  expect(told).toBe(false);
  clock.advance(100);
  await next;
});

test('who waits can be called off', async () => {
  const throttle = new Throttle(new ManualClock(), 1);
  const over = new AbortController();
  await throttle.take(100, over.signal);
  const waiting = throttle.take(100, over.signal);
  over.abort(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
});
