import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const REVIEW = join(import.meta.dirname, '../../device/review');

interface Words {
  readonly errorWords: { readonly en: Readonly<Record<string, string>> };
  wordOf(code: string, status: number): string | null;
}
// Not by a literal name: the compiler would take the browser's types into all tests of the service.
const { errorWords, wordOf }: Words = await import(join(REVIEW, 'ui/error-words.ts'));

/** What only programs get: the page never asks so. */
const NEVER_ASKED = [
  ...['token', 'person-only', 'foreign-header', 'bad-cursor', 'no-table', 'not-confirmed'],
];

const sources = globSync('**/*.ts', { cwd: REVIEW, exclude: ['ui/**', '**/*.test.ts'] });
const texts = sources.map((file) => readFileSync(join(REVIEW, file), 'utf8'));

test('the page has words for each refusal that it can get', () => {
  const refusals = texts.flatMap((text) => [...text.matchAll(/new Refusal\(\s*(\d+),\s*'([\w-]+)'/g)]);
  expect(refusals.length).toBeGreaterThan(50);
  const wordless = refusals.filter(([, status, code = '']) => wordOf(code, Number(status)) === null);
  expect(new Set(wordless.map(([, , code]) => code))).toEqual(new Set(NEVER_ASKED));
});

test('the page has words for each error of the service that is no failure of its own', () => {
  const app = readFileSync(join(REVIEW, 'app.ts'), 'utf8');
  const [, table = ''] = app.split('const STATUS');
  const codes = [...table.matchAll(/(CA_\w+): (\d+)/g)];
  expect(codes.length).toBeGreaterThan(5);
  expect(codes.filter(([, code = '', status]) => wordOf(code, Number(status)) === null)).toEqual([]);
});

test('the page has no words that nothing can call for', () => {
  const all = texts.join('\n');
  const ui = readFileSync(join(REVIEW, 'ui/api.ts'), 'utf8');
  const unused = Object.keys(errorWords.en).filter((word) => {
    const code = word.replace(/-\d{3}$/, '');
    return !(all.includes(`'${code}'`) || all.includes(`${code}:`) || ui.includes(`'${code}'`));
  });
  expect(unused).toEqual([]);
});
