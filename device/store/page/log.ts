import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type ActionRecord, checkLog } from '../actions.ts';
import type { LogCheck } from '../log-chain.ts';
import { openForReading } from '../open.ts';
import { iso } from '../rows.ts';
import type { PageTables } from './tables.ts';

/**
 * The tables, part of the store's sixth version. Entries from before it are chained when the store is opened. `salt` and
 * `about`: see log-chain.ts. `actions_chain`: the newest entry, and the last that was forgotten for its age.
 */
export const LOG = `
  ALTER TABLE actions ADD COLUMN account TEXT;
  ALTER TABLE actions ADD COLUMN salt TEXT;
  ALTER TABLE actions ADD COLUMN about TEXT NOT NULL DEFAULT '';
  ALTER TABLE actions ADD COLUMN previous TEXT NOT NULL DEFAULT '';
  ALTER TABLE actions ADD COLUMN hash TEXT NOT NULL DEFAULT '';
  CREATE INDEX actions_by_action ON actions (action, wall);
  CREATE INDEX actions_by_account ON actions (account, wall) WHERE account IS NOT NULL;
  CREATE INDEX actions_by_both ON actions (account, action, wall) WHERE account IS NOT NULL;
  CREATE INDEX actions_by_contact ON actions (target ->> 'contactId') WHERE target ->> 'contactId' IS NOT NULL;

  CREATE TABLE actions_chain (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    head_place      INTEGER NOT NULL,
    head_hash       TEXT NOT NULL,
    forgotten_place INTEGER NOT NULL,
    forgotten_hash  TEXT NOT NULL
  ) STRICT;
`;

/** Which entries are wanted; null: any. */
export interface LogFilter {
  /** Wall clock within [from, to), Unix milliseconds. */
  readonly from: number | null;
  readonly to: number | null;
  readonly account: string | null;
  readonly action: string | null;
}

/** Where a list goes on: after this entry. */
export interface LogCursor {
  /** Unix milliseconds. */
  readonly wall: number;
  readonly place: number;
}

/** An entry as the page shows it, with all that its hash is made of. */
export interface LogEntry extends Omit<ActionRecord, 'account'>, LogCursor {
  readonly account: string | null;
  /** What it was about has been erased with the contact. */
  readonly erased: boolean;
  readonly salt: string | null;
  readonly about: string;
  readonly previous: string;
  readonly hash: string;
}

interface Row extends Omit<LogEntry, 'time' | 'erased' | 'target'> {
  readonly target: string;
}

/** The log of actions as the page reads it. */
export class LogReader {
  readonly #tables: PageTables;
  #checking: Promise<LogCheck> | null = null;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** Entries before `after`, newest first; `after` null: from the newest on. */
  page({ from, to, account, action }: LogFilter, after: LogCursor | null, limit: number): LogEntry[] {
    const wanted = ['wall >= @from'];
    // One upper bound, or SQLite begins at the wrong one.
    if (after === null || after.wall >= (to ?? NO_END)) wanted.push('wall < @to');
    else wanted.push('wall <= @wall', '(wall < @wall OR place < @place)');
    if (account !== null) wanted.push('account = @account');
    if (action !== null) wanted.push('action = @action');
    return this.#tables
      .prepare<object, Row>(
        `SELECT place, wall, actor, account, action, target, outcome, salt, about, previous, hash
           FROM actions INDEXED BY ${indexOf(account, action)}
           WHERE ${wanted.join(' AND ')} ORDER BY wall DESC, place DESC LIMIT @limit`,
      )
      .all({ from: from ?? -NO_END, to: to ?? NO_END, account, action, ...after, limit })
      .map(entryOf);
  }

  /** The accounts and the actions that there are in the log, by name. */
  names(): { accounts: string[]; actions: string[] } {
    return { accounts: this.#distinct('account'), actions: this.#distinct('action') };
  }

  /** Goes through the whole log, piece by piece: the desks count on meanwhile. Asked again meanwhile, it is the same check. */
  check(): Promise<LogCheck> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #check(): Promise<LogCheck> {
    // A reader of its own sees the log as it is now, whatever is written meanwhile.
    const db = openForReading(dirname(this.#tables.db.name));
    try {
      const pieces = checkLog(db);
      for (;;) {
        const piece = pieces.next();
        if (piece.done) return piece.value;
        await setImmediate();
      }
    } finally {
      db.close();
    }
  }

  /** From one name to the next by the index, not through all entries. */
  #distinct(column: 'account' | 'action'): string[] {
    const next = (after: string) =>
      `(SELECT min(${column}) FROM actions INDEXED BY actions_by_${column} WHERE ${column} > ${after})`;
    return this.#tables
      .prepare<[], { name: string }>(
        `WITH RECURSIVE names (name) AS (SELECT ${next("''")} UNION ALL
           SELECT ${next('name')} FROM names WHERE name IS NOT NULL)
         SELECT name FROM names WHERE name IS NOT NULL`,
      )
      .all()
      .map(({ name }) => name);
  }
}

const NO_END = Number.MAX_SAFE_INTEGER;

/** Each of these has its rows in the order in which they are wanted. */
function indexOf(account: string | null, action: string | null): string {
  if (account !== null) return action === null ? 'actions_by_account' : 'actions_by_both';
  return action === null ? 'actions_by_time' : 'actions_by_action';
}

function entryOf({ target, ...row }: Row): LogEntry {
  return { ...row, time: iso(row.wall), target: targetOf(target), erased: row.salt === null };
}

/** What somebody wrote into the file may be no JSON: the check tells of it, and the page shows it all the same. */
function targetOf(text: string): LogEntry['target'] {
  try {
    return JSON.parse(text);
  } catch {
    return { unreadable: text };
  }
}
