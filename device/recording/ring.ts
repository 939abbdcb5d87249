/** A finished stretch of capture in RAM. Times are monotonic milliseconds. */
export interface Segment {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
}

/**
 * The most that one desk holds in RAM. Open contacts lie on the disk as well, so this is reached only when the disk
 * refuses them: then it is a quarter of an hour of 640×480 at 15 pictures a second (1.2 Mb/s).
 */
export const RING_BYTES = 160 * 1024 * 1024;

interface Pin {
  from: number;
  to: number;
}

/** The index of the segments in RAM: which are there, which a contact needs, which must go. Pure: touches no file. */
export class Ring {
  readonly #keep: number;
  readonly #maxBytes: number;
  readonly #pins = new Map<string, Pin>();
  #segments: Segment[] = [];
  /** The barrier behind which a segment lies. */
  readonly #barred = new WeakMap<Segment, number>();
  #barrier = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  #discarded = 0;

  /** `keep`: how far back (ms) a contact that begins now may reach. */
  constructor(keep: number, maxBytes = RING_BYTES) {
    this.#keep = keep;
    this.#maxBytes = maxBytes;
  }

  add(segment: Segment): void {
    this.#segments.push(segment);
    this.#bytes += segment.bytes;
  }

  /** Everything from monotonic `from` (to `to`) on stays until `unpin`; called again, the bounds move. */
  pin(contactId: string, from: number, to = Number.POSITIVE_INFINITY): void {
    this.#pins.set(contactId, { from, to });
  }

  unpin(contactId: string): void {
    this.#pins.delete(contactId);
  }

  /**
   * Nothing that is here now may come into a clip of a contact that begins after monotonic `at`, which is now. By its
   * times alone a segment is not told: its end may lie later, as its last picture would have been shown for a while.
   */
  bar(at: number): void {
    this.#barrier = Math.max(this.#barrier, at);
    for (const segment of this.#segments)
      if (!this.#barred.has(segment)) this.#barred.set(segment, this.#barrier);
  }

  get barrier(): number {
    return this.#barrier;
  }

  /** Takes out of the index, and returns, what nobody needs at monotonic `now`; and the oldest, needed or not, above the limit of bytes. */
  expired(now: number): Segment[] {
    const kept: Segment[] = [];
    const gone: Segment[] = [];
    const from = now - this.#keep;
    const pins = [...this.#pins.values()];
    for (const segment of this.#segments) {
      const needed =
        (segment.end >= from && !this.#barred.has(segment)) ||
        pins.some((pin) => this.#isWithin(segment, pin.from, pin.to));
      const fits = this.#bytes <= this.#maxBytes;
      if (needed && fits) {
        kept.push(segment);
        continue;
      }
      gone.push(segment);
      this.#bytes -= segment.bytes;
      this.#discarded += segment.bytes;
    }
    this.#segments = kept;
    return gone;
  }

  /** Segments with anything between the monotonic moments `from` and `to`, in order, but for what a barrier up to `from` has taken away. */
  between(from: number, to: number): Segment[] {
    return this.#segments.filter((segment) => this.#isWithin(segment, from, to));
  }

  get pinned(): boolean {
    return this.#pins.size > 0;
  }

  get segments(): number {
    return this.#segments.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes captured and thrown away since the start. */
  get discardedBytes(): number {
    return this.#discarded;
  }

  #isWithin(segment: Segment, from: number, to: number): boolean {
    const barred = from >= (this.#barred.get(segment) ?? Number.POSITIVE_INFINITY);
    return !barred && segment.end >= from && segment.start <= to;
  }
}
