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
  /** `moof` and `mdat`, in the pieces in which they came: millions of bytes an hour need not be copied once more. */
  | ({ readonly kind: 'fragment'; readonly pieces: readonly Buffer[] } & Fragment);

/** A box larger than this (bytes) is none: a fragment ends after twenty seconds at the latest. */
const LIMIT = 64 * 1024 * 1024;

/** Boxes that a part is made of: each of the second kind ends a part that the one of the first began. */
const OPENS = ['ftyp', 'moof'];
const CLOSES = ['moov', 'mdat'];

/**
 * Cuts a fragmented MP4 (ISO/IEC 14496-12, 8.8), as it comes out of ffmpeg in pieces of any length, into its parts. Top-level
 * boxes of other kinds are left out. Raises CA_CLIP_FAILED for what is no such file.
 */
export class FragmentReader {
  /** The header of the next box, as far as it is there (4.2). */
  #header: Buffer = NOTHING;
  /** The box that is being read; empty between two. */
  #type = '';
  /** Bytes of it that are still to come. */
  #left = 0;
  /** What there is of the part. */
  #pieces: Buffer[] = [];
  /** The part's first box, once it is whole, and its type. */
  #opening: Buffer = NOTHING;
  #opened = '';
  #tracks: readonly Track[] = [];

  push(bytes: Buffer): Part[] {
    const parts: Part[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.#type === '') {
        at += this.#readHeader(bytes, at);
      } else {
        const piece = bytes.subarray(at, at + this.#left);
        if (isPart(this.#type)) this.#pieces.push(piece);
        this.#left -= piece.length;
        at += piece.length;
      }
      const part = this.#type !== '' && this.#left === 0 ? this.#closeBox() : null;
      if (part) parts.push(part);
    }
    return parts;
  }

  /** Takes what it can of the next box's header, and opens the box when that is whole. Returns how much it took. */
  #readHeader(bytes: Buffer, at: number): number {
    const before = this.#header.length;
    const wanted = before < 8 || this.#header.readUInt32BE() !== 1 ? 8 : 16;
    this.#header = Buffer.concat([this.#header, bytes.subarray(at, at + wanted - before)]);
    const taken = this.#header.length - before;
    if (this.#header.length < 8) return taken;
    const short = this.#header.readUInt32BE();
    if (short === 1 && this.#header.length < 16) return taken;
    const size = short === 1 ? Number(this.#header.readBigUInt64BE(8)) : short;
    this.#openBox(this.#header, this.#header.toString('latin1', 4, 8), size);
    this.#header = NOTHING;
    return taken;
  }

  #openBox(header: Buffer, type: string, size: number): void {
    if (size < header.length || size > LIMIT)
      throw broken(`its box ${JSON.stringify(type)} has ${size} bytes`);
    this.#type = type;
    this.#left = size - header.length;
    if (!isPart(type)) return;
    const first = OPENS.includes(type);
    if (first ? this.#opened !== '' : CLOSES.indexOf(type) !== OPENS.indexOf(this.#opened))
      throw broken(`its box ${type} comes after ${this.#opened || 'a whole part'}`);
    this.#pieces = [first ? header : Buffer.concat([this.#opening, header])];
  }

  /** Returns the part when it was the last box of one. */
  #closeBox(): Part | null {
    const type = this.#type;
    this.#type = '';
    if (OPENS.includes(type)) {
      this.#opening = Buffer.concat(this.#pieces);
      this.#opened = type;
    }
    if (!CLOSES.includes(type)) return null;
    this.#opened = '';
    if (type === 'mdat') {
      const size = this.#pieces.reduce((sum, { length }) => sum + length, 0);
      const tracks = fragmentTracks(this.#opening, this.#tracks);
      return { kind: 'fragment', pieces: this.#pieces, size, tracks };
    }
    const bytes = Buffer.concat(this.#pieces);
    this.#tracks = tracksOf(find(bytes, ['moov']) ?? NOTHING);
    return { kind: 'init', bytes };
  }
}

const NOTHING = Buffer.alloc(0);

function isPart(type: string): boolean {
  return OPENS.includes(type) || CLOSES.includes(type);
}

function broken(why: string): CaError {
  return new CaError('CA_CLIP_FAILED', `ffmpeg wrote no fragmented MP4: ${why}`);
}
