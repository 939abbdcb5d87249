import { expect, test } from 'vitest';
import { FrameParser } from '../serial/frame-parser.ts';
import { framing, type Report } from './report.ts';

const zone = { left: -600, right: 600, near: 200, far: 1_500 };
const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const NOBODY = '0000000000000000';

function parse(targets: string[], within = zone) {
  const body = [...targets, NOBODY, NOBODY, NOBODY].slice(0, 3).join('');
  return new FrameParser(framing(within)).push(bytes(`AAFF0300${body}55CC`)) as Report[];
}

test("the vendor's example: bit 15 set is plus, clear is minus", () => {
  const [report] = parse(['0E03B18610004001'], { left: -800, right: 0, near: 1_700, far: 1_720 });
  expect(report).toEqual({ kind: 'reading', present: true, targets: [{ x: -782, y: 1_713 }] });
});

test('nobody; and one of three is enough', () => {
  expect(parse([])).toEqual([{ kind: 'reading', present: false, targets: [] }]);
  // x 100, y 1000 is in the zone, y 3000 is not.
  const [near, far] = ['6480E88300000000', '6480B88B00000000'];
  expect(parse([far, far])).toMatchObject([{ present: false }]);
  expect(parse([far, far, near])).toMatchObject([{ present: true }]);
});

test.each([
  ['left edge', -600, 1_000, true],
  ['beyond it', -601, 1_000, false],
  ['right edge', 600, 1_000, true],
  ['beyond it', 601, 1_000, false],
  ['nearest', 0, 200, true],
  ['nearer', 0, 199, false],
  ['farthest', 0, 1_500, true],
  ['farther', 0, 1_501, false],
  ['behind the sensor', 0, -1_000, false],
])('%s: %i, %i', (_, x, y, present) => {
  const target = Buffer.alloc(8);
  target.writeUInt16LE(x < 0 ? -x : x | 0x8000, 0);
  target.writeUInt16LE(y < 0 ? -y : y | 0x8000, 2);
  expect(parse([target.toString('hex')])).toMatchObject([{ present, targets: [{ x, y }] }]);
});

test('what it cannot see is a damaged report', () => {
  // 10 001 mm, to the right, to the left, and away.
  for (const target of ['11A7E88300000000', '1127E88300000000', '648011A700000000'])
    expect(parse([target])).toEqual([]);
});
