import { expect, it } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';

const FRAME = 640 * 480 * 3;

it('cuts pictures out of a stream, however it comes in pieces', () => {
  const stream = Buffer.concat([1, 2, 3].map((value) => Buffer.alloc(FRAME, value)));
  for (const size of [1000, 65_536, FRAME, FRAME * 2 + 1, FRAME * 3]) {
    const frames: Buffer[] = [];
    const splitter = new FrameSplitter((rgb) => frames.push(rgb));
    for (let at = 0; at < stream.length; at += size) splitter.push(stream.subarray(at, at + size));
    expect(frames).toHaveLength(3);
    expect(Buffer.concat(frames).equals(stream)).toBe(true);
  }
});
