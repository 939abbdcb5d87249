import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CpuPacer } from './cpu-pacer.ts';

const HOUR = 3_600_000;

/** What a second of the trial is like. `cost`: seconds of CPU of picture number n; `search`: of a search, two a second. */
interface Scene {
  readonly cost: (n: number, at: number) => number;
  readonly search?: number;
  readonly others?: (at: number) => number;
  readonly desks?: number;
}

/** Pictures five times a second and desk until `until` ms, as the worker takes them: when, and how busy it was at most. */
function run(cores: number, until: number, { cost, search = 0, others = () => 0, desks = 1 }: Scene) {
  const pacer = new CpuPacer(cores);
  const taken: number[] = [];
  let [now, busiest] = [0, 0];
  let nextSearch = 0;
  while (now < until) {
    if (search > 0 && now >= nextSearch) {
      nextSearch += 500;
      now += search * 1_000;
      pacer.alsoPaid(now, search);
    }
    const from = pacer.next(now, { others: others(now), desks });
    // The latest picture waits, if one has come since the last was taken.
    const camera = 200 / desks;
    const there = Math.max(now, from, (Math.floor((taken.at(-1) ?? -1) / camera) + 1) * camera);
    if (search > 0 && there >= nextSearch) {
      now = Math.max(now, nextSearch);
      continue;
    }
    now = there;
    taken.push(now);
    pacer.take(now);
    const cpu = cost(taken.length, now);
    now += cpu * 1_000;
    pacer.paid(now, cpu);
    busiest = Math.max(busiest, pacer.cores(now) + others(now));
  }
  const rate = (a: number, b: number) => taken.filter((at) => at >= a && at < b).length / ((b - a) / 1_000);
  return { taken, busiest, rate };
}

test('an hour of pictures stays within the budget, and uses it', () => {
  // As the pipeline has it: now and then the detector, else the face is followed.
  const { busiest, rate } = run(0.5, HOUR, { cost: (n) => (n % 5 === 0 ? 0.4 : 0.2) });
  expect(busiest).toBeLessThanOrEqual(0.5);
  // 0.24 s each; room for one of 0.4 s is kept free.
  expect(rate(60_000, HOUR) * 0.24).toBeGreaterThan(0.43);
});

test('where the budget is ample, all five pictures a second are taken, of each desk', () => {
  for (const desks of [1, 3]) {
    const { rate } = run(0.5, 60_000, { cost: () => 0.02, desks });
    expect(rate(1_000, 60_000)).toBeCloseTo(5 * desks, 0);
  }
});

test('the first pictures do not use up the budget of ten seconds in a burst', () => {
  const { rate } = run(0.5, 60_000, { cost: () => 0.3 });
  expect(rate(0, 5_000)).toBeLessThan(2);
  expect(rate(5_000, 60_000)).toBeGreaterThan(1.5);
});

test('searches are not held back: what they take is taken off the pictures', () => {
  const { busiest, rate } = run(0.5, HOUR, { cost: () => 0.1, search: 0.1 });
  expect(busiest).toBeLessThanOrEqual(0.5);
  // 0.2 cores for the searches leave 0.3.
  expect(rate(60_000, HOUR)).toBeGreaterThan(2.5);
  expect(rate(60_000, HOUR)).toBeLessThan(3);
});

test('what others take is taken off, and given back', () => {
  const talk = (at: number) => (at > 100_000 && at < 200_000 ? 0.3 : 0);
  const { busiest, rate } = run(0.5, 300_000, { cost: () => 0.1, others: talk });
  expect(rate(20_000, 100_000)).toBeGreaterThan(4);
  expect(rate(110_000, 200_000)).toBeLessThan(2);
  expect(rate(110_000, 200_000)).toBeGreaterThan(1.5);
  expect(rate(210_000, 300_000)).toBeGreaterThan(4);
  // It came as a surprise: what was spent before leaves the window only with time.
  expect(busiest).toBeLessThan(0.8);
});

test('a picture every five seconds there is, whatever the budget', () => {
  const { taken } = run(0.1, 60_000, { cost: () => 0.2, others: () => 0.5 });
  const gaps = taken.slice(1).map((at, n) => at - (taken[n] ?? 0));
  expect(gaps).toEqual(gaps.map(() => 5_000));
  expect(gaps.length).toBeGreaterThan(10);
});

test('the rate changes smoothly when the processor becomes slower', () => {
  const { taken, busiest } = run(0.5, 120_000, { cost: (_, at) => (at > 60_000 ? 0.3 : 0.1) });
  expect(busiest).toBeLessThanOrEqual(0.52);
  const gaps = taken.slice(1).map((at, n) => at - (taken[n] ?? 0));
  // Never a long pause, or a burst after one.
  expect(Math.max(...gaps)).toBeLessThan(1_600);
  expect(gaps.slice(-20).every((gap) => gap >= 500)).toBe(true);
});

test('after a pause of an hour it knows what a picture takes', () => {
  const pacer = new CpuPacer(0.5);
  pacer.take(0);
  pacer.paid(300, 0.3);
  pacer.take(HOUR);
  expect(pacer.next(HOUR, { others: 0, desks: 1 })).toBeCloseTo(HOUR + (10_000 * 0.3) / (10 * 0.5 - 0.3), 5);
});

test('whatever pictures take, the budget holds once their cost is known', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.005, max: 0.3, noNaN: true }), { minLength: 1, maxLength: 20 }),
      fc.double({ min: 0.2, max: 1.5, noNaN: true }),
      (costs, cores) => {
        const scene = { cost: (n: number) => costs[n % costs.length] ?? 0 };
        // A picture that is dearer than all before it cannot be foreseen.
        const surprise = Math.max(...costs) / 10;
        expect(run(cores, 120_000, scene).busiest).toBeLessThanOrEqual(cores + surprise);
      },
    ),
    { numRuns: 50 },
  );
});
