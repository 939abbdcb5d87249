import Database from 'better-sqlite3';
import { vi } from 'vitest';

/** Writes down every statement that any database of this process prepares or executes, until `end`. */
export function spyOnSql(): { statements: Set<string>; end(): void } {
  const statements = new Set<string>();
  const spies = (['prepare', 'exec'] as const).map((name) => {
    const real: (this: Database.Database, sql: string) => unknown = Database.prototype[name];
    return vi.spyOn(Database.prototype, name).mockImplementation(function (
      this: Database.Database,
      sql: string,
    ) {
      statements.add(sql);
      return real.call(this, sql) as never;
    });
  });
  return {
    statements,
    end() {
      for (const spy of spies) spy.mockRestore();
    },
  };
}

/**
 * The columns, as `table.column`, that SQLite reads for a statement, however it names them: by what its byte code opens
 * and takes (sqlite.org/opcode.html). Of tables WITHOUT ROWID whose key comes first, and of their indices.
 */
export function columnsRead(db: Database.Database, sql: string): Set<string> {
  const cursors = new Map<number, readonly string[]>();
  const read = new Set<string>();
  const places = columnsByRoot(db);
  for (const { opcode, p1, p2 } of explained(db, sql)) {
    if (opcode === 'OpenRead' || opcode === 'OpenWrite') cursors.set(p1, places.get(p2) ?? []);
    const column = opcode === 'Column' ? cursors.get(p1)?.[p2] : undefined;
    if (column !== undefined) read.add(column);
  }
  return read;
}

interface Step {
  opcode: string;
  p1: number;
  p2: number;
}

function explained(db: Database.Database, sql: string): Step[] {
  return db.prepare<[], Step>(`EXPLAIN ${sql.replace(/[@?]\w*/g, 'NULL')}`).all();
}

/** What stands in the columns of each b-tree, by its root page. */
function columnsByRoot(db: Database.Database): Map<number, string[]> {
  const trees = db
    .prepare<[], { type: string; name: string; tbl_name: string; rootpage: number }>(
      "SELECT * FROM sqlite_master WHERE type IN ('table', 'index')",
    )
    .all();
  return new Map(
    trees.map(({ type, name, tbl_name, rootpage }) => {
      const rows = db.pragma(`${type === 'table' ? 'table_info' : 'index_xinfo'}(${name})`) as {
        name: string;
      }[];
      return [rootpage, rows.map((row) => `${tbl_name}.${row.name}`)];
    }),
  );
}
