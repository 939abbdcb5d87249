import type { PageTables } from './tables.ts';

export const TOKENS = `
  CREATE TABLE api_tokens (
    id           TEXT PRIMARY KEY,
    hash         BLOB NOT NULL UNIQUE,
    account_id   TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name         TEXT NOT NULL,
    scope        TEXT NOT NULL,
    created_wall REAL NOT NULL,
    ends_wall    REAL NOT NULL,
    used_wall    REAL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX api_tokens_by_account ON api_tokens (account_id, created_wall);
`;

/** With which a program acts for an account. Times: Unix ms. */
export interface ApiToken {
  readonly id: string;
  readonly accountId: string;
  /** What it is for, in the words of who made it. */
  readonly name: string;
  /** Permissions. */
  readonly scope: readonly string[];
  readonly createdAt: number;
  readonly endsAt: number;
  /** To the hour; null: never. */
  readonly usedAt: number | null;
}

/** How exactly it is kept when a token was last used, ms: each time is a write to the card. */
const GRAIN = 3_600_000;

const COLUMNS = `id, account_id AS accountId, name, scope, created_wall AS createdAt, ends_wall AS endsAt,
  used_wall AS usedAt FROM api_tokens`;
type Row = Omit<ApiToken, 'scope'> & { scope: string };
const tokenOf = (row: Row): ApiToken => ({ ...row, scope: JSON.parse(row.scope) });

/** Tokens of programs, by their SHA-256. */
export class ApiTokens {
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** Returns its id. */
  add(
    token: { hash: Buffer } & Pick<ApiToken, 'accountId' | 'name' | 'scope' | 'endsAt'>,
    wall: number,
  ): string {
    const id = this.#tables.newId();
    this.#tables
      .prepare(
        `INSERT INTO api_tokens (id, hash, account_id, name, scope, created_wall, ends_wall)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(id, token.hash, token.accountId, token.name, JSON.stringify(token.scope), wall, token.endsAt);
    return id;
  }

  /** The token of that hash that has not ended at `wall`. */
  byHash(hash: Buffer, wall: number): ApiToken | null {
    const row = this.#tables.prepare<[Buffer], Row>(`SELECT ${COLUMNS} WHERE hash = ?`).get(hash);
    return row && row.endsAt > wall ? tokenOf(row) : null;
  }

  use({ id, usedAt }: ApiToken, wall: number): void {
    if (usedAt !== null && Math.abs(wall - usedAt) < GRAIN) return;
    this.#tables.prepare('UPDATE api_tokens SET used_wall = ? WHERE id = ?').run(wall, id);
  }

  /** Those of an account, the oldest first, also ones that have ended. */
  of(accountId: string): ApiToken[] {
    return this.#tables
      .prepare<[string], Row>(`SELECT ${COLUMNS} WHERE account_id = ? ORDER BY created_wall`)
      .all(accountId)
      .map(tokenOf);
  }

  /** Ends one of an account. False: it has none of that id. */
  end(accountId: string, id: string): boolean {
    const { changes } = this.#tables
      .prepare('DELETE FROM api_tokens WHERE account_id = ? AND id = ?')
      .run(accountId, id);
    return changes > 0;
  }

  /** Ends all of an account. Returns how many there were. */
  endAll(accountId: string): number {
    return this.#tables.prepare('DELETE FROM api_tokens WHERE account_id = ?').run(accountId).changes;
  }
}
