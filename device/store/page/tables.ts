import type { Db, Prepare } from '../open.ts';
import type { Tell } from '../outbox.ts';
import type { SqliteContacts } from '../reader.ts';

/** What the tables of the page share with the store they lie in. */
export interface PageTables {
  readonly db: Db;
  readonly prepare: Prepare;
  /** One transaction; those who wait for messages or changes hear of it. */
  readonly commit: <T>(write: () => T) => T;
  /** A message, in the same transaction. */
  readonly tell: Tell;
  readonly newId: () => string;
  /** Wall clock, Unix milliseconds. */
  readonly now: () => number;
  readonly contacts: SqliteContacts;
}
