import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const text = readFileSync(new URL('guarantees.md', import.meta.url), 'utf8');
const root = new URL('../', import.meta.url);
const catalogue = readFileSync(new URL('device/errors.ts', root), 'utf8');

/** The rows of all tables of failures, cell by cell. */
const rows = [...text.matchAll(/^\| (.*) \|$/gm)]
  .map(([, row = '']) => row.split(' | '))
  .filter((cells) => cells.length === 6 && cells[0] !== 'what fails');

it('has failures of every part', () => {
  expect(rows.length).toBeGreaterThan(25);
});

it.each(rows.map((cells): [string, string] => [cells[0] ?? '', cells.at(-1) ?? '']))(
  '"%s" names tests that there are',
  (_, shown) => {
    const files = [...shown.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(file).toMatch(/\.test\.ts$/);
      expect(existsSync(new URL(file, root)), file).toBe(true);
    }
  },
);

it('names codes that there are', () => {
  const codes = [...text.matchAll(/CA_[A-Z_]+/g)].map(([code]) => code);
  expect(codes.length).toBeGreaterThan(15);
  expect(codes.filter((code) => !catalogue.includes(`  ${code}:`))).toEqual([]);
});

it('has no row that the tables lost', () => {
  const lines = text.split('\n').filter((line) => line.startsWith('| ') && line.includes('.test.ts` |'));
  expect(lines).toHaveLength(rows.length);
});
