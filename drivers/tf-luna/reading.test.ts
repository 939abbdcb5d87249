import { expect, test } from 'vitest';
import { FrameParser } from '../serial/frame-parser.ts';
import { framing, type Reading } from './reading.ts';

const window = { near: 200, far: 1_200 };
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const parse = (hex: string) => new FrameParser(framing(window)).push(bytes(hex));

/** A frame whose sum is right. */
function frame(distance: number, strength: number): string {
  const made = Buffer.from([0x59, 0x59, 0, 0, 0, 0, 0x30, 0x09, 0]);
  made.writeUInt16LE(distance, 2);
  made.writeUInt16LE(strength, 4);
  made[8] = made.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return made.toString('hex');
}

test('distance and strength', () => {
  expect(parse('59597800dc05300944')).toEqual([
    { kind: 'reading', present: true, distance: 120, strength: 1_500 },
  ]);
  expect(parse('595900002a00300915')).toEqual([
    { kind: 'reading', present: false, distance: 0, strength: 42 },
  ]);
});

test.each([
  ['nearer', 19, 500, false],
  ['nearest', 20, 500, true],
  ['farthest', 120, 500, true],
  ['farther', 121, 500, false],
  ['a weak echo', 60, 99, false],
  ['an echo just strong enough', 60, 100, true],
  ['no distance', 0, 500, false],
  ['dazzled', 60, 0xffff, null],
  ['a TFmini that is dazzled', 0xfffe, 500, null],
  ['a TFmini in the sun', 0xfffc, 500, null],
  ['a TFmini that sees nothing', 0xffff, 10, false],
])('%s', (_, distance, strength, present) => {
  expect(parse(frame(distance, strength))).toMatchObject([{ present }]);
});

test('0x59 everywhere: the sum finds the frame', () => {
  const adversarial = '595959595959c808e6';
  const reading = { distance: 0x5959, strength: 0x5959 };
  for (const before of ['', '59', '5959', '595959', '59595959595959595959'])
    expect(parse(before + adversarial + frame(60, 500))).toMatchObject([reading, { distance: 60 }]);
});

test('entered in the middle at 89 cm, which looks like a head: soon in step, and then it stays', () => {
  const stream = Buffer.concat(Array.from({ length: 50 }, (_, n) => bytes(frame(0x59, 900 + n * 7))));
  for (let cut = 1; cut < 9; cut++) {
    const readings = new FrameParser(framing(window)).push(stream.subarray(cut)) as Reading[];
    const first = readings.findIndex(({ distance }) => distance === 89);
    expect(first).toBeLessThan(3);
    expect(readings.slice(first).every(({ distance }) => distance === 89)).toBe(true);
    expect(readings.length - first).toBeGreaterThan(45);
  }
});

test('a wrong sum is no reading', () => {
  const parser = new FrameParser(framing(window));
  expect(parser.push(bytes(`59597800dc05300945${frame(60, 500)}`))).toHaveLength(1);
  expect(parser.counts).toEqual({ frames: 1, broken: 1, strayBytes: 9 });
});
