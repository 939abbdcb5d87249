import { expect, test } from 'vitest';
import { ManualClock } from './clock.ts';
import { ClockWatch } from './clock-watch.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('times are untrusted until the machine says that its clock is synchronised; then the true offset is told once', async () => {
  const clock = new ManualClock({ mono: 1_000, wall: 0 });
  let synchronised = false;
  const offsets: number[] = [];
  const watch = new ClockWatch({
    clock,
    trusted: false,
    synchronised: async () => synchronised,
    onTrusted: (offset) => offsets.push(offset),
  });
  await watch.start();
  expect(watch.trust()).toBe('untrusted');
  expect(watch.health().status).toBe('degraded');
  clock.step(1_767_600_000_000);
  synchronised = true;
  clock.advance(10_000);
  await settle();
  expect(watch.trust()).toBe('trusted');
  clock.advance(60_000);
  await settle();
  expect(offsets).toEqual([1_767_600_000_000 - 1_000]);
  await watch.stop();
});

test('a clock that the config vouches for is trusted from the start', async () => {
  const watch = new ClockWatch({ clock: new ManualClock(), trusted: true, onTrusted: () => {} });
  await watch.start();
  expect(watch.trust()).toBe('trusted');
});
