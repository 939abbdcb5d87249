import type { PageTables } from './tables.ts';

/** Sessions of the page: those of the service have the name `sessions`. */
export const LOGINS = `
  CREATE TABLE logins (
    id           TEXT PRIMARY KEY,
    hash         BLOB NOT NULL UNIQUE,
    account_id   TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    browser      TEXT NOT NULL,
    created_wall REAL NOT NULL,
    seen_wall    REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX logins_by_account ON logins (account_id, seen_wall);
`;

/** A session of the page. Times: Unix ms. */
export interface Login {
  readonly id: string;
  readonly accountId: string;
  /** What the browser calls itself. */
  readonly browser: string;
  readonly createdAt: number;
  readonly seenAt: number;
}

/** How long a session lasts, ms: unused, and at most. */
export const IDLE = 12 * 3_600_000;
export const LONGEST = 7 * 86_400_000;
/** How exactly it is kept when a session was last used, ms: each time is a write to the card. */
const GRAIN = 300_000;
/** Sessions of one account; the one not used for longest ends. */
const MOST = 20;

const COLUMNS =
  'id, account_id AS accountId, browser, created_wall AS createdAt, seen_wall AS seenAt FROM logins';
const ENDED = 'seen_wall <= @wall - @idle OR created_wall <= @wall - @longest';

/** Who is signed in, by the SHA-256 of what their cookie says. */
export class Logins {
  readonly #tables: PageTables;

  constructor(tables: PageTables) {
    this.#tables = tables;
  }

  /** Begins a session. Returns its id. */
  begin(login: { hash: Buffer; accountId: string; browser: string }, wall: number): string {
    const { prepare, newId } = this.#tables;
    const id = newId();
    prepare(`DELETE FROM logins WHERE ${ENDED}`).run({ wall, idle: IDLE, longest: LONGEST });
    prepare(
      `DELETE FROM logins WHERE id IN (SELECT id FROM logins WHERE account_id = ? ORDER BY seen_wall DESC LIMIT -1 OFFSET ?)`,
    ).run(login.accountId, MOST - 1);
    prepare(
      'INSERT INTO logins (id, hash, account_id, browser, created_wall, seen_wall) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(id, login.hash, login.accountId, login.browser, wall, wall);
    return id;
  }

  /** The session of that hash that has not ended at `wall`. */
  byHash(hash: Buffer, wall: number): Login | null {
    const login = this.#tables.prepare<[Buffer], Login>(`SELECT ${COLUMNS} WHERE hash = ?`).get(hash);
    return login && !over(login, wall) ? login : null;
  }

  /** It is being used. Also after the clock was put back. */
  use({ id, seenAt }: Login, wall: number): void {
    if (Math.abs(wall - seenAt) < GRAIN) return;
    this.#tables.prepare('UPDATE logins SET seen_wall = ? WHERE id = ?').run(wall, id);
  }

  /** Those of an account, the one used last first. */
  of(accountId: string, wall: number): Login[] {
    return this.#tables
      .prepare<[string], Login>(`SELECT ${COLUMNS} WHERE account_id = ? ORDER BY seen_wall DESC`)
      .all(accountId)
      .filter((login) => !over(login, wall));
  }

  /** Ends one of an account. False: it has none of that id. */
  end(accountId: string, id: string): boolean {
    return (
      this.#tables.prepare('DELETE FROM logins WHERE account_id = ? AND id = ?').run(accountId, id).changes >
      0
    );
  }

  endAll(accountId: string): void {
    this.#tables.prepare('DELETE FROM logins WHERE account_id = ?').run(accountId);
  }
}

const over = (login: Login, wall: number) => login.seenAt <= wall - IDLE || login.createdAt <= wall - LONGEST;
