/** Reads packets of an MPEG transport stream where they lie, ISO/IEC 13818-1. Offsets count bytes of `view`. */

/** Bytes of a packet (2.4.3.2). */
export const PACKET = 188;
/** What ffmpeg's mpegts muxer adds to every time stamp: twice its `max_delay` of 0.7 s. */
export const MPEGTS_SHIFT = 1.4;
/** Time stamps count this many ticks a second (2.4.3.7). */
export const TICKS = 90_000;

/** Bits of the first four bytes (2.4.3.3). */
export const UNIT_START = 0x40_00_00;
const ADAPTATION = 0x20;

export const inStep = (header: number): boolean => header >>> 24 === 0x47;
export const pidOf = (header: number): number => (header >>> 8) & 0x1fff;

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Where a PES header lies in the packet at `at`; -1 when what begins there is something else, such as a table. */
export function pesIn(view: DataView, at: number): number {
  const adaptation = view.getUint32(at) & ADAPTATION ? 1 + view.getUint8(at + 4) : 0;
  const pes = at + 4 + adaptation;
  return pes + 9 <= at + PACKET && view.getUint32(pes) >>> 8 === 1 ? pes : -1;
}

/** The random access indicator (2.4.3.5), which ffmpeg sets on pictures at which decoding can begin. */
export function isKey(view: DataView, at: number): boolean {
  return (
    (view.getUint32(at) & ADAPTATION) !== 0 &&
    view.getUint8(at + 4) > 0 &&
    (view.getUint8(at + 5) & 0x40) !== 0
  );
}

/** Stream ids of Table 2-22. */
export const isVideo = (view: DataView, pes: number): boolean => view.getUint8(pes + 3) >> 4 === 0xe;
export const isAudio = (view: DataView, pes: number): boolean => view.getUint8(pes + 3) >> 5 === 0x6;

/** The presentation time stamp in ticks; null without one (2.4.3.7). */
export function ptsOf(view: DataView, pes: number): number | null {
  return view.getUint8(pes + 7) & 0x80 ? stampAt(view, pes + 9) : null;
}

/** The decoding time stamp in ticks: left out where it equals `pts`. */
export function dtsOf(view: DataView, pes: number, pts: number): number {
  return view.getUint8(pes + 7) & 0x40 ? stampAt(view, pes + 14) : pts;
}

/** 33 bits in five bytes, with marker bits between. */
function stampAt(view: DataView, at: number): number {
  const high = (view.getUint8(at) >> 1) & 0x07;
  const middle = view.getUint16(at + 1) >> 1;
  const low = view.getUint16(at + 3) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}
