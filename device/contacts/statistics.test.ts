import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BARS, BINS, barsOfBins, binOf, difference, fisher, quantileOfBins } from './statistics.ts';

describe('the difference of two shares', () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), table II, method 10; here after − before, so the signs are his.
  test.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [10, 10, 0, 10, 0.6075, 1],
  ])('%i of %i against %i of %i', (k1, n1, k2, n2, low, high) => {
    const found = difference({ k: k2, n: n2 }, { k: k1, n: n1 });
    expect(found?.low).toBeCloseTo(low, 4);
    expect(found?.high).toBeCloseTo(high, 4);
  });

  test.each([
    // Fisher's lady tasting tea; the others were computed with whole fractions, elsewhere.
    [3, 4, 1, 4, 0.485714],
    [1, 10, 9, 10, 0.001093],
    [10, 100, 25, 100, 0.008504],
    [0, 5, 0, 9, 1],
  ])('exact p of %i of %i against %i of %i', (k1, n1, k2, n2, p) => {
    expect(fisher({ k: k1, n: n1 }, { k: k2, n: n2 })).toBeCloseTo(p, 5);
  });

  test('the exact test is that of all tables, one by one', () => {
    const choose = (n: number, k: number): number =>
      k < 0 || k > n ? 0 : Array.from({ length: k }).reduce<number>((c, _, i) => (c * (n - i)) / (i + 1), 1);
    fc.assert(
      fc.property(fc.nat(14), fc.nat(14), fc.nat(14), fc.nat(14), (k1, more1, k2, more2) => {
        const [a, b] = [
          { k: k1, n: k1 + more1 },
          { k: k2, n: k2 + more2 },
        ];
        const hits = k1 + k2;
        const chance = (k: number) => (choose(a.n, k) * choose(b.n, hits - k)) / choose(a.n + b.n, hits);
        let p = 0;
        for (let k = 0; k <= hits; k++) if (chance(k) <= chance(k1) * (1 + 1e-7)) p += chance(k);
        expect(fisher(a, b)).toBeCloseTo(Math.min(1, p), 9);
      }),
    );
  });

  test('200,000 contacts do not overflow it', () => {
    expect(fisher({ k: 5_000, n: 100_000 }, { k: 5_000, n: 100_000 })).toBeCloseTo(1, 9);
    expect(fisher({ k: 5_000, n: 100_000 }, { k: 6_000, n: 100_000 })).toBeLessThan(1e-9);
  });

  test('it says what can be told, and when nothing can', () => {
    const verdict = (k1: number, n1: number, k2: number, n2: number) =>
      difference({ k: k1, n: n1 }, { k: k2, n: n2 })?.verdict;
    expect(verdict(40, 400, 15, 400)).toBe('lower');
    expect(verdict(15, 400, 40, 400)).toBe('higher');
    expect(verdict(40, 400, 38, 400)).toBe('none');
    expect(verdict(10, 19, 0, 400)).toBe('too-few');
    expect(difference({ k: 0, n: 0 }, { k: 1, n: 50 })).toBeNull();
  });
});

describe('durations in bins', () => {
  test('bins rise, the bars are made of whole ones, and each but the first is at most 5 % longer', () => {
    expect(BARS.every((bar) => BINS.some((bin) => Math.abs(bin - bar) < 1e-6))).toBe(true);
    for (let i = 16; i < BINS.length; i++) expect((BINS[i] ?? 0) / (BINS[i - 1] ?? 1)).toBeLessThan(1.0501);
  });

  test('every duration has its bin', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (ms) => {
        const bin = binOf(ms);
        expect(BINS[bin] ?? Number.NaN).toBeLessThanOrEqual(ms);
        expect(BINS[bin + 1] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(ms);
      }),
    );
  });

  test('median and bars are those of the durations themselves, to 5 %', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 15_000, max: 3_500_000 }), { minLength: 1, maxLength: 99 }),
        (all) => {
          const counts = BINS.map(() => 0);
          for (const ms of all) counts[binOf(ms)] = (counts[binOf(ms)] ?? 0) + 1;
          const sorted = [...all].sort((a, b) => a - b);
          const exact = sorted[Math.ceil(all.length / 2) - 1] ?? 0;
          const found = quantileOfBins(counts, 0.5) ?? 0;
          expect(found / exact).toBeGreaterThan(0.95);
          expect(found / exact).toBeLessThan(1.0501);
          const bars = barsOfBins(counts);
          expect(bars.reduce((a, b) => a + b, 0)).toBe(all.length);
          expect(bars[5]).toBe(all.filter((ms) => ms >= 180_000 && ms < 300_000).length);
        },
      ),
    );
    expect(quantileOfBins([], 0.5)).toBeNull();
  });
});
