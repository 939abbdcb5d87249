import { expect, test } from 'vitest';
import { FrameParser } from '../serial/frame-parser.ts';
import { framing } from './report.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const parse = (hex: string) => new FrameParser(framing).push(bytes(hex));

// Both are examples of the vendor's document V1.06, 2.3.2.
const BASIC = 'F4F3F2F1 0D00 02AA 02 5100 00 0000 3B 0000 5500 F8F7F6F5';
const ENGINEERING =
  'F4F3F2F1 2300 01AA 03 1E00 3C 0000 39 0000 08 08 3C2205030304030605 000039101306060804 6001 5500 F8F7F6F5';

test('a basic report', () => {
  expect(parse(BASIC)).toEqual([
    {
      kind: 'reading',
      present: true,
      moving: false,
      movingAt: 81,
      movingEnergy: 0,
      still: true,
      stillAt: 0,
      stillEnergy: 59,
      detectedAt: 0,
      engineering: false,
    },
  ]);
});

test('a report of the engineering mode; that of the older document too', () => {
  const older = ENGINEERING.replace('6001', '0305');
  for (const text of [ENGINEERING, older])
    expect(parse(text)).toMatchObject([
      {
        present: true,
        moving: true,
        movingAt: 30,
        movingEnergy: 60,
        still: true,
        stillEnergy: 57,
        engineering: true,
      },
    ]);
});

test.each([
  ['00', false],
  ['01', true],
  ['02', true],
  ['03', true],
])('state %s: present %s', (state, present) => {
  expect(parse(BASIC.replace('02AA 02', `02AA ${state}`))).toMatchObject([{ present }]);
});

test.each([
  ['a state there is none of', '02AA 02', '02AA 04'],
  ['another type', '02AA', '03AA'],
  ['no AA', '02AA', '02AB'],
  ['no 55', '5500 F8', '5400 F8'],
  ['a check that is not 0', '5500 F8', '5501 F8'],
  ['another end', 'F8F7F6F5', 'F8F7F6F4'],
  ['a length too small', '0D00', '0C00'],
  ['a length too big', '0D00', '0D01'],
  ['a length of another type', '0D00', '2300'],
  ['energy above 100', '3B', '65'],
  ['a distance beyond what it sees', '5100', 'E903'],
])('%s is no report', (_, from, to) => {
  const parser = new FrameParser(framing);
  // 64 bytes of nothing: whatever length it claims, it is decided.
  expect(parser.push(Buffer.concat([bytes(BASIC.replace(from, to)), Buffer.alloc(64)]))).toEqual([]);
  expect(parser.counts).toMatchObject({ frames: 0, broken: 1 });
  expect(parser.push(bytes(BASIC))).toHaveLength(1);
});

test('answers stand between reports', () => {
  const answer = 'FDFCFBFA 0800 FF01 0000 0100 4000 04030201';
  expect(parse(BASIC + answer + BASIC)).toMatchObject([
    { kind: 'reading' },
    { kind: 'answer', command: 0xff, ok: true, value: bytes('01004000') },
    { kind: 'reading' },
  ]);
});
