import {
  type Document,
  type ErrorCode,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';

/** Keys and indices from the top of the file to a setting. */
export type Path = readonly (string | number)[];

/** `desks.front.inputs[0].baud`; keys that are no plain word in quotes. */
export function showPath(path: Path): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`;
    if (step === '[]') return `${shown}[]`;
    if (!/^[\w-]+$|^\*$/.test(step)) return `${shown}[${JSON.stringify(step)}]`;
    return shown === '' ? step : `${shown}.${step}`;
  }, '');
}

/** Something that is not YAML, or not the part of YAML that a config may use. Line and column count from 1. */
export interface SyntaxFault {
  line: number;
  column: number;
  message: string;
}

/** A config file as text that has lines. */
export interface Source {
  /** What the file says, as plain values; undefined when it has faults. */
  raw: unknown;
  faults: SyntaxFault[];
  /** The line of a setting; of what it would stand in, when it is not there. */
  lineOf(path: Path): number;
}

/**
 * Our sentences for the faults that people make. The parser's own are not used: they quote the file, and what
 * they quote may be a password.
 */
const SENTENCES: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: 'the indentation does not fit the lines above',
  BAD_SCALAR_START: 'a value cannot begin with this character; put the value in quotes',
  BAD_DQ_ESCAPE: 'unknown escape after \\ in a text in "double quotes"; use single quotes',
  BLOCK_AS_IMPLICIT_KEY: 'two settings on one line, or a text with ": " in it that needs quotes',
  DUPLICATE_KEY: 'this key stands twice in the same block; keep one of them',
  MISSING_CHAR: 'a closing quote or bracket, a comma or a colon is missing here or just before',
  MULTILINE_IMPLICIT_KEY: 'the line above is not finished, or a colon is missing',
  MULTIPLE_DOCS: 'a second document begins here; a config is one document',
  NON_STRING_KEY: 'a key must be a simple word',
  TAB_AS_INDENT: 'a tab; indent with spaces',
  TAG_RESOLVE_FAILED:
    'a tag such as !secret has no meaning here; secrets are given by `file` or `credential`',
};

/** Reads YAML 1.2 and remembers where everything stood. */
export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const faultAt = (offset: number, message: string): SyntaxFault => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, message };
  };
  const faults = [...document.errors, ...document.warnings].map((error) =>
    faultAt(error.pos[0], SENTENCES[error.code] ?? 'this is not valid YAML'),
  );
  // One setting, one line: an alias would hide where a value comes from.
  visit(document, {
    Alias: (_key, alias) => {
      faults.push(
        faultAt(alias.range?.[0] ?? 0, 'an alias (*name) is not used here; write the value itself'),
      );
    },
  });
  return {
    raw: faults.length > 0 ? undefined : document.toJS(),
    faults,
    lineOf: (path) => lines.linePos(offsetOf(document, path)).line,
  };
}

/** A text at the top of the file, found also where other settings have faults; null: there is none, or an empty one. */
export function topText(text: string, key: string): string | null {
  const { contents } = parseDocument(text, { logLevel: 'silent', stringKeys: true });
  const value = isMap(contents) ? contents.get(key) : null;
  return typeof value === 'string' && value !== '' ? value : null;
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (!pair) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
