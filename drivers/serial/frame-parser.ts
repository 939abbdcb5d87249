/** What begins at a place of a stream of bytes. */
export type Found<Frame> =
  | { readonly frame: Frame; readonly length: number }
  /** It may be a frame, when more bytes have come. */
  | 'unfinished'
  /** It has the beginning of a frame and is none: a wrong checksum or end, an impossible value. */
  | 'broken'
  /** Nothing that a frame begins with. */
  | 'stray';

/** How a device puts what it says into bytes. */
export interface Framing<Frame> {
  /** Bytes of the longest frame: no more are ever kept. */
  readonly longest: number;
  /** What begins at `bytes[from]`, which is there. A frame may not point into `bytes`: they are reused. */
  read(bytes: Buffer, from: number): Found<Frame>;
}

/** What there was in a stream. */
export interface FrameCounts {
  frames: number;
  broken: number;
  /** Bytes that belong to no valid frame. */
  strayBytes: number;
}

/**
 * Turns bytes, however they are split, into frames. What is no valid frame is skipped byte by byte, so that a whole
 * frame is found whatever stands before it: garbage, a frame cut short, another that only looks like one.
 */
export class FrameParser<Frame> {
  readonly counts: FrameCounts = { frames: 0, broken: 0, strayBytes: 0 };
  readonly #framing: Framing<Frame>;
  /** The unfinished frame at the end of what came last. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(framing: Framing<Frame>) {
    this.#framing = framing;
  }

  /** Bytes that wait for more; less than the framing's `longest`. */
  get waiting(): number {
    return this.#rest.length;
  }

  /** The frames that these bytes complete, in order. */
  push(bytes: Buffer): Frame[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const { longest } = this.#framing;
    const frames: Frame[] = [];
    let from = 0;
    while (from < all.length) {
      const found = this.#framing.read(all, from);
      if (typeof found === 'object') {
        frames.push(found.frame);
        from += found.length;
        continue;
      }
      if (found === 'unfinished' && all.length - from < longest) break;
      if (found !== 'stray') this.counts.broken++;
      this.counts.strayBytes++;
      from++;
    }
    this.counts.frames += frames.length;
    // A copy: a few bytes would keep the whole chunk in memory.
    this.#rest = Buffer.from(all.subarray(from));
    return frames;
  }

  /** Forgets an unfinished frame: what follows comes from another connection. */
  reset(): void {
    this.#rest = Buffer.alloc(0);
  }
}

/** Whether `bytes` has all of `mark` at `from`; 'unfinished' where it ends before that and agrees so far. */
export function marked(bytes: Buffer, from: number, mark: Buffer): boolean | 'unfinished' {
  for (let i = 0; i < mark.length; i++) {
    if (from + i >= bytes.length) return 'unfinished';
    if (bytes[from + i] !== mark[i]) return false;
  }
  return true;
}
