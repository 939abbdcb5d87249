import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Bytes of script, as sent, that any one page may need. */
const MOST = 120_000;
const ASSETS = join(import.meta.dirname, '../../.cache/page/assets');

test('no page needs more script than a slow tablet loads in a second', () => {
  const texts = new Map(
    readdirSync(ASSETS)
      .filter((file) => file.endsWith('.js'))
      .map((file) => [file, readFileSync(join(ASSETS, file), 'utf8')]),
  );
  /** What a file imports from its first line on; what it loads when it is needed is counted with what needs it. */
  const withImports = (file: string, found = new Set<string>()): Set<string> => {
    if (found.has(file)) return found;
    found.add(file);
    for (const [, next = ''] of (texts.get(file) ?? '').matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g))
      withImports(next, found);
    return found;
  };
  const bytes = (files: Set<string>) =>
    [...files].reduce((sum, file) => sum + statSync(join(ASSETS, `${file}.gz`)).size, 0);
  const first = [...texts.keys()]
    .filter((file) => file.startsWith('index-'))
    .flatMap((file) => [...withImports(file)]);
  const pages = [...texts.keys()].filter((file) => /^(own-)?page-/.test(file));
  expect(pages.length).toBeGreaterThanOrEqual(11);
  const needed = pages.map((file) => bytes(new Set([...withImports(file), ...first])));
  console.log(`script of a page: ${Math.min(...needed)} to ${Math.max(...needed)} bytes`);
  expect(Math.max(...needed)).toBeLessThanOrEqual(MOST);
});
