import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { Debounce } from './debounce.ts';

const MS = 20;
const START = 1_000;

/** What is told of edges: `[milliseconds since the one before, level]`. The line is found low. */
function told(edges: [number, boolean][], { ms = MS, late = false } = {}) {
  const clock = new ManualClock({ mono: START, wall: 0 });
  const levels: [boolean, number][] = [];
  const debounce = new Debounce('test', ms, clock, (high, at) => levels.push([high, at.mono - START]));
  debounce.edge(false, clock.now());
  let mono = START;
  for (const [wait, high] of edges) {
    mono += wait;
    // Late: the process stood still, and all of them come at once, with their times.
    if (!late) clock.advance(wait);
    debounce.edge(high, { mono, wall: 0 });
  }
  clock.advance(1_000);
  return levels.slice(1);
}

test('the level that is found is told at once; a repeated one is not', () => {
  const clock = new ManualClock();
  const levels: boolean[] = [];
  const debounce = new Debounce('test', MS, clock, (high) => levels.push(high));
  expect(debounce.told).toBe(null);
  debounce.edge(true, clock.now());
  expect(levels).toEqual([true]);
  debounce.edge(true, clock.now());
  clock.advance(100);
  expect(levels).toEqual([true]);
  debounce.reset();
  debounce.edge(true, clock.now());
  expect(levels).toEqual([true, true]);
});

test('a change with its bounces is one, at its first edge', () => {
  expect(
    told([
      [5, true],
      [1, false],
      [2, true],
      [1, false],
      [3, true],
    ]),
  ).toEqual([[true, 5]]);
});

test.each([
  [19, []],
  [
    20,
    [
      [true, 5],
      [false, 25],
    ],
  ],
])('a level of %i ms', (hold, levels) => {
  expect(
    told([
      [5, true],
      [hold, false],
    ]),
  ).toEqual(levels);
});

test('a level that is left for a moment begins anew', () => {
  // Two edges faster than anybody looked: the same level again.
  expect(
    told([
      [5, true],
      [19, true],
      [19, false],
    ]),
  ).toEqual([]);
});

test('a bounce that is over before anybody looks is one, too', () => {
  expect(
    told([
      [5, false],
      [3, true],
    ]),
  ).toEqual([[true, 5]]);
});

test('a hum on the wire does not date a change back by more than the debounce', () => {
  const hum = Array.from({ length: 100 }, (_, n): [number, boolean] => [10, n % 2 === 0]);
  const [[high, at] = []] = told([...hum, [10, true]]);
  expect(high).toBe(true);
  expect(at).toBeGreaterThanOrEqual(1_010 - MS);
});

test('without a debounce every edge is told', () => {
  expect(
    told(
      [
        [5, true],
        [1, false],
        [0, true],
      ],
      { ms: 0 },
    ),
  ).toEqual([
    [true, 5],
    [false, 6],
    [true, 6],
  ]);
});

test('every level that lasts is told once, none that does not, whether the edges come in time or late', () => {
  const edges = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 * MS }), fc.boolean()), { maxLength: 60 });
  fc.assert(
    fc.property(edges, fc.boolean(), (edges, late) => {
      // What lasted, found from the whole of it; and not before.
      const expected: { high: boolean; since: number }[] = [];
      let [since, last] = [0, false];
      edges.forEach(([wait, high], n) => {
        since += wait;
        const lasts = edges[n + 1]?.[0] ?? Number.POSITIVE_INFINITY;
        if (lasts < MS || high === last) return;
        expected.push({ high, since });
        last = high;
      });
      const levels = told(edges, { late });
      expect(levels.map(([high]) => high)).toEqual(expected.map(({ high }) => high));
      levels.forEach(([, at], n) => {
        const { since = 0 } = expected[n] ?? {};
        expect(at).toBeLessThanOrEqual(since);
        expect(at).toBeGreaterThanOrEqual(since - MS);
      });
    }),
    { numRuns: 2_000 },
  );
});
