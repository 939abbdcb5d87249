import { readFileSync } from 'node:fs';
import postgres from 'postgres';
import type { Clock } from '../../device/clock.ts';
import { CaError, messageOf } from '../../device/errors.ts';
import { withoutCredentials } from '../../device/log.ts';
import { type Changes, changesOf, type Standing, unknown } from './apply.ts';
import { type Incoming, sequenceOf } from './incoming.ts';
import { write } from './tables.ts';

type Sql = postgres.Sql<{ bigint: number }>;
export type Transaction = postgres.TransactionSql<{ bigint: number }>;

const SCHEMA = readFileSync(new URL('schema.sql', import.meta.url), 'utf8');
/** Two hubs that start at once make the tables one after the other. The number means nothing. */
const SCHEMA_LOCK = 5_012_026;

const CONNECT_SECONDS = 10;
/** A commit that takes longer (ms) is one that hangs: the connection is given up. */
const LONGEST_COMMIT = 30_000;

/**
 * SQLSTATE classes that blame the data: 22 data exception, 23 integrity constraint, 54 program limit exceeded. What
 * the schema of a message allows, a table may still not be able to take: a NUL within a text, a year 0.
 */
const OF_DATA = /^(22|23|54)/;

/** postgres.js's own codes, those of the socket, and SQLSTATEs of a server that ends or starts. */
const LOST = /^(CONNECTION_|E[A-Z]+$|57P0[123])/;

/** One connection to PostgreSQL. What it throws is a CaError CA_DATABASE_UNREACHABLE: the connection is of no use any more. */
export class Database {
  readonly #sql: Sql;
  readonly #clock: Clock;

  /** `url`: postgres://user:password@host:port/database. `onLost`: the connection is gone, whoever ended it. */
  constructor(url: string, clock: Clock, onLost: () => void) {
    this.#clock = clock;
    this.#sql = postgres(url, {
      // More would bring nothing: batches are committed one after the other.
      max: 1,
      connect_timeout: CONNECT_SECONDS,
      idle_timeout: 0,
      max_lifetime: null,
      // Nobody waits for that query: a connection that is lost while it runs would end the process (unhandled rejection).
      fetch_types: false,
      connection: { application_name: 'contact-analyzer-hub', TimeZone: 'UTC' },
      types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
      onnotice: () => {},
      onclose: onLost,
    });
  }

  /** Makes the tables that are not there yet. */
  open(): Promise<void> {
    return this.#transaction(async (sql) => {
      await sql`SELECT pg_advisory_xact_lock(${SCHEMA_LOCK})`;
      await sql.unsafe(SCHEMA);
    });
  }

  /**
   * Writes a batch in one transaction. Resolves, once it is committed, with what is known then of each store that the
   * batch is of. A message that the tables cannot take is rejected, the others go in without it.
   */
  async commit(batch: readonly Incoming[]): Promise<Changes> {
    try {
      return await this.#transaction((sql) => apply(sql, batch));
    } catch (error) {
      const culprit =
        error instanceof CaError && error.cause instanceof postgres.PostgresError && error.cause;
      if (!culprit || !OF_DATA.test(culprit.code)) throw error;
      if (batch.length > 1) return this.#oneByOne(batch);
      return this.commit(batch.map((message) => rejection(message, culprit.code, error)));
    }
  }

  close(): Promise<void> {
    return this.#sql.end({ timeout: 0 });
  }

  async #oneByOne(batch: readonly Incoming[]): Promise<Changes> {
    const all: Changes[] = [];
    for (const message of batch) all.push(await this.commit([message]));
    const latest = new Map(
      all.flatMap(({ standings }) => standings.map((s) => [`${s.device} ${s.store}`, s])),
    );
    return {
      ...changesOf([], []),
      standings: [...latest.values()],
      holes: all.flatMap(({ holes }) => holes),
      rejected: all.flatMap(({ rejected }) => rejected),
    };
  }

  async #transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    const timer = this.#clock.after('commit', LONGEST_COMMIT, () => void this.close());
    try {
      return (await this.#sql.begin((sql) => work(sql).catch(unlessLost))) as T;
    } catch (cause) {
      throw new CaError('CA_DATABASE_UNREACHABLE', withoutCredentials(messageOf(cause)), { cause });
    } finally {
      timer.cancel();
    }
  }
}

/**
 * With the connection gone, so is the transaction, and `begin` rejects by itself. Told of the error, it would send a
 * ROLLBACK first, into a socket that is none any more: that ends the process (porsager/postgres#1208).
 */
function unlessLost(error: unknown): Promise<never> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return LOST.test(code) ? new Promise(() => {}) : Promise.reject(error);
}

async function apply(sql: Transaction, batch: readonly Incoming[]): Promise<Changes> {
  const stores = new Map<string, { device: string; store: string }>();
  for (const { device, store } of batch)
    if (store !== null) stores.set(`${device} ${store}`, { device, store });
  const names = [...stores.values()];
  let standings = await locked(sql, names);
  if (standings.length < names.length) {
    const rows = JSON.stringify(names);
    await sql`
      INSERT INTO devices (device, store)
      SELECT device, store FROM jsonb_to_recordset(${rows}::text::jsonb) AS r (device text, store text)
      ON CONFLICT DO NOTHING`;
    standings = await locked(sql, names);
  }
  const changes = changesOf(batch, standings);
  await write(sql, changes);
  return changes;
}

/** What stands there of each, kept from other hubs until the end of the transaction. Always in one order: two hubs never wait for each other. */
async function locked(
  sql: Transaction,
  names: readonly { device: string; store: string }[],
): Promise<Standing[]> {
  const rows = await sql<
    {
      device: string;
      store: string;
      up_to: number;
      ahead: [number, number][];
      session: number;
      state: string;
      since: Date;
    }[]
  >`
    SELECT d.* FROM devices d
      JOIN jsonb_to_recordset(${JSON.stringify(names)}::text::jsonb) AS r (device text, store text)
        USING (device, store)
     ORDER BY device, store FOR UPDATE OF d`;
  return rows.map(({ device, store, up_to: upTo, ahead, session, state, since }) => ({
    ...unknown(device, store),
    arrived: { upTo, ahead },
    session,
    state,
    since: since?.toISOString() ?? null,
  }));
}

/** @throws error where not even that can be written: it is the database's fault then, not the message's. */
function rejection(message: Incoming, code: string, error: CaError): Incoming {
  if (message.kind === 'rejected') throw error;
  const { kind, device, store } = message;
  const event = kind === 'event' ? message.event : null;
  return {
    kind: 'rejected',
    device,
    store,
    sequence: event && sequenceOf(event),
    topic: event ? `events/${event.type}` : kind,
    reason: `PostgreSQL does not take it: SQLSTATE ${code}`,
  };
}
