import { MPEGTS_SHIFT, PACKET, TICKS } from '../../device/recording/ts-packet.ts';

/** Packets of an MPEG transport stream, made by hand (ISO/IEC 13818-1, 2.4.3). */
const VIDEO_PID = 0x100;
const AUDIO_PID = 0x101;

interface Unit {
  /** When it is shown, in seconds of the ring's timeline. */
  at: number;
  /** When it is decoded; left out, at the same time. */
  decoded?: number;
  key?: boolean;
  /** How many packets it takes. */
  packets?: number;
}

/** One picture; `name`, a letter, fills its packets. */
export function picture(unit: Unit, name = 'p'): Buffer {
  return unitOf(VIDEO_PID, 0xe0, unit, name);
}

/** One piece of sound. */
export function sound(unit: Unit, name = 's'): Buffer {
  return unitOf(AUDIO_PID, 0xc0, unit, name);
}

/** A table (2.4.4), such as the PAT of PID 0. */
export function table(pid = 0): Buffer {
  return packet(pid, true, [0, 0, 0xb0, 13], 't');
}

/** A packet that carries on what began before, of a picture if nothing else is said. */
export function continued(name = 'p', pid = VIDEO_PID): Buffer {
  return packet(pid, false, [], name);
}

function unitOf(pid: number, stream: number, unit: Unit, name: string): Buffer {
  const { at, decoded = at, key = false, packets = 1 } = unit;
  const stamps =
    decoded === at ? [0x80, 5, ...stamp(2, at)] : [0xc0, 10, ...stamp(3, at), ...stamp(1, decoded)];
  const pes = [0, 0, 1, stream, 0, 0, 0x80, ...stamps];
  const first = packet(pid, true, pes, name, key ? [1, 0x40] : []);
  return Buffer.concat([first, ...Array.from({ length: packets - 1 }, () => continued(name, pid))]);
}

function packet(
  pid: number,
  starts: boolean,
  payload: number[],
  name: string,
  adaptation: number[] = [],
): Buffer {
  const bytes = Buffer.alloc(PACKET, name);
  const control = adaptation.length > 0 ? 0x30 : 0x10;
  bytes.set([0x47, (starts ? 0x40 : 0) | (pid >> 8), pid & 0xff, control, ...adaptation, ...payload]);
  return bytes;
}

/** 33 bits in five bytes, with `prefix` and marker bits between (2.4.3.7). */
function stamp(prefix: number, seconds: number): number[] {
  const ticks = Math.round((seconds + MPEGTS_SHIFT) * TICKS);
  const high = Math.floor(ticks / 2 ** 30);
  return [
    (prefix << 4) | (high << 1) | 1,
    (ticks >> 22) & 0xff,
    ((ticks >> 14) & 0xfe) | 1,
    (ticks >> 7) & 0xff,
    ((ticks << 1) & 0xfe) | 1,
  ];
}
