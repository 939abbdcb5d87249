import { type Found, type Framing, marked } from '../serial/frame-parser.ts';
import { type Answer, LONGEST_ANSWER, readAnswer } from '../serial/radar-commands.ts';

/** What an LD2410 reports about ten times a second. Distances in cm, energies from 0 to 100. Layout: README.md. */
export interface Report {
  readonly kind: 'reading';
  /** Somebody moves, or sits or stands still, within the farthest gates. */
  readonly present: boolean;
  readonly moving: boolean;
  readonly movingAt: number;
  readonly movingEnergy: number;
  readonly still: boolean;
  readonly stillAt: number;
  readonly stillEnergy: number;
  readonly detectedAt: number;
  /** It also sent the energy of each gate, which is not read: nothing here needs it. */
  readonly engineering: boolean;
}

const HEAD = Buffer.from('f4f3f2f1', 'hex');
const TAIL = Buffer.from('f8f7f6f5', 'hex');
/** Last bytes of what stands between length and end. */
const CHECK = 0x0055;
const BASIC = 13;
/** 8 gates, the most there are: 2 × 9 energies, 2 numbers of gates, light and OUT more than a basic one. */
const ENGINEERING = BASIC + 22;
/** Beyond what it can see: 8 gates of 75 cm behind the first. cm */
const FARTHEST = 1_000;

export const framing: Framing<Report | Answer> = {
  longest: LONGEST_ANSWER,
  read: (bytes, from) => (bytes[from] === HEAD[0] ? readReport(bytes, from) : readAnswer(bytes, from)),
};

function readReport(bytes: Buffer, from: number): Found<Report> {
  const head = marked(bytes, from, HEAD);
  if (head === false) return 'stray';
  if (head === 'unfinished' || bytes.length < from + 6) return 'unfinished';
  const body = bytes.readUInt16LE(from + 4);
  if (body < BASIC || body > ENGINEERING) return 'broken';
  const tail = marked(bytes, from + 6 + body, TAIL);
  if (tail !== true) return tail === false ? 'broken' : 'unfinished';
  const type = bytes[from + 6];
  const state = bytes[from + 8] ?? 0;
  const valid =
    (type === 0x02 ? body === BASIC : type === 0x01) &&
    bytes[from + 7] === 0xaa &&
    bytes.readUInt16LE(from + 4 + body) === CHECK &&
    // 4 to 6 are its own measuring of noise, of newer firmware: nothing about people.
    state <= 3;
  if (!valid) return 'broken';
  const report: Report = {
    kind: 'reading',
    present: state !== 0,
    moving: (state & 1) !== 0,
    movingAt: bytes.readUInt16LE(from + 9),
    movingEnergy: bytes[from + 11] ?? 0,
    still: (state & 2) !== 0,
    stillAt: bytes.readUInt16LE(from + 12),
    stillEnergy: bytes[from + 14] ?? 0,
    detectedAt: bytes.readUInt16LE(from + 15),
    engineering: type === 0x01,
  };
  // It has no checksum: what cannot be is all that tells a damaged report.
  const possible =
    Math.max(report.movingAt, report.stillAt, report.detectedAt) <= FARTHEST &&
    Math.max(report.movingEnergy, report.stillEnergy) <= 100;
  return possible ? { frame: report, length: 10 + body } : 'broken';
}
