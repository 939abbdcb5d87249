import { readFileSync, writeFileSync } from 'node:fs';
import { allSettings, jsonSchema, type Setting } from './settings.ts';
import { showPath } from './source.ts';

/** Writes what is made from the schema: the JSON Schema for editors, and the table of settings in the README. */

const SCHEMA_FILE = new URL('contact-analyzer.schema.json', import.meta.url);
const README_FILE = new URL('README.md', import.meta.url);
const TABLE = /(<!-- settings: made by `npm run schemas` -->\n)[\s\S]*(<!-- end of settings -->)/;

/** The published files as they should be: their addresses and texts. */
export function published(): [file: URL, text: string][] {
  const readme = readFileSync(README_FILE, 'utf8');
  return [
    [SCHEMA_FILE, `${JSON.stringify(jsonSchema(), null, 2)}\n`],
    [README_FILE, readme.replace(TABLE, (_all, begin, end) => `${begin}\n${settingsTable()}\n${end}`)],
  ];
}

function settingsTable(): string {
  const rows = allSettings().map((setting) =>
    [nameOf(setting), setting.type, defaultOf(setting), setting.meaning]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  const lines = ['setting | type | default | meaning', '--- | --- | --- | ---', ...rows];
  return `${lines.map((line) => `| ${line} |`).join('\n')}\n`;
}

function nameOf({ path, variant }: Setting): string {
  return `\`${showPath(path)}\`${variant === null ? '' : ` (${variant})`}`;
}

function defaultOf({ fallback, required }: Setting): string {
  if (fallback !== null) return `\`${fallback}\``;
  return required ? '**required**' : '–';
}

if (import.meta.main) {
  for (const [file, text] of published()) writeFileSync(file, text);
}
