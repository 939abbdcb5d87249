/** A box of an ISO base media file (ISO/IEC 14496-12, 4.2), where it lies. */
export interface Box {
  readonly type: string;
  /** The whole box. */
  readonly bytes: Buffer;
  /** What is in it. */
  readonly body: Buffer;
}

/** The boxes that `bytes` consist of, in their order; stops at what is none. */
export function* boxesIn(bytes: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const short = bytes.readUInt32BE(at);
    const header = short === 1 && at + 16 <= bytes.length ? 16 : 8;
    const size = header === 16 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
    if (size < header || at + size > bytes.length) return;
    const type = bytes.toString('latin1', at + 4, at + 8);
    yield { type, bytes: bytes.subarray(at, at + size), body: bytes.subarray(at + header, at + size) };
    at += size;
  }
}

/** All boxes at the end of `path`, such as `['trak', 'mdia', 'mdhd']`, below `bytes`. */
export function findAll(bytes: Buffer, [type, ...path]: readonly string[]): Buffer[] {
  const found = [...boxesIn(bytes)].filter((box) => box.type === type).map(({ body }) => body);
  return path.length === 0 ? found : found.flatMap((body) => findAll(body, path));
}

export function find(bytes: Buffer, path: readonly string[]): Buffer | null {
  return findAll(bytes, path)[0] ?? null;
}

export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0));
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...content]);
}

/** Version and flags of a full box (4.2.2). */
export const versionOf = (body: Buffer): number => body.readUInt8(0);
export const flagsOf = (body: Buffer): number => body.readUIntBE(1, 3);
