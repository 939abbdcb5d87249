import fc from 'fast-check';
import { expect, it } from 'vitest';
import { continued, picture, sound, table } from '../../test/stand-ins/transport-stream.ts';
import { PACKET } from './ts-packet.ts';
import { TsTrimmer } from './ts-trim.ts';

/** The letters that fill the packets of `bytes`. */
function namesIn(bytes: Buffer): string {
  const packets = Array.from({ length: bytes.length / PACKET }, (_, n) => bytes[(n + 1) * PACKET - 1] ?? 0);
  return String.fromCharCode(...packets);
}

function trimmed(range: { from: number; to: number }, ...units: Buffer[]): string {
  return namesIn(new TsTrimmer(range).push(Buffer.concat(units)));
}

const key = (at: number, name: string, packets = 1) => picture({ at, key: true, packets }, name);

it('begins with the key picture that was asked for, and leaves out whole what is before', () => {
  const kept = trimmed(
    { from: 11, to: 20 },
    ...[
      table(),
      key(10, 'a', 3),
      sound({ at: 10.99, packets: 2 }, 'b'),
      picture({ at: 10.5, packets: 2 }, 'c'),
    ],
    ...[table(), key(11, 'D', 3), sound({ at: 11, packets: 2 }, 'E'), picture({ at: 11.5, packets: 2 }, 'F')],
  );
  expect(kept).toBe('ttDDDEEFF');
});

it('forgives a millisecond, not two', () => {
  expect(trimmed({ from: 11, to: 20 }, key(10.9992, 'A'))).toBe('A');
  expect(trimmed({ from: 11, to: 20 }, key(10.998, 'a'))).toBe('');
});

it('waits for the next key picture where the one asked for is missing, with the sound going on', () => {
  const kept = trimmed(
    { from: 11, to: 20 },
    ...[
      picture({ at: 11 }, 'a'),
      sound({ at: 11 }, 'B'),
      picture({ at: 11.5 }, 'c'),
      key(12, 'D'),
      picture({ at: 12.5 }, 'E'),
    ],
  );
  expect(kept).toBe('BDE');
});

it('ends with the last picture at the end, and the last sound that begins before it', () => {
  const kept = trimmed(
    { from: 10, to: 11 },
    ...[key(10, 'A'), sound({ at: 10.9 }, 'B'), picture({ at: 11, packets: 2 }, 'C')],
    ...[sound({ at: 11, packets: 2 }, 'd'), picture({ at: 11.07, packets: 3 }, 'e'), key(12, 'f'), table()],
  );
  expect(kept).toBe('ABCCt');
});

it('ends by when pictures are decoded: what a picture is made from stays with it', () => {
  // Shown I B P: the P at 11.1 is decoded before the B at 11, which is made from it.
  const kept = trimmed(
    { from: 10, to: 11 },
    ...[picture({ at: 10.9, decoded: 10.8, key: true }, 'I'), picture({ at: 11.1, decoded: 10.9 }, 'P')],
    ...[picture({ at: 11, decoded: 11 }, 'B'), picture({ at: 11.3, decoded: 11.1 }, 'p')],
  );
  expect(kept).toBe('IPB');
});

it('leaves out pictures shown before the key picture that they follow: they are made from one that is not there', () => {
  const leading = [
    picture({ at: 12, decoded: 11.9, key: true }, 'I'),
    picture({ at: 11.9, decoded: 11.95 }, 'b'),
    picture({ at: 12.2, decoded: 12 }, 'P'),
    picture({ at: 12.1, decoded: 12.1 }, 'B'),
  ];
  expect(trimmed({ from: 12, to: 20 }, ...leading)).toBe('IPB');
  const later = [picture({ at: 11, key: true }, 'K'), ...leading];
  expect(trimmed({ from: 11, to: 20 }, ...later)).toBe('KIbPB');
});

it('lets what has no stamp of its own go with what was before', () => {
  const bare = (name: string) => {
    const bytes = picture({ at: 50 }, name);
    // The flags that say which stamps follow (2.4.3.7).
    bytes.writeUInt8(0, 4 + 7);
    return bytes;
  };
  const kept = trimmed({ from: 11, to: 20 }, bare('a'), key(10, 'b'), bare('c'), key(11, 'D'), bare('E'));
  expect(kept).toBe('DE');
});

it('remembers over pushes what packets belong to', () => {
  const trimmer = new TsTrimmer({ from: 11, to: 20 });
  expect(namesIn(trimmer.push(Buffer.concat([key(10, 'a'), continued('b')])))).toBe('');
  expect(namesIn(trimmer.push(continued('c')))).toBe('');
  expect(namesIn(trimmer.push(key(11, 'D')))).toBe('D');
  expect(namesIn(trimmer.push(Buffer.concat([continued('E'), picture({ at: 11.1 }, 'F')])))).toBe('EF');
});

it('lets the end be moved; after pictures were left out they go on at a key picture', () => {
  const trimmer = new TsTrimmer({ from: 10, to: Number.POSITIVE_INFINITY });
  expect(namesIn(trimmer.push(Buffer.concat([key(10, 'A'), picture({ at: 50 }, 'B')])))).toBe('AB');
  trimmer.setEnd(60);
  expect(namesIn(trimmer.push(Buffer.concat([picture({ at: 60 }, 'C'), picture({ at: 61 }, 'd')])))).toBe(
    'C',
  );
  trimmer.setEnd(70);
  expect(namesIn(trimmer.push(Buffer.concat([picture({ at: 62 }, 'e'), key(63, 'F')])))).toBe('F');
});

it('lets the sound have an end of its own, and tells what came last', () => {
  const trimmer = new TsTrimmer({ from: 10, to: 20 });
  expect(trimmer.last).toEqual({ picture: null, sound: null });
  trimmer.setEnd(10.5, 10.8);
  const units = [
    key(10, 'A'),
    sound({ at: 10.7 }, 'B'),
    picture({ at: 10.5 }, 'C'),
    sound({ at: 10.8 }, 'd'),
  ];
  expect(namesIn(trimmer.push(Buffer.concat([...units, picture({ at: 10.6 }, 'e')])))).toBe('ABC');
  expect(trimmer.last).toEqual({ picture: expect.closeTo(10.5, 4), sound: expect.closeTo(10.7, 4) });
});

it('gives back what is kept whole as it is, without a copy', () => {
  const segment = Buffer.concat([
    table(),
    key(10, 'A', 3),
    sound({ at: 10 }, 'B'),
    picture({ at: 10.1 }, 'C'),
  ]);
  expect(new TsTrimmer({ from: 10, to: 20 }).push(segment)).toBe(segment);
  const rest = new TsTrimmer({ from: 10, to: 10.05 }).push(segment);
  expect(rest.buffer).toBe(segment.buffer);
  expect(namesIn(rest)).toBe('tAAAB');
});

it('leaves out a packet that is torn, with the picture that it belongs to', () => {
  const before = Buffer.concat([
    key(10, 'A'),
    sound({ at: 10 }, 'B'),
    picture({ at: 10.1, packets: 3 }, 'c'),
  ]);
  const end = before.length;
  expect(trimmed({ from: 10, to: 20 }, before)).toBe('ABccc');
  for (const torn of [end - 1, end - PACKET + 1, end - PACKET - 100]) {
    expect(trimmed({ from: 10, to: 20 }, before.subarray(0, torn)), `${torn} bytes`).toBe('AB');
  }
  // What was before the next one began is whole.
  const next = Buffer.concat([before, picture({ at: 10.2 }, 'd')]);
  expect(trimmed({ from: 10, to: 20 }, next.subarray(0, end + 100))).toBe('ABccc');
});

it('keeps no packet of which it does not know what it carries on, and none out of step', () => {
  expect(trimmed({ from: 10, to: 20 }, continued('a'), table(), continued('b'))).toBe('t');
  const lost = key(10, 'a');
  lost.writeUInt8(0x48, 0);
  expect(trimmed({ from: 10, to: 20 }, key(10, 'A'), lost, continued('B'))).toBe('AB');
});

it('keeps and leaves out the same, however the stream is cut into pushes', () => {
  const units = fc.record({
    at: fc.integer({ min: 0, max: 40 }),
    key: fc.boolean(),
    packets: fc.integer({ min: 1, max: 4 }),
  });
  const stream = fc.array(fc.tuple(fc.boolean(), units), { maxLength: 40 });
  const range = fc.record({ from: fc.integer({ min: 0, max: 20 }), to: fc.integer({ min: 0, max: 40 }) });
  fc.assert(
    fc.property(stream, range, fc.integer({ min: 1, max: 9 }), (parts, range, step) => {
      const bytes = Buffer.concat(parts.map(([seen, unit]) => (seen ? picture(unit) : sound(unit))));
      const trimmer = new TsTrimmer(range);
      const pieces = [];
      for (let at = 0; at < bytes.length; at += step * PACKET)
        pieces.push(trimmer.push(bytes.subarray(at, at + step * PACKET)));
      expect(Buffer.concat(pieces).equals(new TsTrimmer(range).push(bytes))).toBe(true);
    }),
  );
});
