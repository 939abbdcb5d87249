import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CaError } from '../../device/errors.ts';
import { FrameParser } from './frame-parser.ts';
import { commandFrame } from './radar-commands.ts';
import { type SensorConfig, sensorKind } from './sensors.ts';

/** What holds for the frames of every sensor, whatever comes. Examples of each stand beside its parser. */

const at = { port: '/dev/null', baud: 9_600 };
const zone = { left: -600, right: 600, near: 200, far: 1_500 };
const window = { near: 200, far: 1_200 };

function ld2410Report(state: number, moving: number, energy: number): Buffer {
  const report = Buffer.from('f4f3f2f10d0002aa00000000000000000055 00f8f7f6f5'.replace(' ', ''), 'hex');
  report[8] = state;
  report.writeUInt16LE(moving, 9);
  report[14] = energy;
  return report;
}
function ld2450Report(x: number, y: number): Buffer {
  const report = Buffer.alloc(30);
  report.set([0xaa, 0xff, 3, 0]);
  report.set([0x55, 0xcc], 28);
  report.writeUInt16LE(x < 0 ? -x : x | 0x8000, 4);
  report.writeUInt16LE(y | 0x8000, 6);
  return report;
}
function tfLunaFrame(distance: number, strength: number): Buffer {
  const frame = Buffer.from([0x59, 0x59, 0, 0, 0, 0, 0x30, 9, 0]);
  frame.writeUInt16LE(distance, 2);
  frame.writeUInt16LE(strength, 4);
  frame[8] = frame.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return frame;
}
const answer = fc
  .tuple(fc.integer({ min: 0, max: 0xff }), fc.uint8Array({ maxLength: 30 }))
  .map(([command, value]) => commandFrame(command | 0x100, Buffer.concat([Buffer.alloc(2), value])));

/** `frames`: valid ones. `garbage`: bytes that no frame begins with. */
const KINDS: { config: SensorConfig; frames: fc.Arbitrary<Buffer>; heads: number[] }[] = [
  {
    config: { driver: 'ld2410', range: 1_500, ...at },
    frames: fc.oneof(
      fc.tuple(fc.nat(3), fc.nat(675), fc.nat(100)).map((values) => ld2410Report(...values)),
      answer,
    ),
    heads: [0xf4, 0xfd],
  },
  {
    config: { driver: 'ld2450', zone, ...at },
    frames: fc.oneof(
      fc
        .tuple(fc.integer({ min: -6_000, max: 6_000 }), fc.nat(6_000))
        .map((values) => ld2450Report(...values)),
      answer,
    ),
    heads: [0xaa, 0xfd],
  },
  {
    config: { driver: 'tf-luna', ...window, ...at },
    frames: fc.tuple(fc.nat(0xffff), fc.nat(0xffff)).map((values) => tfLunaFrame(...values)),
    heads: [0x59],
  },
  {
    config: { driver: 'maxbotix', unit: 'mm', ...window, ...at },
    frames: fc.nat(9_999).map((mm) => Buffer.from(`R${String(mm).padStart(4, '0')}\r`)),
    heads: [0x52],
  },
];

function pieces(bytes: Buffer, sizes: number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let from = 0, n = 0; from < bytes.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    cut.push(bytes.subarray(from, from + size));
    from += size;
  }
  return cut;
}
const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });

describe.each(KINDS)('$config.driver', ({ config, frames, heads }) => {
  const { framing } = sensorKind(config);
  const alone = (frame: Buffer) => new FrameParser(framing).push(frame);
  const garbage = fc
    .uint8Array({ maxLength: 100 })
    .map((bytes) => Buffer.from(bytes.filter((byte) => !heads.includes(byte))));

  test('every split of the stream gives the same frames, garbage between them or not', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(garbage, frames), { maxLength: 20 }), sizes, (script, split) => {
        const parser = new FrameParser(framing);
        const found = pieces(Buffer.concat(script.flat()), split).flatMap((bytes) => parser.push(bytes));
        expect(found).toEqual(script.flatMap(([, frame]) => alone(frame)));
        expect(found).toHaveLength(script.length);
        const noise = script.reduce((sum, [bytes]) => sum + bytes.length, 0);
        expect(parser.counts).toEqual({ frames: script.length, broken: 0, strayBytes: noise });
      }),
    );
  });

  // Not for 8 bits of sum: a frame cut short and the beginning of the next fit by chance, once in 256.
  if (config.driver !== 'tf-luna')
    test('a frame that follows one cut short is found', () => {
      fc.assert(
        fc.property(frames, fc.integer({ min: 1, max: 8 }), frames, (cut, missing, whole) => {
          const begun = cut.subarray(0, Math.max(1, cut.length - missing));
          const found = new FrameParser(framing).push(Buffer.concat([begun, whole]));
          expect(found.at(-1)).toEqual(alone(whole)[0]);
        }),
      );
    });

  test('whatever comes, nothing throws, little is kept, and every byte is accounted for', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      frames,
      frames.map((frame) => frame.subarray(0, frame.length >> 1)),
      fc.array(fc.constantFrom(...heads), { maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 30 }), sizes, (chunks, split) => {
        const parser = new FrameParser(framing);
        const all = Buffer.concat(chunks);
        for (const bytes of pieces(all, split)) {
          parser.push(bytes);
          expect(parser.waiting).toBeLessThan(framing.longest);
        }
        const { frames: valid, strayBytes } = parser.counts;
        expect(strayBytes + parser.waiting).toBeLessThanOrEqual(all.length);
        if (valid === 0) expect(strayBytes + parser.waiting).toBe(all.length);
      }),
    );
  });

  test('a flood of what frames begin with is not kept', () => {
    const parser = new FrameParser(framing);
    for (const byte of heads) {
      for (let n = 0; n < 16; n++) parser.push(Buffer.alloc(64 << 10, byte));
      expect(parser.waiting).toBeLessThan(framing.longest);
    }
  });
});

test('an unfinished frame is forgotten by reset', () => {
  const parser = new FrameParser(sensorKind({ driver: 'maxbotix', unit: 'mm', ...window, ...at }).framing);
  parser.push(Buffer.from('R04'));
  parser.reset();
  expect(parser.push(Buffer.from('80\r'))).toEqual([]);
});

test.each([
  [750, 1],
  [1_500, 2],
  [1_800, 2],
  [1_900, 3],
  [6_000, 8],
])('a range of %i mm: %i gates of an LD2410', async (range, gates) => {
  const values: Buffer[] = [];
  const radar = {
    ask: async (command: number, value = Buffer.alloc(0)) => {
      if (command === 0x60) values.push(value);
      return Buffer.from(`aa080808${'14'.repeat(18)}0500`, 'hex');
    },
    first: () => values.length === 0,
    configure: async (work: () => Promise<unknown>) => void (await work()),
    tell: () => {},
    refused: (what: string) => new CaError('CA_SENSOR_REFUSED', what),
  };
  await sensorKind({ driver: 'ld2410', range, ...at })
    .setUp?.(radar)
    .catch(() => {});
  expect(values.map((value) => [value[2], value[8]])).toEqual([[gates, gates]]);
});
