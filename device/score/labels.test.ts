import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CaError } from '../errors.ts';
import { parseLabels, readLabels, samePath } from './labels.ts';

const parse = (csv: string) => parseLabels(csv, (name) => `/recordings/${name}`);

function errorOf(path: string): CaError {
  try {
    readLabels(path);
  } catch (error) {
    if (error instanceof CaError) return error;
  }
  throw new Error('no CaError');
}

test('a label for each file', () => {
  const { labels, faults } = parse('file,label\r\na.mp4,negative\r\n"b, again.wav", neutral\r\n');
  expect(faults).toEqual([]);
  expect([...labels]).toEqual([
    ['/recordings/a.mp4', { name: 'a.mp4', label: 'negative' }],
    ['/recordings/b, again.wav', { name: 'b, again.wav', label: 'neutral' }],
  ]);
});

test('all that is wrong is told at once, with its line', () => {
  const csv = 'file,label\na,sad\nb\n"c\nd",positive\ne,f,neutral\n,neutral\nb,neutral\nb,positive\n"g';
  const { labels, faults } = parse(csv);
  expect([...labels.keys()]).toEqual(['/recordings/c\nd', '/recordings/b']);
  expect(faults).toEqual([
    'line 2: "sad" is no label: write negative, neutral, positive',
    'line 3: has one field instead of two: a name with a comma needs quotation marks',
    'line 6: has 3 fields instead of two: a name with a comma needs quotation marks',
    'line 7: names no file',
    'line 9: "b" has its label in line 8 already',
    'line 10: a quotation mark is not closed',
  ]);
});

test.each(['', 'a.mp4,negative\n', 'file;label\na;neutral\n', 'label,file\n'])(
  'without its header %j is no table',
  (csv) => expect(parse(csv).faults).toEqual(['line 1: the table must begin with the header `file,label`']),
);

test('a name is relative to the folder of the table, and a link is what it leads to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ca-labels-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.wav'), '');
  symlinkSync('a.wav', join(folder, 'link.wav'));
  const table = join(folder, 'labels.csv');
  writeFileSync(table, 'file,label\nlink.wav,neutral\nnone.wav,positive\n');
  expect([...readLabels(table).keys()]).toEqual([
    samePath(join(folder, 'a.wav')),
    samePath(join(folder, 'none.wav')),
  ]);
  writeFileSync(table, 'file,label\na.wav,great\n');
  expect(errorOf(table)).toMatchObject({
    code: 'CA_LABELS_INVALID',
    message: expect.stringContaining('line 2: "great"'),
  });
  writeFileSync(table, Buffer.from('file,label\n\xe9.wav,neutral\n', 'latin1'));
  expect(errorOf(table).remedy).toContain('UTF-8');
  expect(errorOf(folder).code).toBe('CA_LABELS_INVALID');
});
