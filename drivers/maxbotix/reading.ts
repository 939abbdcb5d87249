import type { Found, Framing } from '../serial/frame-parser.ts';

/** What a MaxSonar sends 7 to 20 times a second. Forms: README.md. */
export interface Reading {
  readonly kind: 'reading';
  /** Something stands between near and far. */
  readonly present: boolean;
  /** In millimetres, whatever it counts in. */
  readonly distance: number;
}

/** From and to where something counts, in millimetres; both ends belong to it. */
export interface Window {
  readonly near: number;
  readonly far: number;
}

/** Of each unit, how many millimetres it is and how many digits are sent of it. */
const UNITS = { mm: [1, 4], cm: [10, 3], in: [25.4, 3] } as const;

const R = 0x52;
const CR = 0x0d;
const SPACE = 0x20;

export function framing(unit: keyof typeof UNITS, { near, far }: Window): Framing<Reading> {
  const [millimetres, digits] = UNITS[unit];
  // R, the digits, a space of the HRUSB, CR.
  const longest = digits + 3;
  return {
    longest,
    read(bytes, from): Found<Reading> {
      if (bytes[from] !== R) return 'stray';
      let value = 0;
      for (let i = 1; i <= digits; i++) {
        const byte = bytes[from + i];
        if (byte === undefined) return 'unfinished';
        if (byte < 0x30 || byte > 0x39) return 'broken';
        value = value * 10 + byte - 0x30;
      }
      let end = from + digits + 1;
      if (bytes[end] === SPACE) end++;
      if (end >= bytes.length) return 'unfinished';
      if (bytes[end] !== CR) return 'broken';
      const distance = value * millimetres;
      const present = distance >= near && distance <= far;
      return { frame: { kind: 'reading', present, distance }, length: end + 1 - from };
    },
  };
}
