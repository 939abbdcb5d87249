import { expect, it } from 'vitest';
import { FTYP, moov } from '../../test/stand-ins/movie.ts';
import { headOf } from './clip-head.ts';
import type { Fragment } from './fragments.ts';
import { boxesIn, find } from './mp4-boxes.ts';

const VIDEO = { id: 1, timescale: 90_000 };
const AUDIO = { id: 2, timescale: 16_000 };
const INIT = Buffer.concat([FTYP, moov(VIDEO, AUDIO)]);
const SIZE = 65_536;

/** Fragments of a second each, `size` bytes and one more for each. */
function seconds(count: number, size = 1000): Fragment[] {
  return Array.from({ length: count }, (_, n) => ({
    size: size + n,
    tracks: [
      { id: 1, start: n * 90_000, duration: 90_000, key: true },
      { id: 2, start: n * 16_000 + 320, duration: 16_000, key: true },
    ],
  }));
}

/** The indexes of a head: which bytes of the clip, counted from its end, each reference covers, and when they begin. */
function indexes(head: Buffer) {
  let end = 0;
  return [...boxesIn(head)].flatMap(({ type, bytes, body }) => {
    end += bytes.length;
    if (type !== 'sidx') return [];
    let at = end + Number(body.readBigUInt64BE(20)) - head.length;
    let start = Number(body.readBigUInt64BE(12));
    const references = Array.from({ length: body.readUInt16BE(30) }, (_, n) => {
      const [size, duration, access] = [0, 4, 8].map((field) => body.readUInt32BE(32 + n * 12 + field)) as [
        number,
        number,
        number,
      ];
      const reference = { at, size, start, duration, access };
      at += size;
      start += duration;
      return reference;
    });
    return [{ id: body.readUInt32BE(4), timescale: body.readUInt32BE(8), references }];
  });
}

it('fills exactly the room there is, with boxes alone', () => {
  for (const count of [1, 7, 300]) {
    const head = headOf(INIT, seconds(count), SIZE);
    expect(head.length).toBe(SIZE);
    const boxes = [...boxesIn(head)];
    expect(boxes.map(({ type }) => type)).toEqual(['ftyp', 'moov', 'free', 'sidx', 'sidx']);
    expect(boxes.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(SIZE);
  }
});

it('says for each track where each fragment lies and when it begins', () => {
  const [video, audio] = indexes(headOf(INIT, seconds(3), SIZE));
  expect(video).toEqual({
    ...VIDEO,
    references: [
      { at: 0, size: 1000, start: 0, duration: 90_000, access: 0x8000_0000 },
      { at: 1000, size: 1001, start: 90_000, duration: 90_000, access: 0x8000_0000 },
      { at: 2001, size: 1002, start: 180_000, duration: 90_000, access: 0x8000_0000 },
    ],
  });
  expect(audio).toMatchObject(AUDIO);
  expect(audio?.references.map(({ at, start, duration }) => [at, start, duration])).toEqual([
    [0, 320, 16_000],
    [1000, 16_320, 16_000],
    [2001, 32_320, 16_000],
  ]);
});

it('lasts to where the next reference begins, a gap included', () => {
  const [first, second] = seconds(2);
  const late = { size: 50, tracks: [{ id: 1, start: 900_000, duration: 90_000, key: true }] };
  const [video] = indexes(headOf(INIT, [first as Fragment, second as Fragment, late], SIZE));
  expect(video?.references.map(({ duration }) => duration)).toEqual([90_000, 810_000, 90_000]);
});

it('refers to several fragments at once where there is no room for each', () => {
  const fragments = seconds(5000);
  const head = headOf(INIT, fragments, SIZE);
  expect(head.length).toBe(SIZE);
  const total = fragments.reduce((sum, { size }) => sum + size, 0);
  for (const { references } of indexes(head)) {
    expect(references.length).toBe(2500);
    const last = references.at(-1);
    expect(references[0]?.at).toBe(0);
    expect((last?.at ?? 0) + (last?.size ?? 0)).toBe(total);
    expect(references[7]).toMatchObject({
      at: fragments.slice(0, 14).reduce((sum, { size }) => sum + size, 0),
    });
  }
  expect(indexes(head)[0]?.references[7]).toMatchObject({ start: 14 * 90_000, duration: 180_000 });
});

it('enters a track where it can be entered only', () => {
  const sound = (n: number) => ({ id: 2, start: n * 16_000, duration: 16_000, key: true });
  const pictures = (n: number, key: boolean) => ({ id: 1, start: n * 90_000, duration: 90_000, key });
  const fragments: Fragment[] = [
    { size: 10, tracks: [sound(0)] },
    { size: 20, tracks: [pictures(1, true), sound(1)] },
    { size: 30, tracks: [pictures(2, false), sound(2)] },
    { size: 40, tracks: [sound(3)] },
    { size: 50, tracks: [pictures(4, true), sound(4)] },
    { size: 60, tracks: [pictures(5, false)] },
  ];
  const [video, audio] = indexes(headOf(INIT, fragments, SIZE));
  expect(video?.references.map(({ at, size, start, duration }) => [at, size, start, duration])).toEqual([
    [10, 90, 90_000, 270_000],
    [100, 110, 360_000, 180_000],
  ]);
  expect(audio?.references.map(({ at, size, duration }) => [at, size, duration])).toEqual([
    ...[
      [0, 10, 16_000],
      [10, 20, 16_000],
      [30, 30, 16_000],
      [60, 40, 16_000],
    ],
    [100, 110, 16_000],
  ]);
});

it('tells the duration of all fragments, and has no index of a track without any', () => {
  const late = { size: 5, tracks: [{ id: 2, start: 40_000, duration: 1024, key: true }] };
  const head = headOf(INIT, [late], SIZE);
  const moov = find(head, ['moov']) as Buffer;
  expect(find(moov, ['mvex', 'mehd'])?.readUInt32BE(4)).toBe(Math.round((41_024 / 16_000) * 1000));
  expect([...boxesIn(find(moov, ['mvex']) as Buffer)].map(({ type }) => type)).toEqual([
    'mehd',
    'trex',
    'trex',
  ]);
  expect(indexes(head)).toMatchObject([
    { id: 2, references: [{ at: 0, size: 5, start: 40_000, duration: 1024 }] },
  ]);
});

it('refuses a room that is too small', () => {
  const [ftyp, moov] = boxesIn(headOf(INIT, seconds(1), SIZE));
  const smallest = (ftyp?.bytes.length ?? 0) + (moov?.bytes.length ?? 0) + 2 * (40 + 12) + 8;
  expect(headOf(INIT, seconds(9), smallest).length).toBe(smallest);
  expect(() => headOf(INIT, seconds(9), smallest - 1)).toThrow(
    expect.objectContaining({ code: 'CA_CLIP_FAILED' }),
  );
});
