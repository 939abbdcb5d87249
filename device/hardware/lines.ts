import type { Inventory } from '../../drivers/inventory/look.ts';
import type { Row, Rows } from './rows.ts';

/** What stands on the terminal: plain lines, each as wide as `columns` at most. Pure; `paint` adds the colours. */

/** Width of the word that begins a device: short, for a phone shows 40 columns. */
const WORD = 8;

/** All devices as they stand now. */
export function liveLines(rows: Rows, columns: number): string[] {
  return Object.entries(rows).flatMap(([desk, devices]) => [
    ...wrap(desk, columns, ''),
    ...devices.flatMap((row) => [
      ...wrap(`${row.state.padEnd(WORD)} ${title(row)}`, columns, '  '),
      // Most messages begin with the name, which stands above.
      ...row.facts.flatMap((fact) => wrap(`  ${fact.replace(`${row.name}: `, '')}`, columns, '  ')),
      ...advice(row, columns),
    ]),
    '',
  ]);
}

/** What is to be said in the end: a verdict on each device, and what to do. */
export function verdictLines(rows: Rows, columns: number): string[] {
  return Object.entries(rows).flatMap(([desk, devices]) => [
    ...wrap(desk, columns, ''),
    ...devices.flatMap((row) => [
      ...wrap(`${row.verdict.padEnd(WORD)} ${title(row)}`, columns, '  '),
      ...(row.lastFault === null
        ? []
        : wrap(`  last fault: ${row.lastFault.replace(`${row.name}: `, '')}`, columns, '  ')),
      ...(row.remedy === null ? [] : wrap(`  ${row.remedy}`, columns, '  ')),
    ]),
    '',
  ]);
}

/** What is plugged in, whether or not the config names it. */
export function inventoryLines(found: Inventory, columns: number): string[] {
  const list = (title: string, items: string[]) => [
    title,
    ...(items.length > 0 ? items : ['none found']).flatMap((item) => wrap(`  ${item}`, columns, '    ')),
  ];
  const named = (name: string, links: readonly string[], about: string) =>
    [name, about, ...links.map((link) => `= ${link}`)].filter(Boolean).join('  ');
  return [
    ...list(
      'GPIO chips',
      found.gpio.map(({ name, label, lines, used }) => {
        const users = used.map((line) => `${line.name || line.line} by ${line.consumer || 'the kernel'}`);
        return `${name} [${label}] ${lines} lines, used: ${users.join(', ') || 'none'}`;
      }),
    ),
    ...list(
      'Serial ports',
      found.serial.map(({ path, links, about }) => named(path, links, about)),
    ),
    ...list(
      'Keypads, card readers and the like',
      found.keys.map(({ path, name, links }) => named(path, links, name)),
    ),
    ...list(
      'Cameras',
      found.cameras.map(({ driver, device, name }) => `${driver} ${device}  ${name}`),
    ),
    ...list(
      'Microphones',
      found.microphones.map(({ device, name }) => `${device}  ${name}`),
    ),
    ...found.unseen.flatMap((what) => wrap(`Not seen: ${what}`, columns, '  ')),
    '',
  ];
}

function title({ kind, name }: Row): string {
  return kind === 'input' || kind === 'service' || name.startsWith(kind) ? name : `${kind} ${name}`;
}

function advice({ verdict, remedy }: Row, columns: number): string[] {
  return remedy === null ? [] : wrap(`  ${verdict}: ${remedy}`, columns, '  ');
}

/** Breaks between words; within one only where it is wider than a line. What follows the first line is indented. */
export function wrap(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  // A device's own name may hold anything; here it must not move the cursor.
  let rest = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trimEnd();
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns);
    const at = space > 0 && rest.slice(0, space).trim() !== '' ? space : columns;
    lines.push(rest.slice(0, at).trimEnd());
    rest = indent + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

/** Colours for the words that matter. `line`: one of the above. */
export function paint(line: string): string {
  return line
    .replace(/^(PRESENT|PRESSED|LIT|HEARD|SEEN|SEES|OK) /, '\x1b[1;30;42m$1\x1b[0m ')
    .replace(/^(absent|idle|off) /, '\x1b[1m$1\x1b[0m ')
    .replace(/^( *)(FAULT|failed|degraded)\b/, '$1\x1b[1;37;41m$2\x1b[0m')
    .replace(/^( *)NOTHING HEARD\b/, '$1\x1b[30;43mNOTHING HEARD\x1b[0m');
}
