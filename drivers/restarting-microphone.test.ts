import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wholeSamples } from './restarting-microphone.ts';

test('chunks cut anywhere come out as the same bytes in whole samples', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), (cuts) => {
      const whole = wholeSamples();
      const chunks = cuts.map((cut) => whole(Buffer.from(cut)));
      const sent = Buffer.concat(cuts);
      expect(chunks.every((chunk) => chunk.length % 2 === 0)).toBe(true);
      expect(Buffer.concat(chunks)).toEqual(sent.subarray(0, sent.length - (sent.length % 2)));
    }),
  );
});
