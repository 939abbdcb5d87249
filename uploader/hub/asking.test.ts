import { describe, expect, it } from 'vitest';
import { Asking } from './asking.ts';

const STORE = '0123456789abcdef';
const see = (asking: Asking, upTo: number, known: number, now: number, store = STORE) =>
  asking.see('clinic', store, upTo, known, now);
const from = (asking: Asking, now: number) => asking.due(now).map((ask) => ask.from);

describe('Asking', () => {
  it('asks for what has been missing for 2 s, then after twice as long each time, a minute at most', () => {
    const asking = new Asking();
    see(asking, 4, 9, 1_000);
    const times: number[] = [];
    for (let now = 1_000; now < 301_000; now += 500)
      if (from(asking, now).length > 0) times.push(now - 1_000);
    expect(times.slice(0, 7)).toEqual([2_000, 6_000, 14_000, 30_000, 62_000, 122_000, 182_000]);
    expect(asking.due(400_000)).toEqual([{ device: 'clinic', store: STORE, from: 5, to: 9 }]);
  });

  it('asks nothing while what is missing comes, and nothing once it is there', () => {
    const asking = new Asking();
    for (let upTo = 1; upTo < 9; upTo++) {
      see(asking, upTo, 9, upTo * 1_500);
      expect(from(asking, upTo * 1_500 + 1_499)).toEqual([]);
    }
    see(asking, 9, 9, 12_000);
    expect(from(asking, 100_000)).toEqual([]);
    expect(asking.size).toBe(0);
  });

  it('is not put off by what comes beyond the gap', () => {
    const asking = new Asking();
    for (let known = 9; known < 30; known++) see(asking, 4, known, known * 100);
    expect(asking.due(900 + 2_000)).toMatchObject([{ from: 5, to: 29 }]);
  });

  it('begins anew for a device that is back, and for one with a new store', () => {
    const asking = new Asking();
    see(asking, 4, 9, 0);
    for (const now of [2_000, 6_000, 14_000]) expect(from(asking, now)).toEqual([5]);
    asking.back('clinic', 15_000);
    expect(from(asking, 16_999)).toEqual([]);
    expect(from(asking, 17_000)).toEqual([5]);
    see(asking, 0, 2, 17_500, 'fedcba9876543210');
    expect(asking.due(19_500)).toMatchObject([{ store: 'fedcba9876543210', from: 1, to: 2 }]);
  });
});
