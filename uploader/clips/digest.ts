import { createHash } from 'node:crypto';

/** A clip as it leaves the device: what device/recording offers of it. */
export interface SentClip {
  /** Made for this sending; with it the same bytes come again. */
  readonly head: Buffer;
  readonly bytes: number;
  readonly sealedFor: 'device' | 'recipient';
  readonly keyId: string;
  /** Bytes `start` to `end`, the latter not included. */
  read(start: number, end: number): Promise<Buffer>;
  close(): Promise<void>;
}

export interface Part {
  /** From 1 on. */
  readonly number: number;
  /** First byte, and the first that no longer belongs to it. */
  readonly start: number;
  readonly end: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly md5: string;
}

/** What the far end must have when all has been sent. */
export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
  readonly parts: readonly Part[];
}

/** Bytes that are read at once: few enough to hash without holding anybody up. */
export const PIECE = 512 * 1024;

/** Reads the clip through: its sums, and those of its parts of `size` bytes. Rejects as `read` does, and when `signal` is aborted. */
export async function digestOf(clip: SentClip, size: number, signal: AbortSignal): Promise<Digest> {
  const whole = createHash('sha256');
  const parts: Part[] = [];
  for (let start = 0; start < clip.bytes; start += size) {
    const end = Math.min(start + size, clip.bytes);
    const [sha256, md5] = [createHash('sha256'), createHash('md5')];
    for await (const piece of pieces(clip, start, end)) {
      signal.throwIfAborted();
      if (clip.bytes > size) whole.update(piece);
      sha256.update(piece);
      md5.update(piece);
    }
    parts.push({
      ...{ number: parts.length + 1, start, end },
      ...{ sha256: sha256.digest('hex'), md5: md5.digest('hex') },
    });
  }
  const [only] = parts;
  const sha256 = parts.length === 1 && only ? only.sha256 : whole.digest('hex');
  return { bytes: clip.bytes, sha256, parts };
}

/** The bytes from `start` to `end`, a piece at a time. */
export async function* pieces(clip: SentClip, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end; at += PIECE) yield await clip.read(at, Math.min(at + PIECE, end));
}

/**
 * The ETag of what was sent in these parts, as S3 services make it: the MD5 of one part; of more the MD5 of their MD5s
 * (the bytes, not the hex) and how many they are.
 */
export function etagOf(parts: readonly Pick<Part, 'md5'>[], multipart: boolean): string {
  const [only] = parts;
  if (!multipart && only) return only.md5;
  const sums = Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, 'hex')));
  return `${createHash('md5').update(sums).digest('hex')}-${parts.length}`;
}
