import { expect, it } from 'vitest';
import { indexOf, MPEGTS_SHIFT } from './ts-index.ts';

/** One packet that begins a picture or a piece of sound at `seconds`. */
function packet(stream: number, seconds: number, isKey = false): Buffer {
  const bytes = Buffer.alloc(188, 0xff);
  const stamp = Math.round((seconds + MPEGTS_SHIFT) * 90_000);
  const high = Math.floor(stamp / 2 ** 30);
  const time = [
    0x21 | (high << 1),
    (stamp >> 22) & 0xff,
    ((stamp >> 14) & 0xfe) | 1,
    (stamp >> 7) & 0xff,
    ((stamp << 1) & 0xfe) | 1,
  ];
  const adaptation = isKey ? [1, 0x40] : [];
  const header = [0x47, 0x41, stream === 0xe0 ? 0 : 1, isKey ? 0x30 : 0x10];
  bytes.set([...header, ...adaptation, 0, 0, 1, stream, 0, 0, 0x80, 0x80, 5, ...time]);
  return bytes;
}

const CONTINUED = Buffer.alloc(188, 0x47).fill(0, 1);

it('reads the first and last moment of each stream, and the key pictures', () => {
  const index = indexOf(
    Buffer.concat([
      packet(0xe0, 10, true),
      CONTINUED,
      packet(0xc0, 9.9),
      packet(0xe0, 10.2),
      packet(0xe0, 10.1),
      packet(0xc0, 10.5),
      packet(0xe0, 11, true),
    ]),
  );
  expect(index.video?.keys.map((key) => key.toFixed(3))).toEqual(['10.000', '11.000']);
  expect(index.video?.first).toBeCloseTo(10, 4);
  expect(index.video?.last).toBeCloseTo(11, 4);
  expect(index.audio?.first).toBeCloseTo(9.9, 4);
  expect(index.audio?.last).toBeCloseTo(10.5, 4);
});

it('reads stamps of more than 32 bits', () => {
  expect(indexOf(packet(0xe0, 80_000)).video?.first).toBeCloseTo(80_000, 3);
});

it('leaves out a packet that is still being written', () => {
  expect(indexOf(packet(0xe0, 1).subarray(0, 187))).toEqual({ video: null, audio: null });
});
