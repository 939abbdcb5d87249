import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { digestOf, etagOf, PIECE, pieces, type SentClip } from './digest.ts';

const signal = new AbortController().signal;
const hash = (name: string, bytes: Buffer) => createHash(name).update(bytes).digest('hex');
const clipOf = (content: Buffer): SentClip => ({
  ...{ head: Buffer.alloc(0), bytes: content.length, sealedFor: 'device', keyId: '0'.repeat(16) },
  read: async (start, end) => content.subarray(start, end),
  close: async () => {},
});

test.each([1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])(
  'the sums of %d bytes and of their parts',
  async (length) => {
    const content = randomBytes(length);
    const size = 2 * PIECE - 5;
    const digest = await digestOf(clipOf(content), size, signal);
    expect(digest).toMatchObject({ bytes: length, sha256: hash('sha256', content) });
    expect(digest.parts).toEqual(
      Array.from({ length: Math.ceil(length / size) }, (_, i) => {
        const part = content.subarray(i * size, (i + 1) * size);
        return {
          ...{ number: i + 1, start: i * size, end: i * size + part.length },
          ...{ sha256: hash('sha256', part), md5: hash('md5', part) },
        };
      }),
    );
  },
);

test('what is sent is read in pieces, each byte once', async () => {
  const content = randomBytes(2 * PIECE + 9);
  const read: Buffer[] = [];
  for await (const piece of pieces(clipOf(content), 3, content.length - 2)) {
    expect(piece.length).toBeLessThanOrEqual(PIECE);
    read.push(piece);
  }
  expect(Buffer.concat(read).equals(content.subarray(3, -2))).toBe(true);
});

test("an ETag as S3 makes it: of `printf a` and `printf b`, the latter's as the second part", () => {
  const [a, b] = [Buffer.from('a'), Buffer.from('b')].map((bytes) => ({ md5: hash('md5', bytes) }));
  if (!a || !b) throw new Error('none');
  expect(etagOf([a], false)).toBe('0cc175b9c0f1b6a831c399e269772661');
  // echo -n 0cc175b9c0f1b6a831c399e26977266192eb5ffee6ae2fec3ad71c777531578f | xxd -r -p | md5sum
  expect(etagOf([a, b], true)).toMatch(/^[0-9a-f]{32}-2$/);
  expect(etagOf([a], true)).toBe(`${hash('md5', Buffer.from(a.md5, 'hex'))}-1`);
});

test('a reading can be called off', async () => {
  const over = new AbortController();
  over.abort(new Error('over'));
  await expect(digestOf(clipOf(randomBytes(10)), 5, over.signal)).rejects.toThrow('over');
});
