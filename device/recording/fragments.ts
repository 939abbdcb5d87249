import { CaError } from '../errors.ts';
import { find } from './mp4-boxes.ts';
import { type FragmentTrack, fragmentTracks, type Track, tracksOf } from './mp4-tracks.ts';

/** One movie fragment: what the clip's head must know of it. */
export interface Fragment {
  /** Bytes. */
  readonly size: number;
  readonly tracks: readonly FragmentTrack[];
}

/** A part of a fragmented MP4 that can be written down by itself. */
export type Part =
  /** `ftyp` and `moov`. */
  | { readonly kind: 'init'; readonly bytes: Buffer }
  /** `moof` and `mdat`. */
  | { readonly kind: 'fragment'; readonly bytes: Buffer; readonly tracks: readonly FragmentTrack[] };

/** A box larger than this (bytes) is none: a fragment ends after ten seconds at the latest. */
const LIMIT = 64 * 1024 * 1024;

/** Boxes that a part is made of: each of the second kind ends a part that the one of the first began. */
const OPENS = ['ftyp', 'moof'];
const CLOSES = ['moov', 'mdat'];

/**
 * Cuts a fragmented MP4 (ISO/IEC 14496-12, 8.8), as it comes out of ffmpeg in pieces of any length, into its parts. Top-level
 * boxes of other kinds are left out. Raises CA_CLIP_FAILED for what is no such file.
 */
export class FragmentReader {
  /** The header of the next box, as far as it is there. */
  readonly #header = Buffer.alloc(16);
  #headerFilled = 0;
  /** The part that is being read, as long as it is known to become; null between two. */
  #part: Buffer | null = null;
  #filled = 0;
  /** Bytes of a box without a use, still to come. */
  #skip = 0;
  #type = '';
  /** Once the part's first box is whole. */
  #opened = '';
  #tracks: readonly Track[] = [];

  push(bytes: Buffer): Part[] {
    const parts: Part[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else if (this.#part && this.#filled < this.#part.length) {
        const copied = bytes.copy(this.#part, this.#filled, at);
        this.#filled += copied;
        at += copied;
      } else {
        at += this.#readHeader(bytes, at);
      }
      const done = this.#closeBox();
      if (done) parts.push(done);
    }
    return parts;
  }

  /** Takes what it can of the next box's header; once it is whole, makes room for the box. Returns how much it took. */
  #readHeader(bytes: Buffer, at: number): number {
    const before = this.#headerFilled;
    const wanted = before < 8 || this.#header.readUInt32BE() !== 1 ? 8 : 16;
    const taken = bytes.copy(this.#header, before, at, at + wanted - before);
    this.#headerFilled += taken;
    if (this.#headerFilled < 8) return taken;
    const short = this.#header.readUInt32BE();
    if (short === 1 && this.#headerFilled < 16) return taken;
    const size = short === 1 ? Number(this.#header.readBigUInt64BE(8)) : short;
    this.#openBox(this.#header.toString('latin1', 4, 8), size);
    return taken;
  }

  #openBox(type: string, size: number): void {
    const header = this.#header.subarray(0, this.#headerFilled);
    if (size < header.length || size > LIMIT) throw broken(`its box ${shown(type)} has ${size} bytes`);
    this.#headerFilled = 0;
    const opens = OPENS.includes(type);
    if (!opens && !CLOSES.includes(type)) {
      this.#skip = size - header.length;
      return;
    }
    const expected = this.#opened === '' ? opens : CLOSES.indexOf(type) === OPENS.indexOf(this.#opened);
    if (!expected) throw broken(`its box ${type} comes after ${this.#opened || 'a whole part'}`);
    const begun = this.#part ?? Buffer.alloc(0);
    this.#part = Buffer.allocUnsafe(begun.length + size);
    begun.copy(this.#part);
    this.#filled = begun.length + header.copy(this.#part, begun.length);
    this.#type = type;
  }

  /** Returns the part when its last box is whole. */
  #closeBox(): Part | null {
    const part = this.#part;
    if (!part || this.#filled < part.length || this.#type === '') return null;
    const type = this.#type;
    this.#type = '';
    if (OPENS.includes(type)) {
      this.#opened = type;
      return null;
    }
    this.#opened = '';
    this.#part = null;
    if (type === 'mdat') return { kind: 'fragment', bytes: part, tracks: fragmentTracks(part, this.#tracks) };
    this.#tracks = tracksOf(find(part, ['moov']) ?? part);
    return { kind: 'init', bytes: part };
  }
}

function shown(type: string): string {
  return JSON.stringify(type);
}

function broken(why: string): CaError {
  return new CaError('CA_CLIP_FAILED', `ffmpeg wrote no fragmented MP4: ${why}`);
}
