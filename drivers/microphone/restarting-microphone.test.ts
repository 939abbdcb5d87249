import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wholeSamples } from './restarting-microphone.ts';

test('chunks cut anywhere come out as the same bytes in whole samples', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), fc.constantFrom(2, 4), (cuts, each) => {
      const whole = wholeSamples(each);
      const chunks = cuts.map((cut) => whole(Buffer.from(cut)));
      const sent = Buffer.concat(cuts);
      expect(chunks.every((chunk) => chunk.length % each === 0)).toBe(true);
      expect(Buffer.concat(chunks)).toEqual(sent.subarray(0, sent.length - (sent.length % each)));
    }),
  );
});
