import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FTYP, fragment, full, moov, traf, uint32 } from '../../test/stand-ins/movie.ts';
import { FragmentReader, type Part } from './fragments.ts';
import { box } from './mp4-boxes.ts';

const INIT = Buffer.concat([
  FTYP,
  moov({ id: 1, timescale: 90_000, duration: 6000 }, { id: 2, timescale: 16_000, duration: 1024 }),
]);
const SIMPLE = fragment([
  traf(full('tfhd', 0, 0x2_0000, 1), full('tfdt', 1, 0, 0, 90_000), full('trun', 0, 0x1, 15, 100)),
]);

/** The parts, those of a fragment put together. */
function read(...bytes: Buffer[]) {
  const reader = new FragmentReader();
  return bytes
    .flatMap((one): Part[] => reader.push(one))
    .map((part) => {
      if (part.kind === 'init') return part;
      const { pieces, ...rest } = part;
      return { ...rest, bytes: Buffer.concat(pieces) };
    });
}

/** What a fragment of `boxes` has of its track. */
function trackOf(init: Buffer, ...boxes: Buffer[]) {
  const [, part] = read(init, fragment([traf(...boxes)]));
  return part?.kind === 'fragment' ? part.tracks[0] : null;
}

it('tells the parts as they were written, and what is in them', () => {
  const parts = read(INIT, SIMPLE);
  expect(parts).toEqual([
    { kind: 'init', bytes: INIT },
    {
      kind: 'fragment',
      bytes: SIMPLE,
      size: SIMPLE.length,
      tracks: [{ id: 1, start: 90_000, duration: 90_000, key: true }],
    },
  ]);
});

it('tells the same however the bytes come, and leaves out boxes that are no part', () => {
  const junk = [
    box('styp', Buffer.alloc(8)),
    box('sidx', Buffer.alloc(40)),
    box('free'),
    box('mfra', Buffer.alloc(99)),
  ];
  const whole = Buffer.concat([INIT, ...junk, SIMPLE, ...junk, SIMPLE]);
  const expected = read(INIT, SIMPLE, SIMPLE);
  const cuts = fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 30 });
  fc.assert(
    fc.property(cuts, (at) => {
      const places = [0, ...at.toSorted((a, b) => a - b), whole.length];
      const pieces = places.slice(1).map((place, n) => whole.subarray(places[n], place));
      expect(read(...pieces)).toEqual(expected);
    }),
  );
  expect(read(...Array.from(whole, (byte) => Buffer.from([byte])))).toEqual(expected);
});

it('reads boxes whose size has 64 bits', () => {
  const payload = Buffer.alloc(20, 7);
  const large = Buffer.concat([uint32(1), Buffer.from('mdat'), uint32(0, 16 + payload.length), payload]);
  const moof = SIMPLE.subarray(0, SIMPLE.readUInt32BE());
  const written = Buffer.concat([moof, large]);
  expect(read(INIT, written)[1]?.bytes).toEqual(written);
});

it.each([
  ['of more than 64 MiB', Buffer.concat([uint32(65 * 2 ** 20), Buffer.from('moof')])],
  ['of more than 64 MiB, in 64 bits', Buffer.concat([uint32(1), Buffer.from('moof'), uint32(1, 0)])],
  ['that is shorter than its header', Buffer.concat([uint32(4), Buffer.from('moof')])],
  ['without an end', Buffer.concat([uint32(0), Buffer.from('moof')])],
  ['mdat that belongs to nothing', box('mdat', Buffer.alloc(4))],
  ['moov without ftyp', moov()],
  ['moov after a moof', Buffer.concat([box('moof'), moov()])],
])('refuses a box %s', (_what, bytes) => {
  const reader = new FragmentReader();
  reader.push(INIT);
  expect(reader.push(SIMPLE)).toHaveLength(1);
  expect(() => reader.push(bytes)).toThrow(expect.objectContaining({ code: 'CA_CLIP_FAILED' }));
});

it('reads durations from the samples, the fragment or the track', () => {
  const tfhd = full('tfhd', 0, 0, 2);
  expect(trackOf(INIT, tfhd, full('trun', 0, 0, 3))).toMatchObject({ id: 2, start: 0, duration: 3 * 1024 });
  expect(trackOf(INIT, full('tfhd', 0, 0x8, 2, 500), full('trun', 0, 0, 3))?.duration).toBe(1500);
  // Base data offset, description, duration, size and flags of samples: all fields before the one that is read.
  const everything = full('tfhd', 0, 0x3b, 2, 0, 0, 1, 700, 9, 0x1_0000);
  expect(trackOf(INIT, everything, full('trun', 0, 0, 3))).toMatchObject({ duration: 2100, key: false });
  // Duration and size of each of two samples, after the data offset.
  expect(trackOf(INIT, tfhd, full('trun', 0, 0x301, 2, 99, 1000, 5, 1100, 6))?.duration).toBe(2100);
  // Two runs.
  expect(trackOf(INIT, tfhd, full('trun', 0, 0, 3), full('trun', 0, 0x100, 1, 10))?.duration).toBe(
    3 * 1024 + 10,
  );
});

it('begins where the earliest sample is shown', () => {
  const tfhd = full('tfhd', 0, 0, 1);
  // Composition offsets of I P B B: shown 6000, 24000, 12000, 18000 after the start of decoding.
  const reordered = full('trun', 0, 0x800, 4, 6000, 18_000, 0, 0);
  expect(trackOf(INIT, tfhd, full('tfdt', 0, 0, 50_000), reordered)).toMatchObject({
    start: 56_000,
    duration: 24_000,
  });
  const negative = full('trun', 1, 0x800, 2, 0, -9000);
  expect(trackOf(INIT, tfhd, full('tfdt', 1, 0, 1, 0), negative)?.start).toBe(2 ** 32 - 3000);
  const edited = Buffer.concat([FTYP, moov({ id: 1, timescale: 90_000, duration: 6000, mediaTime: 6000 })]);
  expect(trackOf(edited, tfhd, full('tfdt', 0, 0, 50_000), reordered)?.start).toBe(50_000);
});

it('knows whether decoding can begin at the first sample', () => {
  const notSync = 0x101_0000;
  const flagged = full('tfhd', 0, 0x20, 1, notSync);
  expect(trackOf(INIT, full('tfhd', 0, 0, 1), full('trun', 0, 0, 1))?.key).toBe(true);
  expect(trackOf(INIT, flagged, full('trun', 0, 0, 1))?.key).toBe(false);
  expect(trackOf(INIT, flagged, full('trun', 0, 0x4, 2, 0x200_0000))?.key).toBe(true);
  expect(trackOf(INIT, flagged, full('trun', 0, 0x400, 2, 0x200_0000, notSync))?.key).toBe(true);
  expect(trackOf(INIT, full('tfhd', 0, 0, 1), full('trun', 0, 0x400, 2, notSync, 0))?.key).toBe(false);
});

it('tells both tracks, and leaves out one that the moov does not know or that has no samples', () => {
  const run = full('trun', 0, 0, 2);
  const trafs = [1, 2, 3].map((id) => traf(full('tfhd', 0, 0, id), run));
  const [, part] = read(INIT, fragment([...trafs, traf(full('tfhd', 0, 0, 2))]));
  expect(part?.kind === 'fragment' && part.tracks.map(({ id }) => id)).toEqual([1, 2]);
});
