import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checksum, type Line, LineParser } from './line-protocol.ts';

const parse = (text: string | Uint8Array) => new LineParser().push(Buffer.from(text as string, 'latin1'));

/** What is dropped when `text` is parsed; only the reasons that occurred. */
function dropped(text: string): Partial<LineParser['dropped']> {
  const parser = new LineParser();
  expect(parser.push(Buffer.from(text, 'latin1'))).toEqual([]);
  return Object.fromEntries(Object.entries(parser.dropped).filter(([, count]) => count > 0));
}

test('the messages, with LF or CR LF', () => {
  expect(parse('P1\nP0\r\nBvery_good-1\r\nK\nL1\nL0\r\n')).toEqual([
    { kind: 'presence', present: true },
    { kind: 'presence', present: false },
    { kind: 'press', button: 'very_good-1' },
    { kind: 'alive' },
    { kind: 'lamp', lit: true },
    { kind: 'lamp', lit: false },
  ]);
});

test('the checks that the page above promises', () => {
  expect(parse('P1*61\nP0*60\nK*4B\nBgood*41\nK*4b\r\n')).toEqual([
    { kind: 'presence', present: true },
    { kind: 'presence', present: false },
    { kind: 'alive' },
    { kind: 'press', button: 'good' },
    { kind: 'alive' },
  ]);
  // The worked example of the NMEA 0183 documents.
  expect(checksum('GPGLL,5300.97914,N,00259.98174,E,125926,A')).toBe(0x28);
});

describe('is dropped and counted', () => {
  test.each([
    ['P2\n', { unknown: 1 }],
    ['L2\nL?\nL\n', { unknown: 3 }],
    ['p1\nP1 \n P1\nP\nB\nBa b\nKK\n', { unknown: 7 }],
    [`B${'x'.repeat(17)}\n`, { unknown: 1 }],
    ['P1*60\nP1*\nP1*6\nP1*611\nP1*zz\nP1*61*61\n', { checksum: 6 }],
    ['P\x001\n\xff\n\x1b[0m\nP\r1\n', { notAscii: 4 }],
    [`${'P'.repeat(65)}\n`, { tooLong: 1 }],
    [`${'P'.repeat(64)}\n${'P'.repeat(64)}\r\n`, { unknown: 2 }],
    [`${'P'.repeat(65)}\r\n${'\xff'.repeat(1_000)}P1\n`, { tooLong: 2 }],
    ['\n\r\n\n', {}],
  ])('%j', (text, expected) => {
    expect(dropped(text)).toEqual(expected);
  });
});

test('an unfinished line is forgotten by reset', () => {
  const parser = new LineParser();
  parser.push(Buffer.from('Bgo'));
  parser.reset();
  expect(parser.push(Buffer.from('P1\n'))).toEqual([{ kind: 'presence', present: true }]);
});

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,16}$/);
const said: fc.Arbitrary<[string, Line]> = fc.oneof(
  fc.boolean().map((present): [string, Line] => [present ? 'P1' : 'P0', { kind: 'presence', present }]),
  name.map((button): [string, Line] => [`B${button}`, { kind: 'press', button }]),
  fc.constant<[string, Line]>(['K', { kind: 'alive' }]),
  fc.boolean().map((lit): [string, Line] => [lit ? 'L1' : 'L0', { kind: 'lamp', lit }]),
);
const sent = fc
  .tuple(said, fc.boolean(), fc.constantFrom('\n', '\r\n'))
  .map(([[text, line], checked, end]): [string, Line] => {
    const check = checked ? `*${checksum(text).toString(16).padStart(2, '0')}` : '';
    return [`${text}${check}${end}`, line];
  });
// A byte that no message can hold makes sure that the garbage is garbage.
const garbage = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => `\x80${Buffer.from(bytes.filter((byte) => byte !== 0x0a)).toString('latin1')}\n`);

test('every split of the stream gives the same messages, garbage between them or not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(sent, fc.option(garbage)), { maxLength: 20 }),
      fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 20 }),
      (script, sizes) => {
        const bytes = Buffer.from(script.map(([[text], noise]) => (noise ?? '') + text).join(''), 'latin1');
        const parser = new LineParser();
        const heard: Line[] = [];
        for (let from = 0, i = 0; from < bytes.length; i++) {
          const size = Math.max(1, sizes[i % sizes.length] ?? 1);
          heard.push(...parser.push(bytes.subarray(from, from + size)));
          from += size;
        }
        expect(heard).toEqual(script.map(([[, line]]) => line));
        const { tooLong, notAscii, checksum, unknown } = parser.dropped;
        expect(tooLong + notAscii).toBe(script.filter(([, noise]) => noise !== null).length);
        expect(checksum + unknown).toBe(0);
      },
    ),
  );
});

test('a flood without a line end takes no memory, and the next line is heard', () => {
  const parser = new LineParser();
  const flood = Buffer.alloc(1 << 20, 'P');
  globalThis.gc?.();
  const before = process.memoryUsage();
  for (let i = 0; i < 32; i++) expect(parser.push(flood)).toEqual([]);
  const after = process.memoryUsage();
  expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(8 << 20);
  expect(parser.push(Buffer.from('\nP0\n'))).toEqual([{ kind: 'presence', present: false }]);
  expect(parser.dropped.tooLong).toBe(1);
});
