/** A finished stretch of capture in RAM. Times are monotonic milliseconds. */
export interface Segment {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
}

/**
 * About an hour (the default `contact.max`) of 640×480 at 15 pictures a second, 1.2 Mb/s. The clip cut from it needs
 * as much again, and /dev/shm of a 4 GB computer holds 2 GB.
 */
export const RING_BYTES = 640 * 1024 * 1024;

/** The index of the segments in RAM: which are there, which a contact needs, which must go. Pure: touches no file. */
export class Ring {
  readonly #keep: number;
  readonly #maxBytes: number;
  readonly #segments: Segment[] = [];
  readonly #pins = new Map<string, number>();
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

  /** Everything from monotonic `from` on stays until `unpin`. */
  pin(contactId: string, from: number): void {
    this.#pins.set(contactId, from);
  }

  unpin(contactId: string): void {
    this.#pins.delete(contactId);
  }

  /** Takes out of the index, and returns, what nobody needs at monotonic `now`; and the oldest, needed or not, above the limit of bytes. */
  expired(now: number): Segment[] {
    const from = Math.min(now - this.#keep, ...this.#pins.values());
    const gone: Segment[] = [];
    for (let oldest = this.#segments[0]; oldest; oldest = this.#segments[0]) {
      if (oldest.end >= from && this.#bytes <= this.#maxBytes) break;
      this.#segments.shift();
      this.#bytes -= oldest.bytes;
      this.#discarded += oldest.bytes;
      gone.push(oldest);
    }
    return gone;
  }

  /** Segments with anything between the monotonic moments `from` and `to`, in order. */
  between(from: number, to: number): Segment[] {
    return this.#segments.filter((segment) => segment.end >= from && segment.start <= to);
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
}
