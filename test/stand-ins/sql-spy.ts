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
 * and takes (sqlite.org/opcode.html). Of tables WITHOUT ROWID whose key comes first, and of their indices. A set for the
 * statement itself and one for each trigger that it fires: what the one reads, the other does not know.
 */
export function columnsRead(db: Database.Database, sql: string): Set<string>[] {
  const places = columnsByRoot(db);
  return programsOf(db, sql).map((steps) => {
    const cursors = new Map<number, readonly string[]>();
    const read = new Set<string>();
    for (const { opcode, p1, p2, p4 } of steps) {
      if (opcode === 'OpenRead' || opcode === 'OpenWrite') cursors.set(p1, places.get(p2) ?? []);
      const column = opcode === 'Column' ? cursors.get(p1)?.[p2] : undefined;
      if (column !== undefined) read.add(column);
      const given = opcode === 'Param' ? parameterOf(db, sql, p1) : undefined;
      if (given !== undefined) read.add(given);
      // To look for a value in a key is to read it: the first `p4` columns of it.
      if (SEEKS.includes(opcode))
        for (const sought of cursors.get(p1)?.slice(0, Number(p4)) ?? []) read.add(sought);
    }
    return read;
  });
}

/** What a trigger takes of the row that fired it: the columns of OLD, then those of NEW, a rowid before each. */
function parameterOf(db: Database.Database, sql: string, place: number): string | undefined {
  const table = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+(\w+)/i.exec(sql)?.[1];
  if (table === undefined) return undefined;
  const columns = db.pragma(`table_info(${table})`) as { name: string }[];
  const column = columns[(place % (columns.length + 1)) - 1];
  return column && `${table}.${column.name}`;
}

/** The byte code of a statement, and of each trigger: addresses and cursors begin anew in each. */
function programsOf(db: Database.Database, sql: string): Step[][] {
  const programs: Step[][] = [];
  for (const step of explained(db, sql)) {
    if (step.addr === 0) programs.push([]);
    programs.at(-1)?.push(step);
  }
  return programs;
}

interface Step {
  addr: number;
  opcode: string;
  p1: number;
  p2: number;
  p4: string | null;
}

const SEEKS = ['SeekGE', 'SeekGT', 'SeekLE', 'SeekLT', 'Found', 'NotFound', 'NoConflict'];

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
