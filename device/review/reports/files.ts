import type { SheetData } from 'write-excel-file/node';
import type { Cell, Table } from './tables.ts';

/** What a spreadsheet would take for a formula, or for the end of a cell (OWASP, CSV Injection). */
const FORMULA = /^[\s]*[=+\-@\t\r]/;

/** CSV as RFC 4180 has it, in UTF-8 with a mark, so that spreadsheets read it as that. */
export function csvOf({ rows }: Table): string {
  return CSV_MARK + rows.map(csvRow).join('');
}

export const CSV_MARK = '\ufeff';

/** One line of it. Texts that look like a formula get an apostrophe. */
export function csvRow(row: readonly Cell[]): string {
  const cell = (value: Cell) => {
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    const text = FORMULA.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${row.map(cell).join(',')}\r\n`;
}

/** Characters that XML 1.0 cannot carry. */
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** A workbook with a sheet for each table. Texts are cells of type text, which no program reads as a formula. */
export async function xlsxOf(tables: readonly Table[]): Promise<Buffer> {
  // Loaded when somebody wants a workbook: it is 2 MB of memory.
  const { default: write } = await import('write-excel-file/node');
  const sheets = tables.map(({ name, rows }) => ({
    sheet: name,
    stickyRowsCount: 1,
    data: rows.map((row, i) =>
      row.map((value) =>
        value === null
          ? null
          : typeof value === 'number'
            ? { value, type: Number }
            : {
                ...{ value: value.replace(NO_XML, ''), type: String },
                ...(i === 0 ? { fontWeight: 'bold' as const } : {}),
              },
      ),
    ) as SheetData,
  }));
  return write(sheets).toBuffer();
}
