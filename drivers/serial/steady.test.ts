import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IN_A_ROW, Steady } from './steady.ts';

/** Readings as text, 1 and 0; what changes, as level@number of the reading it is stamped with. x: a loss. */
function changes(readings: string): string[] {
  const steady = new Steady();
  const found: string[] = [];
  [...readings].forEach((reading, mono) => {
    if (reading === 'x') steady.reset();
    const change = reading === 'x' ? null : steady.push(reading === '1', { mono, wall: mono });
    if (change) found.push(`${Number(change.present)}@${change.at.mono}`);
  });
  return found;
}

test.each([
  ['000', ['0@0']],
  ['00', []],
  ['000111', ['0@0', '1@3']],
  ['00010110', ['0@0']],
  ['000110111', ['0@0', '1@6']],
  ['111x11', ['1@0']],
  ['111x111', ['1@0', '1@4']],
  ['11x1', []],
  ['01011000', ['0@5']],
])('%s', (readings, expected) => {
  expect(changes(readings)).toEqual(expected);
});

test('levels alternate, are never early, and two wild readings in a row change nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('0', '1'), { maxLength: 60 }), (readings) => {
      const text = readings.join('');
      const found = changes(text).map((change) => change.split('@').map(Number));
      found.forEach(([level, at = 0], n) => {
        expect(text.slice(at, at + IN_A_ROW)).toBe(`${level}`.repeat(IN_A_ROW));
        expect(level).not.toBe(found[n - 1]?.[0]);
      });
    }),
  );
});
