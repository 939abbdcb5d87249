import { box } from '../../device/recording/mp4-boxes.ts';

/** Boxes of a fragmented MP4, made by hand (ISO/IEC 14496-12). */
export interface MovieTrack {
  id: number;
  timescale: number;
  /** Of its samples, where fragments say nothing. */
  duration?: number;
  /** The media time at which its edit list begins. */
  mediaTime?: number;
}

/** A full box (4.2.2) whose body is `words` of 32 bits. */
export function full(type: string, version: number, flags: number, ...words: number[]): Buffer {
  return box(type, uint32(version * 2 ** 24 + flags, ...words));
}

export function uint32(...words: number[]): Buffer {
  // Swapped: a typed array has the machine's order, a box the network's (4.2).
  return Buffer.from(Uint32Array.from(words).buffer).swap32();
}

export const FTYP = box('ftyp', Buffer.from('iso5\0\0\x02\0iso5iso6mp41', 'latin1'));

export function moov(...tracks: MovieTrack[]): Buffer {
  const traks = tracks.map(({ id, timescale, mediaTime }) => {
    const edits = mediaTime === undefined ? [] : [box('edts', full('elst', 0, 0, 1, 0, mediaTime, 0x1_0000))];
    const mdia = box('mdia', full('mdhd', 0, 0, 0, 0, timescale, 0, 0));
    return box('trak', full('tkhd', 0, 3, 0, 0, id, 0, 0), ...edits, mdia);
  });
  const trexs = tracks.map(({ id, duration = 0 }) => full('trex', 0, 0, id, 1, duration, 0, 0));
  return box('moov', full('mvhd', 0, 0, 0, 0, 1000, 0), ...traks, box('mvex', ...trexs));
}

/** `moof` and `mdat`; `trafs` made by `traf`. */
export function fragment(trafs: Buffer[], payload = 10): Buffer {
  return Buffer.concat([
    box('moof', full('mfhd', 0, 0, 1), ...trafs),
    box('mdat', Buffer.alloc(payload, trafs.length)),
  ]);
}

export function traf(...boxes: Buffer[]): Buffer {
  return box('traf', ...boxes);
}
