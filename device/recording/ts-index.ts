import { readFile } from 'node:fs/promises';

/** Which moments a segment holds, in seconds of its timeline, by the time stamps in it. */
export interface TsIndex {
  /** `keys`: the pictures at which playing can begin. */
  readonly video: { readonly first: number; readonly last: number; readonly keys: readonly number[] } | null;
  readonly audio: { readonly first: number; readonly last: number } | null;
}

/** What ffmpeg's mpegts muxer adds to every time stamp: twice its `max_delay` of 0.7 s. */
export const MPEGTS_SHIFT = 1.4;

const PACKET = 188;

/** Reads the index of a segment, finished or still growing; null when the file is not there (yet, or any more). */
export async function indexIfThere(file: string): Promise<TsIndex | null> {
  try {
    return indexOf(await readFile(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** ISO/IEC 13818-1: 2.4.3.2 (packet), 2.4.3.4 (random access indicator), 2.4.3.6 (PES header, time stamps of 90 kHz). */
export function indexOf(bytes: Buffer): TsIndex {
  const video: number[] = [];
  const audio: number[] = [];
  const keys: number[] = [];
  for (let at = 0; at + PACKET <= bytes.length; at += PACKET) {
    // Most packets carry on one that began before: seen off without a buffer of their own.
    if (bytes[at] !== 0x47 || !(bytes.readUInt8(at + 1) & 0x40)) continue;
    const packet = bytes.subarray(at, at + PACKET);
    const adaptation = packet.readUInt8(3) & 0x20 ? 1 + packet.readUInt8(4) : 0;
    const isKey = adaptation > 1 && (packet.readUInt8(5) & 0x40) !== 0;
    const pes = packet.subarray(4 + adaptation);
    if (pes.length < 14 || pes.readUIntBE(0, 3) !== 1 || !(pes.readUInt8(7) & 0x80)) continue;
    const time = timeStamp(pes) / 90_000 - MPEGTS_SHIFT;
    const stream = pes.readUInt8(3) & 0xf0;
    if (stream === 0xe0) {
      video.push(time);
      if (isKey) keys.push(time);
    } else if (stream === 0xc0) {
      audio.push(time);
    }
  }
  const range = (times: number[]) => ({
    first: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    last: times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  });
  return {
    video: video.length > 0 ? { ...range(video), keys } : null,
    audio: audio.length > 0 ? range(audio) : null,
  };
}

/** 33 bits in five bytes, with marker bits between. */
function timeStamp(pes: Buffer): number {
  const high = (pes.readUInt8(9) >> 1) & 0x07;
  const middle = pes.readUInt16BE(10) >> 1;
  const low = pes.readUInt16BE(12) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}
