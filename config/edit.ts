import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, type Pair, parseDocument, stringify, YAMLMap, YAMLSeq } from 'yaml';
import { CaError } from '../device/errors.ts';
import { type Path, showPath } from './source.ts';

/** What a setting is to be; undefined: it is taken out. */
export interface Edit {
  readonly path: readonly string[];
  readonly value: string | number | undefined;
}

/** A piece of the file, offsets in characters, and what stands there afterwards. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** What is to change below a key, by key. */
type Changes = Map<string, Edit['value'] | Changes>;

/**
 * A config file with some settings changed, and nothing else: comments, order, blank lines and columns stay. (The text of
 * a whole `yaml` document written anew would lose the columns.) @throws CaError CA_CONFIG_UNWRITABLE where the file is
 * written in a way that this cannot change
 */
export function editConfig(text: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return text;
  // Read once, however many edits: the service does nothing else meanwhile.
  const document = parseDocument(text, { stringKeys: true });
  const after = spliced(text, splicesOf(text, document.contents, null, changesOf(edits), []), edits);
  const wanted = edits.reduce(withEdit, plainOf(document));
  // Whatever the file looks like, it says what it is to say, or it is not written.
  if (!isDeepStrictEqual(plainOf(parseDocument(after, { stringKeys: true })), wanted))
    throw unwritable(edits.length === 1 ? pathOf(edits) : pathOf(edits).slice(0, 1));
  return after;
}

const pathOf = (edits: readonly Edit[]): Path => edits[0]?.path ?? [];

function changesOf(edits: readonly Edit[]): Changes {
  const root: Changes = new Map();
  for (const { path, value } of edits) {
    let below = root;
    for (const key of path.slice(0, -1)) {
      const known = below.get(key);
      const next: Changes = known instanceof Map ? known : new Map();
      below.set(key, next);
      below = next;
    }
    below.set(path.at(-1) ?? '', value);
  }
  return root;
}

/** Two at one place stand in the order in which they were found: what lies deeper first. */
function spliced(text: string, splices: readonly Splice[], edits: readonly Edit[]): string {
  let done = 0;
  let after = '';
  for (const { from, to, text: put } of splices.toSorted((a, b) => a.from - b.from)) {
    if (from < done) throw unwritable(pathOf(edits));
    after += text.slice(done, from) + put;
    done = to;
  }
  return after + text.slice(done);
}

function unwritable(path: Path): CaError {
  return new CaError(
    'CA_CONFIG_UNWRITABLE',
    `${showPath(path)} is written in a way that the page cannot change`,
  );
}

function plainOf(document: Document): unknown {
  return document.errors.length > 0 ? undefined : (document.toJS() ?? {});
}

function withEdit(root: unknown, { path, value }: Edit): unknown {
  const [key = '', ...rest] = path;
  const map = { ...(root as Record<string, unknown> | null) };
  if (value === undefined && map[key] === undefined) return root;
  if (rest.length > 0) map[key] = withEdit(map[key], { path: rest, value });
  else if (value === undefined) delete map[key];
  else map[key] = value;
  return map;
}

/** All changes at a node, which is the value of `parent`; null: the node is the whole file. */
function splicesOf(
  text: string,
  node: unknown,
  parent: Pair | null,
  changes: Changes,
  path: Path,
): readonly Splice[] {
  if (!isMap(node)) {
    const added = present(changes);
    if (!parent || !isEmpty(node)) throw unwritable([...path, ...changes.keys()].slice(0, path.length + 1));
    return added.size === 0 ? [] : [fill(text, parent, added)];
  }
  const pairs = new Map<unknown, Pair>(
    node.items.map((item) => [isScalar(item.key) ? item.key.value : undefined, item]),
  );
  const splices: Splice[] = [];
  const removed = new Set<Pair>();
  const added: Changes = new Map();
  for (const [key, change] of changes) {
    const pair = pairs.get(key);
    if (!pair) added.set(key, change);
    else if (change instanceof Map)
      splices.push(...splicesOf(text, pair.value, pair, change, [...path, key]));
    else if (change === undefined) removed.add(pair);
    else splices.push(replace(text, pair, change, node.flow === true));
  }
  const more = present(added);
  if (removed.size > 0 || more.size > 0)
    splices.push(...(node.flow ? inFlow : inBlock)(text, node, parent, removed, more));
  return splices;
}

/** Without what is not to be. */
function present(changes: Changes): Changes {
  const rest: Changes = new Map();
  for (const [key, change] of changes) {
    const kept = change instanceof Map ? present(change) : change;
    if (kept !== undefined && !(kept instanceof Map && kept.size === 0)) rest.set(key, kept);
  }
  return rest;
}

const isEmpty = (node: unknown) => node === null || (isScalar(node) && node.value === null);

/** A value, or a key, on one line. In `flow`, between braces, some plain texts need quotes. */
function written(value: string | number): string {
  const plain = stringify(value, { lineWidth: 0 }).trimEnd();
  return typeof value === 'string' && /[[\]{},#:\n]/.test(plain) ? JSON.stringify(value) : plain;
}

const flowOf = (changes: Changes): string =>
  [...changes]
    .map(([key, value]) => {
      const put = value instanceof Map ? `{ ${flowOf(value)} }` : written(value ?? '');
      return `${written(key)}: ${put}`;
    })
    .join(', ');

function blockOf(changes: Changes, indent: string, eol: string): string {
  const lines = [...changes].map(([key, value]) => {
    const line = `${indent}${written(key)}:`;
    return value instanceof Map
      ? line + eol + blockOf(value, `${indent}  `, eol)
      : `${line} ${written(value ?? '')}`;
  });
  return lines.join(eol);
}

function replace(text: string, pair: Pair, value: string | number, flow: boolean): Splice {
  if (isEmpty(pair.value))
    return { from: colonOf(text, pair), to: colonOf(text, pair), text: ` ${written(value)}` };
  const [from, to] = rangeOf(pair.value);
  const put = written(value);
  // What is said of it at the end of the line stays in its column.
  const room = flow ? null : /^( {2,})#/.exec(text.slice(to));
  if (!room?.[1]) return { from, to, text: put };
  const spaces = Math.max(1, room[1].length - (put.length - (to - from)));
  return { from, to: to + room[1].length, text: put + ' '.repeat(spaces) };
}

/** Out of, and into, a map between braces. */
function inFlow(
  text: string,
  map: YAMLMap,
  _parent: Pair | null,
  removed: ReadonlySet<Pair>,
  added: Changes,
): Splice[] {
  const items = map.items as Pair[];
  const [start, end] = rangeOf(map);
  const put = flowOf(added);
  const last = items.at(-1);
  const lastKept = items.findLast((pair) => !removed.has(pair));
  if (!last || !lastKept) {
    // Comments can stand within; then only the settings go.
    if (!text.slice(start, end).includes('#'))
      return [{ from: start, to: end, text: put === '' ? '{}' : `{ ${put} }` }];
    return items.map((pair, place) => {
      const to = endOf(pair) + (/^\s*,/.exec(text.slice(endOf(pair), end))?.[0].length ?? 0);
      return { from: startOf(pair), to, text: place === 0 && put !== '' ? `${put},` : '' };
    });
  }
  const kept = items.indexOf(lastKept);
  const gone = items.slice(0, kept).filter((pair) => removed.has(pair));
  return [
    ...gone.map((pair) => {
      const next = items[items.indexOf(pair) + 1] as Pair;
      return { from: startOf(pair), to: startOf(next), text: '' };
    }),
    { from: endOf(lastKept), to: endOf(last), text: put === '' ? '' : `, ${put}` },
  ];
}

/** Out of, and into, a map with a setting on each line. */
function inBlock(
  text: string,
  map: YAMLMap,
  parent: Pair | null,
  removed: ReadonlySet<Pair>,
  added: Changes,
): Splice[] {
  const items = map.items as Pair[];
  const [first, last] = [items[0], items.at(-1)];
  if (!first || !last) throw unwritable([]);
  const emptied = parent !== null && removed.size === items.length && added.size === 0;
  if (emptied && items.length === 1 && text.slice(colonOf(text, parent), startOf(first)).trim() === '')
    return [{ from: colonOf(text, parent), to: endOf(first), text: ' {}' }];
  const splices = [...removed].map((pair) => lineOf(text, pair, emptied && pair === last));
  if (emptied) splices.unshift({ from: colonOf(text, parent), to: colonOf(text, parent), text: ' {}' });
  if (added.size === 0) return splices;
  const eol = eolOf(text);
  const at = lineEnd(text, endOf(last));
  const column = startOf(first) - (text.lastIndexOf('\n', startOf(first) - 1) + 1);
  // Between the settings of the top there is a blank line.
  const apart = parent === null ? eol : '';
  const blocks = [...added].map((entry) => blockOf(new Map([entry]), ' '.repeat(column), eol));
  return [...splices, { from: at, to: at, text: blocks.map((block) => apart + eol + block).join('') }];
}

/** The line of a setting goes, with what is said of it at its end; or without. */
function lineOf(text: string, pair: Pair, commentStays: boolean): Splice {
  const end = endOf(pair);
  const comment = commentStays ? /^[ \t]+(?=#)/.exec(text.slice(end)) : null;
  if (comment) return { from: startOf(pair), to: end + comment[0].length, text: '' };
  const from = text.lastIndexOf('\n', startOf(pair) - 1) + 1;
  const eol = eolOf(text).length;
  // With the line break before it: what comes in behind it has one of its own.
  return from === 0
    ? { from, to: lineEnd(text, end) + eol, text: '' }
    : { from: from - eol, to: lineEnd(text, end), text: '' };
}

/** Below a key that has nothing below it. */
function fill(text: string, parent: Pair, added: Changes): Splice {
  const start = startOf(parent);
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  const at = lineEnd(text, colonOf(text, parent));
  const eol = eolOf(text);
  return { from: at, to: at, text: eol + blockOf(added, ' '.repeat(column + 2), eol) };
}

function rangeOf(node: unknown): readonly [start: number, end: number] {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  if (range?.[0] === undefined || range[1] === undefined) throw unwritable([]);
  return [range[0], range[1]];
}

const startOf = ({ key }: Pair): number => rangeOf(key)[0];

/** Behind the colon of a key. */
function colonOf(text: string, { key }: Pair): number {
  const colon = text.indexOf(':', rangeOf(key)[1]);
  if (colon < 0) throw unwritable([]);
  return colon + 1;
}

/** Where the last value within ends: a block's own range goes on over comments that are not its. */
function endOf(node: unknown): number {
  if (node instanceof YAMLMap && !node.flow && node.items.length > 0) return endOf(node.items.at(-1));
  if (node instanceof YAMLSeq && !node.flow && node.items.length > 0) return endOf(node.items.at(-1));
  if (typeof node === 'object' && node !== null && 'key' in node) {
    const { key, value } = node as Pair;
    return isEmpty(value) ? rangeOf(key)[1] + 1 : endOf(value);
  }
  return rangeOf(node)[1];
}

function lineEnd(text: string, from: number): number {
  const at = text.slice(from).search(/\r?\n|$/);
  return text[from - 1] === '\n' ? from - eolOf(text).length : from + at;
}

const eolOf = (text: string) => (text.includes('\r\n') ? '\r\n' : '\n');
