import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A few bytes of a picture, or of sound, as they lie in the ring. Whoever copies the stream into another file copies
 * them, too: by them it is found again. `wall`: when it was captured, Unix ms.
 */
export interface Mark {
  readonly wall: number;
  readonly track: 'video' | 'audio';
  readonly bytes: Buffer;
}

const PACKET = 188;
const MARK = 48;
/** One mark of each track this often (ms): nothing longer goes unnoticed. */
const EVERY = 100;
/** Twice the `max_delay` of ffmpeg's mpegts muxer (s). */
const SHIFT = 1.4;

/** Looks at a service's ring while it lives, and keeps all that it has ever held. */
export class RingWatch {
  readonly #folder: string;
  readonly #offset: number;
  readonly #files = new Map<string, Buffer>();
  readonly #timer: NodeJS.Timeout;

  /** `folder`: `recording.ring` of the service. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#offset = Date.now() - Number(process.hrtime.bigint()) / 1e6;
    this.#timer = setInterval(() => this.#look(), 150);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The files that are there now. */
  present(): string[] {
    if (!existsSync(this.#folder)) return [];
    const entries = readdirSync(this.#folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  /** Bytes of all files that there have ever been. */
  get bytes(): number {
    return [...this.#files.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** The marks of all that was captured, without those that are there twice: silence sounds like silence. */
  marks(): Mark[] {
    const all = [...this.#files.keys()].flatMap((file) => marksOf(this.#packets(file)));
    const stream = this.streams(() => true);
    return all.filter(
      ({ bytes }) => new Set(bytes).size > MARK / 2 && stream.indexOf(bytes) === stream.lastIndexOf(bytes),
    );
  }

  /** The bare streams of what was captured at moments for which `wanted` holds. */
  streams(wanted: (wall: number) => boolean): Buffer {
    const packets = [...this.#files.keys()].flatMap((file) => [...this.#packets(file)]);
    const of = (track: Mark['track']) =>
      packets.filter((packet) => packet.track === track && wanted(packet.wall)).map(({ payload }) => payload);
    return Buffer.concat([...of('video'), ...of('audio')]);
  }

  #packets(file: string): Iterable<Packet> {
    return packetsOf(this.#files.get(file) ?? Buffer.alloc(0), zeroOf(file) + this.#offset);
  }

  #look(): void {
    for (const file of this.present()) {
      const known = this.#files.get(file)?.length ?? 0;
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (size > known && file.endsWith('.ts')) this.#files.set(file, readFileSync(file));
    }
  }
}

/** Which of the marks are somewhere in `bytes`. */
export function found(marks: readonly Mark[], bytes: Buffer): Mark[] {
  return marks.filter((mark) => bytes.includes(mark.bytes));
}

/** The moment of second 0 of a segment's stamps, monotonic ms: it is the name of its folder. */
function zeroOf(file: string): number {
  return Number(/timeline-(-?\d+)/.exec(file)?.[1]) * 1_000;
}

interface Packet {
  readonly wall: number;
  readonly track: Mark['track'];
  /** The first one of a picture, or of a piece of sound. */
  readonly begins: boolean;
  readonly payload: Buffer;
}

/** The packets of pictures and sound, ISO/IEC 13818-1, 2.4.3. `zero`: Unix ms of second 0 of their stamps. */
function* packetsOf(segment: Buffer, zero: number): Generator<Packet> {
  let wall = Number.NaN;
  let track: Mark['track'] = 'video';
  for (let at = 0; at + PACKET <= segment.length; at += PACKET) {
    const packet = segment.subarray(at, at + PACKET);
    const begins = ((packet[1] ?? 0) & 0x40) !== 0;
    let payload = packet.subarray(4 + ((packet[3] ?? 0) & 0x20 ? 1 + (packet[4] ?? 0) : 0));
    if (begins) {
      const stream = payload.length > 14 && payload.readUIntBE(0, 3) === 1 ? (payload[3] ?? 0) >> 4 : 0;
      // A table.
      if (stream !== 0xe && stream !== 0xc) continue;
      track = stream === 0xe ? 'video' : 'audio';
      wall = zero + (ptsOf(payload) - SHIFT) * 1_000;
      payload = payload.subarray(9 + (payload[8] ?? 0));
    }
    if (!Number.isNaN(wall)) yield { wall, track, begins, payload };
  }
}

/** Out of the ends of packets, where neither container puts a header. */
function marksOf(packets: Iterable<Packet>): Mark[] {
  const marks: Mark[] = [];
  const last = { video: Number.NEGATIVE_INFINITY, audio: Number.NEGATIVE_INFINITY };
  for (const { wall, track, begins, payload } of packets) {
    // A picture begins with headers, and so does each piece of sound, which is little more than one packet.
    if (begins !== (track === 'audio') || payload.length < 2 * MARK || wall - last[track] < EVERY) continue;
    last[track] = wall;
    marks.push({ wall, track, bytes: Buffer.from(payload.subarray(-MARK)) });
  }
  return marks;
}

function ptsOf(pes: Buffer): number {
  const high = ((pes[9] ?? 0) >> 1) & 7;
  return (high * 2 ** 30 + (pes.readUInt16BE(10) >> 1) * 2 ** 15 + (pes.readUInt16BE(12) >> 1)) / 90_000;
}
