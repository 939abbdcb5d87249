import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';
import type { Face } from './faces.ts';
import { policyOf } from './guard.ts';

const read = (file: string) => readFileSync(new URL(`./page/${file}`, import.meta.url), 'utf8');
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

/** What the page says instead of its own words, by its language. */
export type TabletTexts = Config['tablet']['texts'];

/** The page of a desk. `version` changes when the page or the desk's buttons do. */
export interface PageDocument {
  readonly html: string;
  readonly version: string;
  /** Content-Security-Policy. */
  readonly policy: string;
}

/**
 * Makes the page one document with style, script and buttons inside: once it is there nothing is missing, whatever
 * becomes of the network. (A service worker would keep it over a restart of the tablet too, but takes https.)
 */
export function documentOf(faces: readonly Face[], texts: TabletTexts = {}): PageDocument {
  const [style, script] = [read('tablet.css'), read('tablet.js')];
  const parts = [read('index.html'), style, script, JSON.stringify([faces, texts])];
  const version = sha256(parts.join('\0')).slice(0, 12);
  // In a data block the text ends at the first `</`, whatever JSON says.
  const data = JSON.stringify({ faces, texts, version }).replaceAll('<', '\\u003c');
  const html = read('index.html')
    // Functions, because `$` in a replacing text has a meaning.
    .replace('<link rel="stylesheet" href="tablet.css" />', () => `<style>${style}</style>`)
    .replace('<script src="tablet.js"></script>', () => `<script>${script}</script>`)
    .replace('{}</script>', () => `${data}</script>`);
  const policy = policyOf({ style: `sha256-${sha256(style)}`, script: `sha256-${sha256(script)}` });
  return { html, version, policy };
}
