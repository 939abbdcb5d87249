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
  expect(ring).toMatchObject({ segments: 6, bytes: 600, discardedBytes: 400 });
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
  expect(ring).toMatchObject({ segments: 0, bytes: 0, discardedBytes: 2_000 });
});

it('lets go of what an open contact has on the disk already', () => {
  const ring = ringOf(20);
  ring.pin('a', 2_500);
  ring.pin('a', 11_500);
  expect(names(ring.expired(60_000)).at(-1)).toBe('10.ts');
  expect(ring.segments).toBe(9);
});

it('keeps of a contact that has ended nothing from after its end', () => {
  const ring = ringOf(20);
  ring.pin('a', 4_500, 8_500);
  ring.expired(60_000);
  expect(names(ring.between(0, 60_000))).toEqual(['4.ts', '5.ts', '6.ts', '7.ts', '8.ts']);
});

it('gives up at once what lies behind a barrier, and keeps what contacts that began before need of it', () => {
  const ring = ringOf(10, 60_000);
  ring.pin('a', 2_500, 3_500);
  // The last picture, which came before, would have been shown for longer.
  ring.bar(9_900);
  expect(ring.barrier).toBe(9_900);
  ring.add(second(10));
  ring.pin('b', 9_900);
  expect(names(ring.expired(11_000))).toEqual(['0', '1', '4', '5', '6', '7', '8', '9'].map((n) => `${n}.ts`));
  ring.unpin('a');
  expect(names(ring.expired(11_000))).toEqual(['2.ts', '3.ts']);
});

it('gives of what lies behind a barrier nothing to contacts that begin after it, also when another has come since', () => {
  const ring = ringOf(5, 60_000);
  ring.bar(4_500);
  for (let n = 5; n < 8; n++) ring.add(second(n));
  ring.bar(7_900);
  ring.add(second(8));
  const from = (mono: number) => names(ring.between(mono, 60_000));
  expect(from(3_500)).toEqual(['3.ts', '4.ts', '5.ts', '6.ts', '7.ts', '8.ts']);
  expect(from(4_500)).toEqual(['5.ts', '6.ts', '7.ts', '8.ts']);
  expect(from(7_900)).toEqual(['8.ts']);
});

it('has a barrier that moves forward only, and none to begin with', () => {
  const ring = ringOf(10, 60_000);
  expect(ring.barrier).toBe(Number.NEGATIVE_INFINITY);
  ring.bar(7_000);
  ring.bar(3_000);
  expect(ring.barrier).toBe(7_000);
});

it('never holds more bytes than its limit, open contact or not: the oldest go', () => {
  const ring = ringOf(20, 5_000, 1_500);
  ring.pin('a', 0);
  expect(names(ring.expired(20_000))).toEqual(['0.ts', '1.ts', '2.ts', '3.ts', '4.ts']);
  expect(ring).toMatchObject({ segments: 15, bytes: 1_500, discardedBytes: 500 });
});

it('finds the segments that touch a stretch of time', () => {
  expect(names(ringOf(10).between(2_500, 4_500))).toEqual(['2.ts', '3.ts', '4.ts']);
});
