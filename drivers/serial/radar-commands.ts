import { type Found, marked } from './frame-parser.ts';

/**
 * Commands of the Hi-Link radars (LD2410B/C, LD2450) and of Ai-Thinker's RD-03D, and their answers:
 *
 *   FD FC FB FA | length u16 | command u16 | value          | 04 03 02 01
 *   FD FC FB FA | length u16 | command u16, bit 8 set | status u16, 0: done | value | 04 03 02 01
 *
 * Little-endian; `length` is of what stands between it and the end. Vendor's document "HLK-LD2410B serial communication
 * protocol" V1.06, tables 2 to 5.
 */
const HEAD = Buffer.from('fdfcfbfa', 'hex');
const TAIL = Buffer.from('04030201', 'hex');
const ANSWER = 0x0100;
/** A radar says at enabling that its buffer has 64 bytes (0x0040). */
const LONGEST_BODY = 64;

/** Bytes of the longest answer. */
export const LONGEST_ANSWER = HEAD.length + 2 + LONGEST_BODY + TAIL.length;

/** What a radar says to a command. */
export interface Answer {
  readonly kind: 'answer';
  readonly command: number;
  readonly ok: boolean;
  readonly value: Buffer;
}

/** Their command words, with the sections of the document above. */
export const COMMAND = {
  /** 2.2.1: every other one is heard only after this; reports stop. */
  enable: 0xff,
  /** 2.2.2: reports go on. */
  end: 0xfe,
  /** 2.2.3: farthest gates and no-one duration; kept without power. */
  setRange: 0x60,
  /** 2.2.4 */
  readParameters: 0x61,
  /** 2.2.6: volatile. */
  endEngineering: 0x63,
  /** 2.2.7: sensitivity of a gate, or of all; kept without power. */
  setSensitivity: 0x64,
  /** LD2450 and RD-03D: up to three targets. */
  multiTarget: 0x90,
  /** LD2450: 1 a single target, 2 several. */
  readTargetMode: 0x91,
  /** 2.2.11 */
  restart: 0xa3,
  /** 2.2.12: kept without power, valid after a restart. */
  setBluetooth: 0xa4,
  /** 2.2.13 */
  readMac: 0xa5,
  /** 2.2.16: kept without power, valid after a restart. */
  setResolution: 0xaa,
  /** 2.2.17: 0 for gates of 75 cm, 1 for 20 cm. */
  readResolution: 0xab,
} as const;

/** The bytes of a command. */
export function commandFrame(command: number, value: Buffer = Buffer.alloc(0)): Buffer {
  const words = Buffer.alloc(4);
  words.writeUInt16LE(2 + value.length, 0);
  words.writeUInt16LE(command, 2);
  return Buffer.concat([HEAD, words, value, TAIL]);
}

/** The answer that begins at `from`. */
export function readAnswer(bytes: Buffer, from: number): Found<Answer> {
  const head = marked(bytes, from, HEAD);
  if (head === false) return 'stray';
  if (head === 'unfinished' || bytes.length < from + 6) return 'unfinished';
  const body = bytes.readUInt16LE(from + 4);
  if (body < 4 || body > LONGEST_BODY) return 'broken';
  const tail = marked(bytes, from + 6 + body, TAIL);
  if (tail !== true) return tail === false ? 'broken' : 'unfinished';
  const word = bytes.readUInt16LE(from + 6);
  // Without bit 8 it is a command: somebody else's, or our own on a cable that echoes.
  if ((word & ANSWER) === 0) return 'broken';
  const ok = bytes.readUInt16LE(from + 8) === 0;
  const value = Buffer.from(bytes.subarray(from + 10, from + 6 + body));
  return { frame: { kind: 'answer', command: word & ~ANSWER, ok, value }, length: 10 + body };
}
