import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { CaError, messageOf } from '../errors.ts';
import { chainOlder } from './actions.ts';
import { MIGRATIONS } from './migrations.ts';
import { knowSample } from './page/queue.ts';

export type Db = Database.Database;

/**
 * `db.prepare`, but each text is compiled once: compiling takes longer than running most of them. It stays compiled, some
 * 20 kB each: a text must not be put together out of what somebody may ask for in many ways.
 */
export type Prepare = <P extends unknown[] | object = unknown[], R = unknown>(
  sql: string,
) => Database.Statement<P extends unknown[] ? P : [P], R>;

/** A `Prepare` for one database. */
export function preparing(db: Db): Prepare {
  const statements = new Map<string, Database.Statement>();
  return ((sql: string) => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }) as Prepare;
}

/** How long (ms) a write waits for somebody who uses the store beside us. */
export const BUSY_TIMEOUT = 5_000;

/** Name of the store's file in the data folder. */
export const STORE_FILE = 'contacts.sqlite';

/**
 * Opens the store in `folder` (made if missing) and brings its tables to this release. WAL with synchronous FULL:
 * a commit that returned survives a power cut.
 * @throws CaError CA_STORE_UNUSABLE, CA_STORE_NEWER
 */
export function openDatabase(folder: string): Db {
  let db: Db | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    db = new Database(join(folder, STORE_FILE));
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    // 4 MB: the kernel has the pages as well (better-sqlite3 would keep 16).
    db.pragma('cache_size = -4000');
    db.pragma('foreign_keys = ON');
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT}`);
    // What is deleted is overwritten. Not so a copy that stayed in a page's free place when SQLite moved rows to another page:
    // about one of 1,400 erasures leaves a comment, one of 300 an id, until the place is used again or the file is vacuumed.
    db.pragma('secure_delete = ON');
    knowSample(db);
    migrate(db);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof CaError) throw error;
    throw new CaError('CA_STORE_UNUSABLE', `the store in ${folder} cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Opens an existing store for reading beside a running service. @throws CaError CA_STORE_UNUSABLE */
export function openForReading(folder: string): Db {
  try {
    return new Database(join(folder, STORE_FILE), { readonly: true, fileMustExist: true });
  } catch (error) {
    throw new CaError('CA_STORE_UNUSABLE', `there is no readable store in ${folder}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Keeps a second service out of the folder for as long as this process lives, however it ends: the kernel drops
 * SQLite's file lock with the process. @throws CaError CA_STORE_BUSY
 */
export function lockFolder(folder: string): { release(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new Database(join(folder, 'service.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw new CaError('CA_STORE_BUSY', `the data folder ${folder} is in use`, { cause: error });
  }
  return { release: () => lock.close() };
}

/** The version since which the log of actions is a chain. */
const CHAINED = 6;

function migrate(db: Db): void {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > MIGRATIONS.length)
    throw new CaError(
      'CA_STORE_NEWER',
      `the store has version ${version}, this release knows ${MIGRATIONS.length}`,
    );
  MIGRATIONS.slice(version).forEach((sql, i) => {
    db.transaction(() => {
      db.exec(sql);
      // Once: what lacks a chain later is a fault that must be told, not healed.
      if (version + i + 1 === CHAINED) chainOlder(db);
      db.pragma(`user_version = ${version + i + 1}`);
    })();
  });
}
