import { expect, test } from 'vitest';
import { FrameParser } from '../serial/frame-parser.ts';
import { framing } from './reading.ts';

const window = { near: 300, far: 1_200 };
const parse = (text: string, unit: 'mm' | 'cm' | 'in' = 'mm') =>
  new FrameParser(framing(unit, window)).push(Buffer.from(text, 'latin1'));

test.each([
  ['R0480\r', 'mm', 480, true],
  ['R0480 \r', 'mm', 480, true],
  ['R0299\r', 'mm', 299, false],
  ['R0300\r', 'mm', 300, true],
  ['R1200\r', 'mm', 1_200, true],
  ['R1201\r', 'mm', 1_201, false],
  // Nothing in sight of a HRLV.
  ['R5000\r', 'mm', 5_000, false],
  ['R120\r', 'cm', 1_200, true],
  ['R765\r', 'cm', 7_650, false],
  ['R012\r', 'in', 304.8, true],
  ['R254\r', 'in', 6_451.6, false],
] as const)('%j in %s', (text, unit, distance, present) => {
  expect(parse(text, unit)).toEqual([
    { kind: 'reading', present, distance: expect.closeTo(distance, 6) as number },
  ]);
});

test.each([
  // As many digits as another unit has: it is set up for another model.
  ['R048\r', 'mm'],
  ['R0480\r', 'cm'],
  ['R04 0\r', 'mm'],
  ['R0480\n', 'mm'],
  ['R0480  \r', 'mm'],
  ['r0480\r', 'mm'],
  // What it says of itself when it is switched on.
  ['HRXL-MaxSonar-WR\rPN:MB7360\rCopyright 2011-2013\rMaxBotix Inc.\rRoHS 1.8b090  0713\r', 'mm'],
] as const)('%j is no reading in %s', (text, unit) => {
  const parser = new FrameParser(framing(unit, window));
  expect(parser.push(Buffer.from(text))).toEqual([]);
  const next = unit === 'mm' ? 'R0480\r' : 'R048\r';
  expect(parser.push(Buffer.from(next))).toMatchObject([{ distance: 480 }]);
});
