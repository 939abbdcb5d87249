import { readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CaError, messageOf } from '../errors.ts';
import { LABELS, type Label } from './confusion.ts';
import { type CsvRecord, recordsOf } from './csv.ts';

export interface LabelledFile {
  /** As it is written in the table. */
  readonly name: string;
  readonly label: Label;
}

const HEADER = 'file,label';

/**
 * The labels of recordings, by `samePath`. The table is a CSV with the header `file,label`; a file's name is relative to
 * the table's folder. @throws CaError CA_LABELS_INVALID, with all lines that are wrong
 */
export function readLabels(path: string): Map<string, LabelledFile> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    throw new CaError('CA_LABELS_INVALID', `cannot read ${path}: ${messageOf(cause)}`, {
      cause,
      remedy: 'Check the path; the table must be text in UTF-8.',
    });
  }
  const { labels, faults } = parseLabels(text, (name) => samePath(resolve(dirname(path), name)));
  if (faults.length === 0) return labels;
  throw new CaError('CA_LABELS_INVALID', [`${path} is no table of labels:`, ...faults].join('\n'));
}

/** One name for one file, by whatever links it is reached. */
export function samePath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Not there: that is told when it is to be scored.
    return resolve(path);
  }
}

/** Reads a table. `pathOf` says what file a name stands for. `faults`: a line of text each, with the number of the line. */
export function parseLabels(
  csv: string,
  pathOf: (name: string) => string,
): { labels: Map<string, LabelledFile>; faults: string[] } {
  const labels = new Map<string, LabelledFile>();
  const faults: string[] = [];
  const lines = new Map<string, number>();
  const [header, ...records] = recordsOf(csv);
  if (header?.fields.map((field) => field.trim()).join() !== HEADER)
    faults.push(`line ${header?.line ?? 1}: the table must begin with the header \`${HEADER}\``);
  else
    for (const record of records) {
      const read = labelledFile(record);
      const path = typeof read === 'string' ? '' : pathOf(read.name);
      const before = lines.get(path);
      if (typeof read === 'string') faults.push(`line ${record.line}: ${read}`);
      else if (before !== undefined)
        faults.push(`line ${record.line}: "${read.name}" has its label in line ${before} already`);
      else {
        lines.set(path, record.line);
        labels.set(path, read);
      }
    }
  return { labels, faults };
}

/** What a record says, or what is wrong with it. */
function labelledFile({ fields, open }: CsvRecord): LabelledFile | string {
  const [name = '', given = ''] = fields;
  if (open) return 'a quotation mark is not closed';
  if (fields.length !== 2)
    return `has ${fields.length === 1 ? 'one field' : `${fields.length} fields`} instead of two: a name with a comma needs quotation marks`;
  if (name === '') return 'names no file';
  const label = LABELS.find((one) => one === given.trim());
  return label ? { name, label } : `"${given}" is no label: write ${LABELS.join(', ')}`;
}
