import { ApiTokens, TOKENS } from './api-tokens.ts';
import { LOGINS, Logins } from './logins.ts';
import type { PageTables } from './tables.ts';

/** The tables, part of the store's sixth version. Codes, sessions and tokens are kept as SHA-256 alone. */
export const ACCOUNTS = `
  CREATE TABLE accounts (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    folded       TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    receptionist TEXT,
    disabled     INTEGER NOT NULL DEFAULT 0,
    password     TEXT,
    code         BLOB,
    code_ends    REAL,
    language     TEXT,
    theme        TEXT,
    created_wall REAL NOT NULL,
    seen_wall    REAL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX accounts_by_code ON accounts (code) WHERE code IS NOT NULL;
  ${LOGINS}
  ${TOKENS}
`;

export type Language = 'en' | 'ru' | 'pl' | 'lt';
export type Theme = 'light' | 'dark';

/** Somebody who may use the page. `R`: the names of the roles. Times: Unix ms. */
export interface Account<R extends string = string> {
  readonly id: string;
  /** The login name, as it was written; two that differ by case alone are the same. */
  readonly name: string;
  readonly role: R;
  /** Pseudonym at the desk of a receptionist; null for anybody else. */
  readonly receptionist: string | null;
  readonly disabled: boolean;
  /** As `device/review/access/password.ts` writes it; null: none has been chosen yet. */
  readonly password: string | null;
  /** Until when the code to choose a password counts; null: there is none. */
  readonly codeEnds: number | null;
  readonly language: Language | null;
  readonly theme: Theme | null;
  readonly createdAt: number;
  /** When they last signed in; null: never. */
  readonly seenAt: number | null;
}

interface AccountRow extends Omit<Account, 'disabled' | 'codeEnds' | 'createdAt' | 'seenAt'> {
  disabled: number;
  code_ends: number | null;
  created_wall: number;
  seen_wall: number | null;
}

/** What two login names have in common that are the same. */
export const foldedName = (name: string) => name.normalize('NFKC').toLowerCase();

/** Accounts, their sessions and tokens. No open page is told of their changes: nothing that it shows is in here. */
export class Accounts {
  readonly logins: Logins;
  readonly tokens: ApiTokens;
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
    this.logins = new Logins(tables);
    this.tokens = new ApiTokens(tables);
  }

  /** Runs `write` as one commit: all of it, or nothing. */
  together<T>(write: () => T): T {
    return this.#tables.db.transaction(write).immediate();
  }

  none(): boolean {
    return this.#tables.prepare('SELECT 1 FROM accounts LIMIT 1').get() === undefined;
  }

  /** All of them, by name. */
  all(): Account[] {
    return this.#tables
      .prepare<[], AccountRow>('SELECT * FROM accounts ORDER BY folded')
      .all()
      .map(accountOf);
  }

  byId(id: string): Account | null {
    return this.#one('id', id);
  }

  byName(name: string): Account | null {
    return this.#one('folded', foldedName(name));
  }

  /** Whose code that is, as its SHA-256; null: nobody's, or it has ended at `wall`. */
  byCode(code: Buffer, wall: number): Account | null {
    const account = this.#one('code', code);
    return account?.codeEnds != null && account.codeEnds > wall ? account : null;
  }

  /** Adds an account without a password. Returns its id; null: there is one of that name. */
  add(account: Pick<Account, 'name' | 'role' | 'receptionist'>, wall: number): string | null {
    const id = this.#tables.newId();
    const { changes } = this.#tables
      .prepare(
        `INSERT INTO accounts (id, name, folded, role, receptionist, created_wall)
           VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (folded) DO NOTHING`,
      )
      .run(id, account.name, foldedName(account.name), account.role, account.receptionist, wall);
    return changes === 0 ? null : id;
  }

  /** What the account may do changes: its sessions end, and its tokens where it is disabled. */
  setRights(id: string, to: Pick<Account, 'role' | 'receptionist' | 'disabled'>): void {
    this.#tables
      .prepare('UPDATE accounts SET role = ?, receptionist = ?, disabled = ? WHERE id = ?')
      .run(to.role, to.receptionist, Number(to.disabled), id);
    this.logins.endAll(id);
    if (!to.disabled) return;
    this.#clearCode(id);
    this.tokens.endAll(id);
  }

  setLooks(id: string, to: Pick<Account, 'language' | 'theme'>): void {
    this.#tables
      .prepare('UPDATE accounts SET language = ?, theme = ? WHERE id = ?')
      .run(to.language, to.theme, id);
  }

  /** A code with which a password can be chosen until `ends`, in the place of the one before. The password that there is ends, and so do sessions and tokens. */
  setCode(id: string, code: Buffer, ends: number): void {
    this.#tables
      .prepare('UPDATE accounts SET password = NULL, code = ?, code_ends = ? WHERE id = ?')
      .run(code, ends, id);
    this.#endAll(id);
  }

  /** Sets a password, as a hash; no code counts any more, and all sessions and tokens end: whoever knew the one before may have made some. */
  setPassword(id: string, password: string): void {
    this.#tables.prepare('UPDATE accounts SET password = ? WHERE id = ?').run(password, id);
    this.#clearCode(id);
    this.#endAll(id);
  }

  sawSignIn(id: string, wall: number): void {
    this.#tables.prepare('UPDATE accounts SET seen_wall = ? WHERE id = ?').run(wall, id);
  }

  /** Removes an account that nobody has ever used. False: somebody has; what they did is told by their name. */
  remove(id: string): boolean {
    return this.together(() => {
      const unused = 'id = ? AND seen_wall IS NULL AND password IS NULL';
      return this.#tables.prepare(`DELETE FROM accounts WHERE ${unused}`).run(id).changes > 0;
    });
  }

  /** Accounts of `role` but `id` that somebody can sign in to. */
  others(role: string, id: string): number {
    return this.#tables
      .prepare<[string, string], { n: number }>(
        `SELECT count(*) AS n FROM accounts
           WHERE role = ? AND id <> ? AND disabled = 0 AND password IS NOT NULL`,
      )
      .get(role, id)?.n as number;
  }

  #endAll(id: string): void {
    this.logins.endAll(id);
    this.tokens.endAll(id);
  }

  #clearCode(id: string): void {
    this.#tables.prepare('UPDATE accounts SET code = NULL, code_ends = NULL WHERE id = ?').run(id);
  }

  #one(column: 'id' | 'folded' | 'code', value: string | Buffer): Account | null {
    const row = this.#tables
      .prepare<[string | Buffer], AccountRow>(`SELECT * FROM accounts WHERE ${column} = ?`)
      .get(value);
    return row ? accountOf(row) : null;
  }
}

function accountOf(row: AccountRow): Account {
  const { id, name, role, receptionist, password, language, theme } = row;
  return {
    ...{ id, name, role, receptionist, password, language, theme },
    ...{ disabled: row.disabled === 1, codeEnds: row.code_ends },
    ...{ createdAt: row.created_wall, seenAt: row.seen_wall },
  };
}
