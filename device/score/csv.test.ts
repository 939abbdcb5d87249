import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordsOf } from './csv.ts';

const fieldsOf = (csv: string) => recordsOf(csv).map(({ fields }) => fields);

test('fields, quoted ones, and empty lines', () => {
  expect(fieldsOf('a,b\r\n\r\n"c, d","say ""e"""\n"f\ng",\n')).toEqual([
    ['a', 'b'],
    ['c, d', 'say "e"'],
    ['f\ng', ''],
  ]);
});

test('a record stands at the line in which it begins', () => {
  expect(recordsOf('\uFEFFa\n\n"b\nc"\nd').map(({ line }) => line)).toEqual([1, 3, 5]);
});

test('a quotation mark that is not closed is told', () => {
  expect(recordsOf('a,b\n"c,d\ne,f').map(({ line, open }) => [line, open])).toEqual([
    [1, false],
    [2, true],
  ]);
});

test('what is quoted comes back, whatever it is', () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é') });
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { minLength: 1 }), (records) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const csv = records.map((fields) => fields.map(quoted).join()).join('\n');
      expect(fieldsOf(csv)).toEqual(records);
    }),
  );
});
