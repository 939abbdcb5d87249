import type { Found, Framing } from '../serial/frame-parser.ts';

/** What a TF-Luna or TFmini sends a hundred times a second. Layout: README.md. */
export interface Reading {
  readonly kind: 'reading';
  /** Something stands between near and far; null: it is dazzled and cannot tell. */
  readonly present: boolean | null;
  /** cm */
  readonly distance: number;
  readonly strength: number;
}

/** From and to where something counts, in millimetres; both ends belong to it. */
export interface Window {
  readonly near: number;
  readonly far: number;
}

const HEAD = 0x59;
const LENGTH = 9;
/** Less is no echo that can be trusted (product manual A05, 5.4). */
const WEAK = 100;
const OVEREXPOSED = 0xffff;
/** A TFmini-S says so in place of a distance: -2 too much signal, -4 too much light (product manual A00, table 8). */
const DAZZLED = [0xfffe, 0xfffc];

export const framing = (window: Window): Framing<Reading> => ({
  longest: LENGTH,
  read: (bytes, from) => readReading(bytes, from, window),
});

function readReading(bytes: Buffer, from: number, window: Window): Found<Reading> {
  if (bytes[from] !== HEAD) return 'stray';
  if (from + 1 < bytes.length && bytes[from + 1] !== HEAD) return 'stray';
  if (bytes.length < from + LENGTH) return 'unfinished';
  let sum = 0;
  for (let i = 0; i < LENGTH - 1; i++) sum += bytes[from + i] ?? 0;
  // The distance may look like a head: only the sum tells.
  if ((sum & 0xff) !== bytes[from + LENGTH - 1]) return 'broken';
  const distance = bytes.readUInt16LE(from + 2);
  const strength = bytes.readUInt16LE(from + 4);
  const present = judge(distance, strength, window);
  return { frame: { kind: 'reading', present, distance, strength }, length: LENGTH };
}

/** A person near enough to matter gives a strong echo (it sees black at 2.5 m), so a weak one is nobody. */
function judge(distance: number, strength: number, { near, far }: Window): boolean | null {
  if (strength === OVEREXPOSED || DAZZLED.includes(distance)) return null;
  if (strength < WEAK || distance === 0) return false;
  return distance * 10 >= near && distance * 10 <= far;
}
