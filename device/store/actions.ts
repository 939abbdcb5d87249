import { randomBytes } from 'node:crypto';
import { CaError } from '../errors.ts';
import {
  aboutOf,
  ChainCheck,
  type ChainedEntry,
  ERASED,
  hashOf,
  type LogCheck,
  type LogHead,
  NOTHING,
  ORIGIN,
} from './log-chain.ts';
import type { Db, Prepare } from './open.ts';
import { iso } from './rows.ts';

/** By which way somebody asked for something. */
export type Actor = 'console' | 'mqtt' | 'page';

/** What somebody asked for and what became of it. */
export interface ActionRecord {
  /** ISO 8601, UTC with milliseconds. */
  readonly time: string;
  readonly actor: Actor;
  /** Login name, where somebody at the page did it. */
  readonly account?: string;
  /** The command's name; `unknown`: there is none of the name that was given. */
  readonly action: string;
  /** What it was about, such as the desk. Nobody can be known by it; a contact only as `contactId`, for erasing it takes that along. */
  readonly target: Readonly<Record<string, string | number>>;
  /** `ok`, or the code of the error; `begun` where what came of it is an entry of its own. */
  readonly outcome: string;
}

/** An action as it is added; `wall`: Unix milliseconds. */
export interface NewAction extends Omit<ActionRecord, 'time' | 'account'> {
  readonly wall: number;
  readonly account?: string | null;
}

/**
 * The log of actions: who asked for what by which way, and what came of it. Added to, never changed, but where a contact is
 * erased; kept for a year. One chain of hashes (log-chain.ts). Call what writes in a transaction, or let it be one.
 */
export class Actions {
  readonly #db: Db;
  readonly #prepare: Prepare;

  constructor(db: Db, prepare: Prepare) {
    this.#db = db;
    this.#prepare = prepare;
  }

  add({ wall, actor, action, target, outcome, account = null }: NewAction): void {
    this.#db.transaction(() => {
      const head = this.head();
      // Beyond all that there ever was: an entry that somebody put in must not stand in the way of those to come.
      const newest = this.#prepare<[], { seq: number }>(
        "SELECT seq FROM sqlite_sequence WHERE name = 'actions'",
      ).get();
      const place = Math.max(head.place, newest?.seq ?? 0) + 1;
      const entry = chained(
        {
          ...{ place, wall: Math.round(wall), actor, account: account?.toWellFormed() ?? null },
          // What SQLite keeps is well-formed: half of a character would come back as another one.
          ...{
            action: action.toWellFormed(),
            outcome: outcome.toWellFormed(),
            target: JSON.stringify(target),
          },
        },
        head.hash,
      );
      this.#prepare(
        `INSERT INTO actions (place, wall, actor, account, action, target, outcome, salt, about, previous, hash)
         VALUES (@place, @wall, @actor, @account, @action, @target, @outcome, @salt, @about, @previous, @hash)`,
      ).run(entry);
      this.#prepare('UPDATE actions_chain SET head_place = @place, head_hash = @hash').run(entry);
    })();
  }

  /** The newest entry. */
  head(): LogHead {
    return this.#prepare<[], LogHead>(HEAD).get() ?? ORIGIN;
  }

  /**
   * Deletes what was asked for before `before`, Unix milliseconds: from the beginning up to the first entry that is younger,
   * for what is left must still be a chain. The last entry that goes stays known by place and hash.
   */
  forget(before: number): void {
    this.#db.transaction(() => {
      const young = this.#prepare<[number], { place: number }>(
        'SELECT place FROM actions WHERE +wall >= ? ORDER BY place LIMIT 1',
      ).get(before);
      const last = this.#prepare<[number], LogHead>(
        'SELECT place, hash FROM actions WHERE place < ? ORDER BY place DESC LIMIT 1',
      ).get(young?.place ?? Number.MAX_SAFE_INTEGER);
      if (!last) return;
      this.#prepare('DELETE FROM actions WHERE place <= @place').run({ place: last.place });
      this.#prepare('UPDATE actions_chain SET forgotten_place = @place, forgotten_hash = @hash').run(last);
    })();
  }

  /** What was asked for stays, the contact that it was about does not; an entry says of which this is true. */
  forgetContact(contactId: string, actor: Actor, wall: number): void {
    this.#db.transaction(() => {
      const places = this.#prepare<[string], { place: number }>(
        "SELECT place FROM actions WHERE target ->> 'contactId' = ? ORDER BY place",
      )
        .all(contactId)
        .map(({ place }) => place);
      if (places.length === 0) return;
      for (const place of places)
        this.#prepare('UPDATE actions SET target = ?, salt = NULL WHERE place = ?').run(NOTHING, place);
      this.add({ wall, actor, action: ERASED, target: { places: places.join(' ') }, outcome: 'ok' });
    })();
  }
}

const HEAD = 'SELECT head_place AS place, head_hash AS hash FROM actions_chain';

type Unchained = Omit<ChainedEntry, 'salt' | 'about' | 'previous' | 'hash'>;

function chained(
  { place, wall, actor, account, action, target, outcome }: Unchained,
  previous: string,
): ChainedEntry {
  const salt = randomBytes(16).toString('hex');
  const about = aboutOf(salt, target);
  const entry = { place, wall, actor, account, action, outcome, about, previous };
  return { ...entry, target, salt, hash: hashOf(entry) };
}

/** Chains what releases wrote that knew of no chain: part of the step of the tables that makes those for it. */
export function chainOlder(db: Db): void {
  db.transaction(() => {
    const put = db.prepare(
      `UPDATE actions SET salt = @salt, about = @about, previous = @previous, hash = @hash WHERE place = @place`,
    );
    const older = db.prepare<[], ChainedEntry>('SELECT * FROM actions ORDER BY place').all();
    const { seq } = db
      .prepare<[], { seq: number | null }>(
        "SELECT max(seq) AS seq FROM sqlite_sequence WHERE name = 'actions'",
      )
      .get() ?? { seq: null };
    const before = older[0] ? older[0].place - 1 : (seq ?? 0);
    let head: LogHead = { place: before, hash: ORIGIN.hash };
    for (const entry of older) {
      const next = chained(entry, head.hash);
      put.run(next);
      head = next;
    }
    db.prepare('INSERT INTO actions_chain VALUES (1, ?, ?, ?, ?)').run(
      head.place,
      head.hash,
      before,
      ORIGIN.hash,
    );
  })();
}

/** Actions within [from, to) of the wall clock, in their order; also from a store opened for reading. */
export function* readActions(db: Db, from: number, to: number): Generator<ActionRecord> {
  const rows = db
    .prepare<
      [number, number],
      { wall: number; actor: Actor; account: string | null; action: string; target: string; outcome: string }
    >(
      'SELECT wall, actor, account, action, target, outcome FROM actions WHERE wall >= ? AND wall < ? ORDER BY place',
    )
    .iterate(from, to);
  for (const { wall, target, account, ...row } of rows) {
    const who = account === null ? {} : { account };
    yield { time: iso(wall), ...row, ...who, target: JSON.parse(target) };
  }
}

/** Entries that are checked at once: a few milliseconds. */
const PIECE = 500;

/**
 * Goes through the log in a store opened for reading, as it was at the first step, and yields now and then.
 * `anchor`: a head that was kept elsewhere. @throws CaError CA_STORE_UNUSABLE where the log has no chain
 */
export function* checkLog(db: Db, anchor: LogHead | null = null): Generator<void, LogCheck> {
  db.exec('BEGIN');
  const known = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'actions_chain'").get() !== undefined;
  const chain = known
    ? db
        .prepare<[], Chain>(
          'SELECT head_place, head_hash, forgotten_place, forgotten_hash FROM actions_chain',
        )
        .get()
    : undefined;
  if (chain === undefined)
    throw new CaError('CA_STORE_UNUSABLE', 'the log of this store has no chain', {
      remedy: known
        ? 'Somebody took away what tells its end: compare the log with a copy.'
        : 'An older release wrote it: start this one once.',
    });
  const check = new ChainCheck(
    { place: chain.forgotten_place, hash: chain.forgotten_hash },
    { place: chain.head_place, hash: chain.head_hash },
    anchor,
  );
  const next = db.prepare<[number], ChainedEntry>(
    `SELECT * FROM actions WHERE place > ? ORDER BY place LIMIT ${PIECE}`,
  );
  let last = chain.forgotten_place;
  for (;;) {
    const entries = next.all(last);
    for (const entry of entries) check.take(entry);
    last = entries.at(-1)?.place ?? last;
    if (entries.length < PIECE) return check.result();
    yield;
  }
}

interface Chain {
  readonly head_place: number;
  readonly head_hash: string;
  readonly forgotten_place: number;
  readonly forgotten_hash: string;
}
