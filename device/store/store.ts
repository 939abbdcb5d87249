import type { KeepPolicy } from '../contacts/keeping.ts';
import type { Instant } from '../contacts/model.ts';
import { type DeskState, restoreDesk } from '../contacts/reduce.ts';
import { Actions, type Actor, type NewAction } from './actions.ts';
import { Backlog } from './backlog.ts';
import { ClipLists, type Clipless, type KeptClip } from './clip-lists.ts';
import { SqliteClips } from './clips.ts';
import { type DeskChange, EffectWriter } from './effect-writer.ts';
import { Erasures, type Receipt } from './erasure.ts';
import { formatEvent, parseEvent, type RecordedEvent } from './event-line.ts';
import type { LogHead } from './log-chain.ts';
import { BUSY_TIMEOUT, type Db, openDatabase, type Prepare, preparing } from './open.ts';
import { SqliteOutbox, type Tell } from './outbox.ts';
import { Accounts } from './page/accounts.ts';
import { Cases } from './page/cases.ts';
import { LogReader } from './page/log.ts';
import { Queue } from './page/queue.ts';
import { Reports } from './page/reports.ts';
import { Retention } from './page/retention.ts';
import { Reviews } from './page/reviews.ts';
import { Search } from './page/search.ts';
import { Today } from './page/today.ts';
import { Pauses } from './pauses.ts';
import { SqliteContacts } from './reader.ts';
import type { NewClip } from './records.ts';
import type { ClipState } from './rows.ts';
import { SqliteScores } from './scores.ts';
import { SqliteUploads } from './uploads.ts';

/** The session that a start of the service begins. */
export interface Session {
  /** Counts the starts of this store. */
  readonly number: number;
}

/** Everything that outlives the process, in SQLite. A change and the messages that tell of it are one commit. */
export class Store {
  readonly contacts: SqliteContacts;
  readonly outbox: SqliteOutbox;
  readonly uploads: SqliteUploads;
  readonly backlog: Backlog;
  readonly accounts: Accounts;
  readonly reviews: Reviews;
  readonly search: Search;
  readonly cases: Cases;
  readonly reports: Reports;
  readonly today: Today;
  readonly retention: Retention;
  readonly log: LogReader;
  readonly #db: Db;
  readonly #now: () => number;
  readonly #prepare: Prepare;
  readonly #scores: SqliteScores;
  readonly #clips: SqliteClips;
  readonly #clipLists: ClipLists;
  readonly #effects: EffectWriter;
  readonly #pauses: Pauses;
  readonly #actions: Actions;
  readonly #erasures: Erasures;
  readonly #erasedListeners = new Set<(contactId: string) => void>();
  /** The write-ahead log may still hold what was erased; at first, by a process that was killed. */
  #erasedInLog = true;
  #session = 0;
  #boot = '';
  #startedAt: Instant = { mono: 0, wall: 0 };

  /**
   * Opens or makes the store in `folder`. `now`: wall clock in Unix milliseconds. `keep`: which clips are kept.
   * `hub`: events wait for a hub's acknowledgement.
   * @throws CaError CA_STORE_UNUSABLE, CA_STORE_NEWER
   */
  constructor(
    folder: string,
    device: string,
    newId: () => string,
    now: () => number,
    keep: KeepPolicy,
    hub = false,
  ) {
    this.#db = openDatabase(folder);
    this.#now = now;
    this.#prepare = preparing(this.#db);
    this.contacts = new SqliteContacts(this.#db, device);
    this.outbox = new SqliteOutbox(this.#db, now, hub);
    const tell: Tell = (message) => this.outbox.append({ id: newId(), ...message });
    this.backlog = new Backlog(this.#db, this.outbox, tell);
    this.#scores = new SqliteScores(this.#prepare);
    this.uploads = new SqliteUploads(this.#prepare, {
      tell,
      commit: (write) => this.#commit(write),
      newObject: () => `${device}/${newId()}`,
    });
    const queue = new Queue(this.#prepare);
    const parts = { contacts: this.contacts, scores: this.#scores, uploads: this.uploads, queue };
    this.#clips = new SqliteClips(this.#prepare, { ...parts, now }, tell, keep);
    this.#clipLists = new ClipLists(this.#prepare, keep, now);
    this.#effects = new EffectWriter(this.#prepare, { ...parts, clips: this.#clips }, tell);
    this.#pauses = new Pauses(this.#prepare);
    this.#actions = new Actions(this.#db, this.#prepare);
    const page = {
      ...{ db: this.#db, prepare: this.#prepare, tell, newId, now, contacts: this.contacts },
      commit: <T>(write: () => T) => this.#commit(write),
    };
    this.accounts = new Accounts(page);
    this.reviews = new Reviews(page, queue, (contactId) => this.#clipLists.owes(contactId));
    this.search = new Search(page);
    this.cases = new Cases(page);
    this.reports = new Reports(page);
    this.today = new Today(page);
    this.retention = new Retention(page);
    this.log = new LogReader(page);
    this.#erasures = new Erasures({
      prepare: this.#prepare,
      scrub: (contactId) => this.outbox.scrub(contactId),
      dropCopy: (contactId, wall) => this.uploads.drop(contactId, wall),
      forgetAtPage: (contactId) => {
        for (const table of [this.reviews, this.cases, this.reports]) table.forget(contactId);
      },
      holdOf: (contactId) => this.cases.holdOf(contactId),
      actions: this.#actions,
      tell,
    });
  }

  close(): void {
    this.#db.close();
  }

  /** `boot` identifies the machine's boot: monotonic times of two boots cannot be compared. */
  beginSession(boot: string, at: Instant): Session {
    const { lastInsertRowid } = this.#prepare(
      'INSERT INTO sessions (boot, started_wall, alive_mono, alive_wall) VALUES (?, ?, ?, ?)',
    ).run(boot, at.wall, at.mono, at.wall);
    this.#session = Number(lastInsertRowid);
    this.#boot = boot;
    this.#startedAt = at;
    return { number: this.#session };
  }

  /**
   * The last sign of life of the process that last had something to say of the desk; null: there was none. One that
   * died before it came to this desk knows nothing of it.
   */
  lastAlive(desk: string): Instant | null {
    const row = this.#prepare<[string], Instant>(
      `SELECT alive_mono AS mono, alive_wall AS wall FROM sessions
         WHERE session = (SELECT max(session) FROM raw_events WHERE desk = ?)`,
    ).get(desk);
    return row ?? null;
  }

  /** A sign of life: no contact of this session is taken to have ended before it. */
  alive(at: Instant): void {
    this.#prepare('UPDATE sessions SET alive_mono = ?, alive_wall = ? WHERE session = ?').run(
      at.mono,
      at.wall,
      this.#session,
    );
  }

  deskState(desk: string): DeskState | null {
    return this.deskStates().find((known) => known.desk === desk)?.state ?? null;
  }

  /** Every desk that there has ever been, with its state. */
  deskStates(): { desk: string; state: DeskState }[] {
    return this.#prepare<[], { desk: string; state: string }>('SELECT desk, state FROM desk_states')
      .all()
      .map(({ desk, state }) => ({ desk, state: restoreDesk(JSON.parse(state)) }));
  }

  /** Writes one change of a desk down: the raw event, the contacts and presses, the desk's state and the messages. */
  record(change: DeskChange): void {
    this.#commit(() => {
      const { desk, event, state, effects, at } = change;
      if (event)
        this.#prepare('INSERT INTO raw_events (session, desk, wall, event) VALUES (?, ?, ?, ?)').run(
          this.#session,
          desk,
          event.at.wall,
          formatEvent({ desk, event }),
        );
      for (const effect of effects) this.#effects.write(effect, change, this.#session);
      this.#prepare(
        'INSERT INTO desk_states (desk, state) VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state',
      ).run(desk, JSON.stringify(state));
      this.alive(at);
    });
  }

  /**
   * Adds what became of a contact's clip. Returns what it is now: `pending` while the contact is not settled;
   * `deleted` when it is not kept, or its contact was erased meanwhile, and then its file must go. `wall`: Unix milliseconds.
   */
  addClip(desk: string, clip: NewClip, wall: number): ClipState {
    if (this.#erasures.receipt(clip.contactId)) return 'deleted';
    return this.#commit(() => this.#clips.add(desk, clip, wall));
  }

  /** Writes down who asked for what, and what came of it. Of a contact that there is not, or no longer, it keeps no id. */
  logAction(action: NewAction): void {
    const { contactId, ...rest } = action.target;
    const known = contactId !== undefined && this.contacts.has(String(contactId));
    this.#actions.add({ ...action, target: known ? action.target : rest });
  }

  /** The newest entry of the log of actions: what is worth keeping elsewhere. */
  logHead(): LogHead {
    return this.#actions.head();
  }

  /**
   * Erases a contact from all tables, in one commit, and tells everybody to do the same. Its files must go after that;
   * the next start destroys them if the process ends before. Once it is erased, it gives the receipt of that.
   * `wall`: Unix milliseconds. @throws CaError CA_CONTACT_UNKNOWN, CA_CONTACT_OPEN, CA_CONTACT_HELD
   */
  erase(contactId: string, actor: Actor, wall: number): Receipt {
    const receipt = this.#commit(() => this.#erasures.erase(contactId, actor, wall));
    this.#erasedInLog = true;
    this.#cutLog();
    for (const listener of this.#erasedListeners) listener(contactId);
    return receipt;
  }

  /** Calls `listener` when a contact was erased: for what is remembered of one beside the tables. Returns how to end that. */
  onErased(listener: (contactId: string) => void): () => void {
    this.#erasedListeners.add(listener);
    return () => void this.#erasedListeners.delete(listener);
  }

  /** What `write` changes in several tables is one commit, on the disk once; where it throws nothing is. */
  together<T>(write: () => T): T {
    return this.#commit(write);
  }

  /** The clip's file goes, for a veto, for its room or for its age. */
  clipDeleted(contactId: string, reason: 'veto' | 'space' | 'age', wall: number): void {
    this.#commit(() => this.#clips.delete(contactId, reason, wall));
  }

  /** The clip's file was found to be missing: the clip is gone, and somebody has to look. */
  clipLost(contactId: string, wall: number): void {
    this.#commit(() => this.#clips.lost(contactId, wall));
  }

  /** Contacts of earlier sessions of whose clip nothing is known: the process ended before it was cut. */
  clipless(desk: string): Clipless[] {
    return this.#clipLists.clipless(desk, this.#session);
  }

  /** Ids of all contacts whose clip may still be made: what is left of any other must go. */
  owedClips(): Set<string> {
    return this.#clipLists.owed();
  }

  /** Files, as paths below the vault's folder, that belong there: those of ready clips and of ones that wait for their contact to be settled. */
  vouchedFiles(): Set<string> {
    return this.#clipLists.vouched();
  }

  /** Bytes of those files. */
  clipBytes(): number {
    return this.#clipLists.bytes();
  }

  /** Ready clips, oldest first. */
  readyClips(): KeptClip[] {
    return this.#clipLists.ready();
  }

  /** The ready clip to be deleted first when room is needed: positive, neutral, unrated, reviewed negative, negative; the oldest of these. */
  leastValuable(): KeptClip | null {
    return this.#clipLists.leastValuable();
  }

  /** How many ready clips a hold keeps, and their bytes. */
  heldClips(): { clips: number; bytes: number } {
    return this.#clipLists.held();
  }

  /** Ready clips that are certainly older than `age` ms at `now`, the oldest first; `trusted`: the wall clock is known to be right. */
  expiredClips(age: number, now: Instant, trusted: boolean): KeptClip[] {
    return this.#clipLists.expired({
      before: trusted ? now.wall - age : null,
      mono: now.mono - age,
      boot: this.#boot,
    });
  }

  /** Until when the desk's recording is paused (`until` null: no longer), as a moment of this boot. */
  setPause(desk: string, until: Instant | null, boot: string): void {
    this.#pauses.set(desk, until, boot);
  }

  /**
   * The end of the desk's pause as a moment of this boot, to be compared by `mono`; it may lie in the past; null:
   * there is none. A pause of an earlier boot is judged by the wall clock at this session's start.
   */
  pausedUntil(desk: string): Instant | null {
    return this.#pauses.until(desk, this.#boot, this.#startedAt);
  }

  /**
   * The clock has become trustworthy: times of this boot that were written before are put right, and the contacts
   * already published are published again with `clock: corrected`. `offset`: wall − mono, in milliseconds.
   */
  correctClock(boot: string, offset: number): void {
    const ofBoot = "clock = 'untrusted' AND session IN (SELECT session FROM sessions WHERE boot = ?)";
    this.#commit(() => {
      const closed = this.#prepare<[string], { id: string; desk: string }>(
        `SELECT id, desk FROM contacts WHERE state = 'settled' AND ${ofBoot}`,
      ).all(boot);
      this.#prepare(
        `UPDATE contacts SET started_wall = started_mono + @offset, ended_wall = ended_mono + @offset,
             clock = 'corrected' WHERE ${ofBoot.replace('?', '@boot')}`,
      ).run({ offset, boot });
      this.#prepare(
        `UPDATE presses SET wall = mono + @offset, clock = 'corrected' WHERE ${ofBoot.replace('?', '@boot')}`,
      ).run({ offset, boot });
      this.reviews.correctClock(boot);
      this.#pauses.correctClock(boot, offset);
      for (const { id, desk } of closed) this.#effects.tellContact('contact.closed', desk, id);
    });
  }

  /** Deletes raw events older than `events`, published messages older than `messages`, what models said second by second of contacts older than `bins` and copies of their clips that are missing here, and actions older than `actions`; Unix milliseconds. True: there are more such messages. */
  forget(before: {
    events: number;
    messages: number;
    /** Also those that this process has published. */
    ownMessages?: boolean;
    bins: number;
    actions: number;
  }): boolean {
    this.#prepare('DELETE FROM raw_events WHERE wall < ?').run(before.events);
    const more = this.outbox.forget(before.messages, before.ownMessages);
    this.#scores.forgetBins(before.bins, this.#now());
    this.uploads.expireLost(before.bins, this.#now());
    this.#actions.forget(before.actions);
    this.#cutLog();
    return more;
  }

  /**
   * SQLite's write-ahead log keeps the pages as they were before an erasure until it is cut. Somebody who reads beside
   * us is in the way of that, and is not waited for, and so is a disk that is full: what was erased is committed all the
   * same. Then it is tried again with the next `erase`, `forget` or `close`.
   */
  #cutLog(): void {
    if (!this.#erasedInLog) return;
    this.#db.pragma('busy_timeout = 0');
    try {
      const [cut] = this.#db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      this.#erasedInLog = cut?.busy !== 0;
    } catch {
      // The journal tells of the disk, with the next change that it refuses.
    } finally {
      this.#db.pragma(`busy_timeout = ${BUSY_TIMEOUT}`);
    }
  }

  #commit<T>(write: () => T): T {
    const result = this.#db.transaction(write)();
    // Within another commit nothing is certain yet: that one tells it.
    if (this.#db.inTransaction) return result;
    this.outbox.notify();
    this.contacts.notify();
    return result;
  }
}

/** Raw events within [from, to) of the wall clock, in the order in which they came; also from a store opened for reading. */
export function* readEvents(db: Db, from: number, to: number): Generator<RecordedEvent> {
  const rows = db
    .prepare<[number, number], { place: number; event: string }>(
      'SELECT place, event FROM raw_events WHERE wall >= ? AND wall < ? ORDER BY place',
    )
    .iterate(from, to);
  for (const { place, event } of rows) yield parseEvent(event, place);
}
