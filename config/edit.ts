import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, type Pair, parseDocument, stringify, YAMLMap, YAMLSeq } from 'yaml';
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

/**
 * A config file with some settings changed, and nothing else: comments, order, blank lines and columns stay. (The text of
 * a whole `yaml` document written anew would lose the columns.) @throws CaError CA_CONFIG_UNWRITABLE where the file is
 * written in a way that this cannot change
 */
export function editConfig(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, edit) => {
    const { from, to, text: put } = spliceOf(before, edit);
    const after = before.slice(0, from) + put + before.slice(to);
    const [is, wanted] = [plainOf(after), withEdit(plainOf(before), edit)];
    // Whatever the file looks like, it says what it is to say, or it is not written.
    if (!isDeepStrictEqual(is, wanted)) throw unwritable(edit.path);
    return after;
  }, text);
}

function unwritable(path: Path): CaError {
  return new CaError(
    'CA_CONFIG_UNWRITABLE',
    `${showPath(path)} is written in a way that the page cannot change`,
  );
}

function plainOf(text: string): unknown {
  const document = parseDocument(text, { stringKeys: true });
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

function spliceOf(text: string, { path, value }: Edit): Splice {
  let { contents: node } = parseDocument(text, { stringKeys: true }) as { contents: unknown };
  let parent: Pair | null = null;
  for (const [depth, key] of path.entries()) {
    const rest = path.slice(depth);
    if (!isMap(node)) {
      if (parent && isEmpty(node) && value !== undefined) return fill(text, parent, rest, value);
      throw unwritable(path);
    }
    const pair: Pair | undefined = node.items.find((item) => isScalar(item.key) && item.key.value === key);
    if (!pair) {
      if (value === undefined) return { from: 0, to: 0, text: '' };
      return insert(text, node, parent, rest, value);
    }
    if (depth === path.length - 1)
      return value === undefined
        ? remove(text, node, pair, parent)
        : replace(text, pair, value, node.flow === true);
    parent = pair;
    node = pair.value;
  }
  throw unwritable(path);
}

const isEmpty = (node: unknown) => node === null || (isScalar(node) && node.value === null);

/** A value, or a key, on one line. In `flow`, between braces, some plain texts need quotes. */
function written(value: string | number): string {
  const plain = stringify(value, { lineWidth: 0 }).trimEnd();
  return typeof value === 'string' && /[[\]{},#:\n]/.test(plain) ? JSON.stringify(value) : plain;
}

const flowOf = ([key = '', ...rest]: readonly string[], value: string | number): string =>
  `${written(key)}: ${rest.length === 0 ? written(value) : `{ ${flowOf(rest, value)} }`}`;

function blockOf(
  [key = '', ...rest]: readonly string[],
  value: string | number,
  indent: string,
  eol: string,
): string {
  const line = `${indent}${written(key)}:`;
  return rest.length === 0
    ? `${line} ${written(value)}`
    : line + eol + blockOf(rest, value, `${indent}  `, eol);
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

/** Into a map that has other settings. */
function insert(
  text: string,
  map: YAMLMap,
  parent: Pair | null,
  path: readonly string[],
  value: string | number,
): Splice {
  const eol = eolOf(text);
  if (map.flow) {
    const [start, end] = rangeOf(map);
    if (map.items.length === 0) return { from: start, to: end, text: `{ ${flowOf(path, value)} }` };
    const last = endOf(map.items.at(-1) as Pair);
    return { from: last, to: last, text: `, ${flowOf(path, value)}` };
  }
  const first = map.items[0];
  const last = map.items.at(-1);
  if (!first || !last) throw unwritable(path);
  const at = lineEnd(text, endOf(last));
  const column = startOf(first) - (text.lastIndexOf('\n', startOf(first) - 1) + 1);
  // Between the settings of the top there is a blank line.
  const apart = parent === null ? eol : '';
  return { from: at, to: at, text: `${apart}${eol}${blockOf(path, value, ' '.repeat(column), eol)}` };
}

/** Below a key that has nothing below it. */
function fill(text: string, parent: Pair, path: readonly string[], value: string | number): Splice {
  const start = startOf(parent);
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  const at = lineEnd(text, colonOf(text, parent));
  const eol = eolOf(text);
  return { from: at, to: at, text: `${eol}${blockOf(path, value, ' '.repeat(column + 2), eol)}` };
}

function remove(text: string, map: YAMLMap, pair: Pair, parent: Pair | null): Splice {
  const place = map.items.indexOf(pair);
  if (map.items.length === 1 && parent)
    return { from: colonOf(text, parent), to: map.flow ? rangeOf(map)[1] : endOf(pair), text: ' {}' };
  if (map.flow) {
    const [next, before] = [map.items[place + 1], map.items[place - 1]];
    if (next) return { from: startOf(pair), to: startOf(next as Pair), text: '' };
    return { from: before ? endOf(before as Pair) : startOf(pair), to: endOf(pair), text: '' };
  }
  const from = text.lastIndexOf('\n', startOf(pair) - 1) + 1;
  return { from, to: lineEnd(text, endOf(pair)) + eolOf(text).length, text: '' };
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
