import { expect, it } from 'vitest';
import { Ring } from './ring.ts';

const second = (n: number, bytes = 100) => ({ file: `${n}.ts`, start: n * 1000, end: (n + 1) * 1000, bytes });
const names = (segments: { file: string }[]) => segments.map((segment) => segment.file);

function ringOf(seconds: number, keep = 5_000, maxBytes?: number): Ring {
  const ring = new Ring(keep, maxBytes);
  for (let n = 0; n < seconds; n++) ring.add(second(n));
  return ring;
}

it('gives up what is older than a contact could still ask for, once', () => {
  const ring = ringOf(10);
  expect(names(ring.expired(10_000))).toEqual(['0.ts', '1.ts', '2.ts', '3.ts']);
  expect(ring.expired(10_000)).toEqual([]);
  expect(ring.bytes).toBe(600);
  expect(ring.discardedBytes).toBe(400);
});

it('keeps what an open contact needs, however long, and of two contacts the earlier', () => {
  const ring = ringOf(20);
  ring.pin('a', 2_500);
  ring.pin('b', 9_500);
  expect(names(ring.expired(60_000))).toEqual(['0.ts', '1.ts']);
  ring.unpin('a');
  expect(names(ring.expired(60_000)).at(-1)).toBe('8.ts');
  expect(ring.pinned).toBe(true);
  ring.unpin('b');
  expect(ring.expired(60_000)).toHaveLength(11);
  expect(ring.pinned).toBe(false);
});

it('never holds more bytes than its limit, open contact or not: the oldest go', () => {
  const ring = ringOf(20, 5_000, 1_500);
  ring.pin('a', 0);
  expect(names(ring.expired(20_000))).toEqual(['0.ts', '1.ts', '2.ts', '3.ts', '4.ts']);
});

it('finds the segments that touch a stretch of time', () => {
  expect(names(ringOf(10).between(2_500, 4_500))).toEqual(['2.ts', '3.ts', '4.ts']);
});
