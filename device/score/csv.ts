export interface CsvRecord {
  /** In which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** A quotation mark in it was not closed. */
  readonly open: boolean;
}

/**
 * The records of a CSV (RFC 4180): a field in quotation marks may have commas, line feeds and, doubled, quotation
 * marks. Lines may end as anywhere; empty ones are no record, nor is the mark that some programs put before a text.
 */
export function recordsOf(csv: string): CsvRecord[] {
  const text = csv.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const records: CsvRecord[] = [];
  let [line, from] = [1, 1];
  let [fields, field, quoted]: [string[], string, boolean] = [[], '', false];
  const finish = () => {
    if (fields.length > 0 || field !== '')
      records.push({ line: from, fields: [...fields, field], open: quoted });
    [fields, field] = [[], ''];
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === '\n') line++;
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text.charAt(at + 1) === '"') field += text.charAt(++at);
      else quoted = false;
    } else if (letter === '"' && field === '') quoted = true;
    else if (letter === ',') {
      fields.push(field);
      field = '';
    } else if (letter === '\n') {
      finish();
      from = line;
    } else field += letter;
  }
  finish();
  return records;
}
