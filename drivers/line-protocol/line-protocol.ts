/**
 * The line protocol: what an Arduino or ESP speaks so that its sensor, its buttons and its lamp serve a desk. It sends
 *
 *   P1         somebody is present
 *   P0         nobody is present
 *   B<name>    a button was pressed; name is 1 to 16 of A-Z a-z 0-9 _ -
 *   K          I am alive
 *   L1, L0     the lamp is lit; it is not
 *
 * and, if it has the desk's lamp, is sent
 *
 *   L1, L0     light the lamp; put it out
 *   L?         is it lit?
 *
 * each of which it answers within 1 s with L1 or L0: what its output really is, read back from the pin or the relay's
 * contact. To a device without a lamp nothing is ever sent.
 *
 * ASCII, one message a line, ended by LF (CR LF is as good), at most 64 bytes before the LF. 8 data bits, no parity,
 * 1 stop bit; 115200 baud unless the config says otherwise.
 *
 * A device with a sensor repeats its P line at least every 5 s; one with buttons alone sends K as often. After 15 s
 * without a valid line the device counts as lost. After a loss only P tells who is there, K does not: so repeat P.
 *
 * Any line it sends may carry a check, as NMEA 0183 does: `*HH`, the XOR of all bytes before the `*` as two hex digits,
 * for example `P1*61`, `P0*60`, `K*4B`, `Bgood*41`. Use it on long or noisy cables. A line whose check is wrong, that is
 * too long, that has a byte outside printable ASCII or that means nothing here is dropped and counted; the next LF
 * begins afresh. Empty lines mean nothing and are not counted.
 */

/** One message. */
export type Line =
  | { kind: 'presence'; present: boolean }
  | { kind: 'press'; button: string }
  | { kind: 'alive' }
  | { kind: 'lamp'; lit: boolean };

/** Why lines were dropped, and how many. */
export interface Dropped {
  tooLong: number;
  notAscii: number;
  checksum: number;
  unknown: number;
}

/** Longest line, without its end, in bytes. */
const MAX_LINE = 64;
const LF = 0x0a;
const CR = 0x0d;
const CHECK = /^(.*)\*([0-9A-Fa-f]{2})$/;
const BUTTON = /^B([A-Za-z0-9_-]{1,16})$/;

/** Turns bytes, however they are split, into messages. Holds one line at most, whatever is sent. */
export class LineParser {
  readonly dropped: Dropped = { tooLong: 0, notAscii: 0, checksum: 0, unknown: 0 };
  // One byte more, for the CR of a line of full length.
  readonly #line = Buffer.alloc(MAX_LINE + 1);
  /** Bytes of the line so far; those past the end of the buffer are counted and not kept. */
  #length = 0;

  /** The messages that these bytes complete, in order. */
  push(bytes: Uint8Array): Line[] {
    const lines: Line[] = [];
    for (const byte of bytes) {
      if (byte !== LF) {
        if (this.#length < this.#line.length) this.#line[this.#length] = byte;
        this.#length++;
        continue;
      }
      const line = this.#read();
      this.#length = 0;
      if (line) lines.push(line);
    }
    return lines;
  }

  /** Forgets an unfinished line: what follows comes from another connection. */
  reset(): void {
    this.#length = 0;
  }

  #read(): Line | null {
    const full = this.#length <= this.#line.length;
    const end = full && this.#line[this.#length - 1] === CR ? this.#length - 1 : this.#length;
    if (end === 0) return null;
    if (end > MAX_LINE) return this.#drop('tooLong');
    const bytes = this.#line.subarray(0, end);
    if (!bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return this.#drop('notAscii');
    let text = bytes.toString('latin1');
    if (text.includes('*')) {
      const [, body, digits] = CHECK.exec(text) ?? [];
      if (body === undefined || digits === undefined) return this.#drop('checksum');
      if (Number.parseInt(digits, 16) !== checksum(body)) return this.#drop('checksum');
      text = body;
    }
    return message(text) ?? this.#drop('unknown');
  }

  #drop(why: keyof Dropped): null {
    this.dropped[why]++;
    return null;
  }
}

/** XOR of the characters' codes, as in NMEA 0183. */
export function checksum(text: string): number {
  return Buffer.from(text, 'latin1').reduce((xor, byte) => xor ^ byte, 0);
}

function message(text: string): Line | null {
  if (text === 'P1') return { kind: 'presence', present: true };
  if (text === 'P0') return { kind: 'presence', present: false };
  if (text === 'K') return { kind: 'alive' };
  if (text === 'L1') return { kind: 'lamp', lit: true };
  if (text === 'L0') return { kind: 'lamp', lit: false };
  const button = BUTTON.exec(text)?.[1];
  return button === undefined ? null : { kind: 'press', button };
}
