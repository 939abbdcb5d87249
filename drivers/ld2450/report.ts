import { type Found, type Framing, marked } from '../serial/frame-parser.ts';
import { type Answer, LONGEST_ANSWER, readAnswer } from '../serial/radar-commands.ts';

/** Where somebody is, in millimetres: x to the right as the sensor looks, y away from it. */
export interface Target {
  readonly x: number;
  readonly y: number;
}

/** What an LD2450 or RD-03D reports about ten times a second. Layout: README.md. */
export interface Report {
  readonly kind: 'reading';
  /** One of the targets is in the zone. */
  readonly present: boolean;
  /** Up to three. */
  readonly targets: readonly Target[];
}

/** Edges in millimetres, which belong to it. */
export interface Zone {
  readonly left: number;
  readonly right: number;
  readonly near: number;
  readonly far: number;
}

const HEAD = Buffer.from('aaff0300', 'hex');
const TAIL = Buffer.from('55cc', 'hex');
const TARGETS = 3;
const TARGET = 8;
const LENGTH = HEAD.length + TARGETS * TARGET + TAIL.length;
/** Both see 6 to 8 m. There is no checksum: what cannot be is all that tells a damaged report. mm */
const FARTHEST = 10_000;

export const framing = (zone: Zone): Framing<Report | Answer> => ({
  longest: LONGEST_ANSWER,
  read: (bytes, from) => (bytes[from] === HEAD[0] ? readReport(bytes, from, zone) : readAnswer(bytes, from)),
});

function readReport(bytes: Buffer, from: number, zone: Zone): Found<Report> {
  const head = marked(bytes, from, HEAD);
  if (head === false) return 'stray';
  if (head === 'unfinished' || bytes.length < from + LENGTH) return 'unfinished';
  if (marked(bytes, from + LENGTH - TAIL.length, TAIL) !== true) return 'broken';
  const targets: Target[] = [];
  for (let n = 0; n < TARGETS; n++) {
    const at = from + HEAD.length + n * TARGET;
    const [x, y] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    if (x === 0 && y === 0) continue;
    targets.push({ x: signed(x), y: signed(y) });
  }
  if (targets.some(({ x, y }) => Math.abs(x) > FARTHEST || Math.abs(y) > FARTHEST)) return 'broken';
  const present = targets.some((target) => inside(zone, target));
  return { frame: { kind: 'reading', present, targets }, length: LENGTH };
}

/** Bit 15 set is plus: neither two's complement nor the usual sign and magnitude. */
function signed(word: number): number {
  const magnitude = word & 0x7fff;
  return (word & 0x8000) !== 0 || magnitude === 0 ? magnitude : -magnitude;
}

function inside({ left, right, near, far }: Zone, { x, y }: Target): boolean {
  return x >= left && x <= right && y >= near && y <= far;
}
