import type { z } from 'zod';
import { nearest } from './nearest.ts';
import { keysBelow, settingAt, written } from './settings.ts';
import { type Path, type Source, showPath } from './source.ts';

/** One thing that is wrong in a config file. */
export interface Problem {
  /** Such as `desks.front.inputs[0].baud`; empty for the file as a whole. */
  path: string;
  /** Counts from 1. For something missing, the line of the block that lacks it. */
  line: number;
  /** What stands there; null when nothing does, or when it is, or might be, a secret. */
  value: string | number | boolean | null;
  message: string;
  remedy: string;
}

type Issue = z.core.$ZodIssue;
type Words = Pick<Problem, 'message' | 'remedy'>;

/** The issues of zod in our words, in the order of the file. */
export function problemsOf(issues: readonly Issue[], source: Source): Problem[] {
  return issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? unknownKeys(issue, source) : [problem(issue, source)],
    )
    .sort((a, b) => a.line - b.line);
}

/** One line: where, what stands there, what is wrong with it, what to do. */
export function showProblem({ path, line, value, message, remedy }: Problem): string {
  const shown = value === null ? '' : ` = ${JSON.stringify(value)}`;
  return `line ${line}: ${path === '' ? 'the file' : path}${shown}: ${message}. ${remedy}`.trimEnd();
}

function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, source: Source): Problem[] {
  const path = issue.path as Path;
  const known = keysBelow(path, source.raw);
  return issue.keys.map((key) => {
    const near = nearest(key, known);
    return {
      path: showPath([...path, key]),
      line: source.lineOf([...path, key]),
      // Never shown: a misspelt `password` is an unknown key.
      value: null,
      message: 'is no setting',
      remedy: near ? `Did you mean \`${near}\`?` : `The settings here are ${known.join(', ')}.`,
    };
  });
}

function problem(issue: Issue, source: Source): Problem {
  const path = issue.path as Path;
  return {
    path: showPath(path),
    line: source.lineOf(path),
    value: harmless(issue),
    ...wordsFor(issue, path, source),
  };
}

function wordsFor(issue: Issue, path: Path, source: Source): Words {
  const setting = settingAt(path, source.raw);
  const type = setting?.type ?? 'a block';
  const about = [setting?.fallback ? `Left out, it is ${setting.fallback}.` : '', setting?.meaning ?? '']
    .filter((part) => part !== '')
    .join(' ');
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return { message: 'is missing', remedy: `Add ${type}: ${about}` };
      if (issue.input === null) return { message: 'is empty', remedy: `Write ${type}, or remove the line.` };
      return { message: `must be ${type}`, remedy: about };
    }
    case 'invalid_value':
      return { message: `must be ${type}`, remedy: didYouMean(issue.input, issue.values) ?? about };
    case 'invalid_union': {
      // Zod's type does not know the fields of a discriminator that matches nothing.
      const { discriminator, options } = issue as { discriminator?: string; options?: unknown[] };
      if (discriminator === undefined) return { message: issue.message, remedy: `Write ${type}.` };
      const found = discriminated(issue);
      if (found === undefined) return { message: 'is missing', remedy: `Write ${type}. ${about}` };
      return { message: `must be ${type}`, remedy: didYouMean(found, options ?? []) ?? about };
    }
    case 'too_small':
    case 'too_big':
      if (issue.origin === 'string') return { message: 'must not be empty', remedy: about };
      if (issue.origin === 'array') return { message: 'must have at least one entry', remedy: about };
      return { message: `must be ${type}`, remedy: about };
    case 'invalid_key':
      return { message: issue.issues[0]?.message ?? issue.message, remedy: 'Give it another name.' };
    case 'custom':
      return { message: issue.message, remedy: String(issue.params?.remedy ?? about) };
    default:
      return { message: issue.message, remedy: about };
  }
}

function didYouMean(found: unknown, values: readonly unknown[]): string | undefined {
  const near = nearest(String(found), values.map(String));
  return near === undefined ? undefined : `Did you mean \`${written(near)}\`?`;
}

function discriminated(issue: Issue): unknown {
  const { discriminator } = issue as { discriminator?: string };
  if (discriminator === undefined || typeof issue.input !== 'object' || issue.input === null)
    return undefined;
  return (issue.input as Record<string, unknown>)[discriminator];
}

/**
 * The value, when showing it can give nothing away. Not shown: a password or key, an address (people put passwords into
 * them), and a text where a block should stand (it may be either).
 */
function harmless(issue: Issue): Problem['value'] {
  if (issue.path.some((step) => step === 'password' || step === 'key' || step === 'url')) return null;
  if (issue.code === 'invalid_type' && ['object', 'record', 'array'].includes(issue.expected)) return null;
  const value = issue.code === 'invalid_union' ? discriminated(issue) : issue.input;
  if (typeof value === 'string') return value.length > 60 || /:\/\/|@/.test(value) ? null : value;
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
