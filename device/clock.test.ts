import { expect, test } from 'vitest';
import { ManualClock, systemClock } from './clock.ts';

test('a timer is never early, not even by a fraction of a millisecond', async () => {
  const early: number[] = [];
  await Promise.all(
    Array.from({ length: 200 }, (_, i) => {
      const ms = 1 + i / 7;
      const due = systemClock.now().mono + ms;
      return new Promise<void>((done) =>
        systemClock.after('test', ms, () => {
          if (systemClock.now().mono < due) early.push(ms);
          done();
        }),
      );
    }),
  );
  expect(early).toEqual([]);
});

test('a cancelled timer does not run, in whichever phase it is', async () => {
  let ran = 0;
  let begun = 0;
  // On a machine that stands still for a moment all of a round run before they are cancelled.
  while (ran === begun && begun < 1_000) {
    for (let i = 0; i < 50; i++, begun++) {
      const timer = systemClock.after('test', 1.9, () => ran++);
      setTimeout(timer.cancel, 1);
    }
    await systemClock.sleep('test', 20);
  }
  expect(ran).toBeLessThan(begun);
  const before = ran;
  systemClock.after('test', 5, () => ran++).cancel();
  await systemClock.sleep('test', 10);
  expect(ran).toBe(before);
});

test('a sleep ends with its signal', async () => {
  const ending = new AbortController();
  const sleeping = systemClock.sleep('test', 60_000, ending.signal);
  ending.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('enough');
});

test('the manual clock runs what falls due in its order, and moves both clocks', () => {
  const clock = new ManualClock({ mono: 0, wall: 1_000 });
  const seen: [string, number][] = [];
  clock.after('late', 30, () => seen.push(['late', clock.now().mono]));
  clock.after('soon', 10, () => {
    seen.push(['soon', clock.now().mono]);
    clock.after('nested', 5, () => seen.push(['nested', clock.now().mono]));
  });
  const every = clock.every('tick', 12, () => seen.push(['tick', clock.now().mono]));
  clock.advance(30);
  every.cancel();
  clock.step(-500);
  clock.advance(10);
  expect(seen).toEqual([
    ['soon', 10],
    ['tick', 12],
    ['nested', 15],
    ['tick', 24],
    ['late', 30],
  ]);
  expect(clock.now()).toEqual({ mono: 40, wall: 540 });
  expect(clock.waiting()).toEqual([]);
});
