import { CaError } from '../errors.ts';
import type { Prepare } from './open.ts';
import type { Tell } from './outbox.ts';

/** Which of the kept clips are sent without being asked for, by the tag of their contact. */
export type SendPolicy = 'negative' | 'rated' | 'all' | 'asked';

/** The copy of a clip that is to be made, or that is there. */
export interface Upload {
  readonly contactId: string;
  readonly desk: string;
  /** `waiting`: nothing has gone out. `sending`: something may be there. */
  readonly state: 'waiting' | 'sending';
  /** Name of the object in its bucket. */
  readonly object: string;
  /** Presigned address that takes the clip; null: the object store of the config. */
  readonly put: string | null;
  /** Somebody asked for it: it waits for no hour. */
  readonly asked: boolean;
  /** What was made for this sending (`SentClip.head`); null: nothing yet. */
  readonly head: Buffer | null;
  /** Of the multipart upload that was begun. */
  readonly uploadId: string | null;
  /** Of what is sent; null: not measured yet. */
  readonly sha256: string | null;
  /** The clip's path below the vault's folder. */
  readonly file: string;
}

/** Whose clip, and where it is to go. */
type Target = Pick<Upload, 'contactId' | 'put'>;

/** A copy that has to go. */
export interface DoomedCopy {
  readonly contactId: string;
  readonly object: string;
  readonly uploadId: string | null;
  /** null: nothing was sent. */
  readonly bytes: number | null;
}

/** What lies at the far end: `data` of the event `clip.uploaded`, but for what the table knows. */
export interface SentCopy {
  readonly bucket: string | null;
  readonly bytes: number;
  readonly sha256: string;
  readonly sealedFor: 'device' | 'recipient';
  readonly keyId: string;
}

/** `uploads.reason` of a clip that somebody asked for, and of one that was handed over to an address: nobody here can delete that. */
const ASKED = 'asked';
const HANDED_OVER = 'handed-over';

/** SQL: something of the copy may lie in the object store. */
const STORED = `(put IS NULL AND reason IS NOT '${HANDED_OVER}' AND (bytes IS NOT NULL OR upload_id IS NOT NULL))`;

/** Clips that are queued in one commit: nobody is held up by it. */
const PIECE = 500;

/**
 * The copies of clips in an object store. A row begins when a clip is to be sent, and lives until the copy is gone:
 * it outlives the clip and the contact.
 */
export class SqliteUploads {
  readonly #prepare: Prepare;
  readonly #tell: Tell;
  readonly #commit: <T>(write: () => T) => T;
  readonly #newObject: () => string;
  #news = 0;
  /** All clips that this policy sends are in the queue; null: there may be others. */
  #queued: SendPolicy | null = null;

  /** `newObject`: names an object; nobody can be known by it, and nobody guesses it. */
  constructor(
    prepare: Prepare,
    options: { tell: Tell; commit: <T>(write: () => T) => T; newObject: () => string },
  ) {
    this.#prepare = prepare;
    this.#tell = options.tell;
    this.#commit = options.commit;
    this.#newObject = options.newObject;
  }

  /** Grows whenever there is something new to do, or something not to be done any more. */
  get news(): number {
    return this.#news;
  }

  /** A clip has become ready: `enqueue` has to look for it. */
  clipReady(): void {
    this.#news += 1;
    this.#queued = null;
  }

  /**
   * Puts ready clips that the policy sends, and that have no copy yet, into the queue, so many as one commit takes.
   * True: there are more.
   */
  enqueue(send: SendPolicy): boolean {
    if (send === 'asked' || send === this.#queued) return false;
    const tags = { negative: ['negative'], rated: ['positive', 'negative', 'neutral'] };
    const wanted = send === 'all' ? [...tags.rated, 'unrated'] : tags[send];
    const rows = this.#prepare<[string], { contactId: string; desk: string; wall: number }>(
      `SELECT contact_id AS contactId, desk, started_wall AS wall FROM clips JOIN contacts ON id = contact_id
         WHERE clips.state = 'ready' AND NOT veto AND tag IN (SELECT value FROM json_each(?))
           AND NOT EXISTS (SELECT 1 FROM uploads WHERE uploads.contact_id = clips.contact_id) LIMIT ${PIECE}`,
    ).all(JSON.stringify(wanted));
    if (rows.length > 0)
      this.#commit(() => {
        for (const row of rows) this.#insert({ ...row, put: null, reason: null });
      });
    if (rows.length === PIECE) return true;
    this.#queued = send;
    return false;
  }

  /**
   * Somebody asks for a clip, whatever its class. `put`: the address it is to go to, null for the object store.
   * @throws CaError CA_CONTACT_UNKNOWN, CA_CONTACT_OPEN, CA_CLIP_NOT_FOUND; CA_COMMAND_INVALID for an address when its
   * copy is in the object store already, or a part of it
   */
  ask(contactId: string, put: string | null): 'waiting' | 'sending' | 'done' {
    return this.#commit(() => {
      const { desk, wall } = this.#sendable(contactId);
      this.#news += 1;
      const row = this.#prepare<[string], { state: string; stored: number }>(
        `SELECT state, ${STORED} AS stored FROM uploads WHERE contact_id = ?`,
      ).get(contactId);
      if (!row) {
        this.#insert({ contactId, desk, wall, put, reason: ASKED });
        return 'waiting';
      }
      const stored = row.stored === 1;
      if (put !== null && stored)
        throw new CaError(
          'CA_COMMAND_INVALID',
          `the clip of contact ${contactId} has its copy, or a part of it, in the store`,
          {
            remedy: 'Ask for it without `put`, and take it from the object store.',
          },
        );
      if (stored && row.state === 'done') return 'done';
      if (stored) {
        this.#prepare("UPDATE uploads SET reason = ?, state = 'sending' WHERE contact_id = ?").run(
          ...[ASKED, contactId],
        );
        return 'sending';
      }
      // What was sent to another address is nothing that it could go on with.
      this.#prepare(
        `UPDATE uploads SET put = ?, reason = ?, state = 'waiting', head = NULL, bytes = NULL, sha256 = NULL
           WHERE contact_id = ?`,
      ).run(put, ASKED, contactId);
      return 'waiting';
    });
  }

  /**
   * The clip is gone, and so must be its copy: call it in the transaction in which the clip goes. Returns the name of
   * the copy; null where there is none here: nothing was sent, or it was handed over.
   */
  drop(contactId: string, wall: number): string | null {
    const row = this.#prepare<[string], { object: string; stored: number }>(
      `SELECT object, ${STORED} AS stored FROM uploads WHERE contact_id = ?`,
    ).get(contactId);
    if (!row) return null;
    this.#news += 1;
    if (row.stored === 0) {
      // What was handed over is for who gave the address: the event of the deletion tells them.
      this.gone(contactId);
      return null;
    }
    this.#prepare("UPDATE uploads SET state = 'deleting', wall = ? WHERE contact_id = ?").run(
      wall,
      contactId,
    );
    return row.object;
  }

  /**
   * The clip's file is gone, though nobody deleted it: a copy that is whole may be the only one left, and stays. What
   * is not whole never will be. Call it in the transaction in which the clip goes.
   */
  lost(contactId: string, wall: number): void {
    const row = this.#prepare<[string], { state: string }>('SELECT state FROM uploads WHERE contact_id = ?');
    if (row.get(contactId)?.state !== 'done') this.drop(contactId, wall);
  }

  /** Such a copy grows no older than its clip would have: those of contacts before `before` must go, but for what a hold keeps; Unix milliseconds. */
  expireLost(before: number, now: number): void {
    const { changes } = this.#prepare(
      `UPDATE uploads SET state = 'deleting' WHERE state = 'done' AND contact_id IN (
         SELECT contact_id FROM clips JOIN contacts ON id = contact_id
         WHERE clips.state = 'deleted' AND reason = 'missing' AND started_wall < ? AND clock <> 'untrusted')
         AND contact_id NOT IN (SELECT contact_id FROM holds WHERE until_wall > ? AND ended_wall IS NULL)`,
    ).run(before, now);
    this.#news += changes;
  }

  /** Whether something lies, or may lie, in the object store. */
  stored(): boolean {
    const row = this.#prepare<[], { n: number }>(
      `SELECT EXISTS (SELECT 1 FROM uploads WHERE state = 'deleting' OR ${STORED}) AS n`,
    ).get();
    return row?.n === 1;
  }

  /**
   * The clip to be sent next, those asked for before the others, and of these the oldest; null: none. `which`: only
   * those asked for, or only those for an address. `except`: contacts whose turn it is not yet.
   */
  next(which: 'all' | 'asked' | 'put', except: readonly string[]): Upload | null {
    const condition = { all: 'TRUE', asked: `uploads.reason = '${ASKED}'`, put: 'put IS NOT NULL' }[which];
    const row = this.#prepare<[string], Omit<Upload, 'asked'> & { asked: number }>(
      `SELECT contact_id AS contactId, desk, uploads.state, object, put, coalesce(uploads.reason = '${ASKED}', 0) AS asked,
           head, upload_id AS uploadId, uploads.sha256, clips.file
         FROM uploads INDEXED BY uploads_by_state CROSS JOIN clips USING (contact_id)
         WHERE uploads.state IN ('waiting', 'sending') AND clips.state = 'ready' AND ${condition}
           AND contact_id NOT IN (SELECT value FROM json_each(?))
         ORDER BY asked DESC, wall, contact_id LIMIT 1`,
    ).get(JSON.stringify(except));
    return row ? { ...row, asked: row.asked === 1 } : null;
  }

  /** A copy that has to go, the one that has waited longest; null: none. */
  doomed(except: readonly string[]): DoomedCopy | null {
    const row = this.#prepare<[string], DoomedCopy>(
      `SELECT contact_id AS contactId, object, upload_id AS uploadId, bytes FROM uploads
         WHERE state = 'deleting' AND contact_id NOT IN (SELECT value FROM json_each(?))
         ORDER BY wall, contact_id LIMIT 1`,
    ).get(JSON.stringify(except));
    return row ?? null;
  }

  /** What is left to do of a contact's clip. */
  left(contactId: string): 'send' | 'delete' | null {
    const row = this.#prepare<[string], { state: string }>(
      "SELECT state FROM uploads WHERE contact_id = ? AND state IN ('waiting', 'sending', 'deleting')",
    ).get(contactId);
    if (!row) return null;
    return row.state === 'deleting' ? 'delete' : 'send';
  }

  /** Whether the clip is still to be sent where `upload` says. */
  wants({ contactId, put }: Target): boolean {
    const row = this.#prepare<[string, string | null], { n: number }>(
      `SELECT count(*) AS n FROM uploads WHERE contact_id = ? AND put IS ? AND state IN ('waiting', 'sending')`,
    ).get(contactId, put);
    return row?.n === 1;
  }

  /** The first byte is about to go out. False: it is no longer wanted there. */
  sending({ contactId, put }: Target, what: { head: Buffer; bytes: number; sha256: string }): boolean {
    const { changes } = this.#prepare(
      `UPDATE uploads SET state = 'sending', head = @head, bytes = @bytes, sha256 = @sha256
         WHERE contact_id = @contactId AND put IS @put AND state IN ('waiting', 'sending')`,
    ).run({ contactId, put, ...what });
    return changes === 1;
  }

  /** The store has begun a multipart upload. It is written down for a copy that has to go, too. */
  begun(contactId: string, uploadId: string): void {
    this.#prepare('UPDATE uploads SET upload_id = ? WHERE contact_id = ?').run(uploadId, contactId);
  }

  /** The store has taken a part. */
  partSent(contactId: string, number: number, etag: string): void {
    this.#prepare(
      'INSERT INTO upload_parts (contact_id, number, etag) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET etag = excluded.etag',
    ).run(contactId, number, etag);
  }

  /** ETags of the parts that the store has taken, by their number. */
  parts(contactId: string): Map<number, string> {
    const rows = this.#prepare<[string], { number: number; etag: string }>(
      'SELECT number, etag FROM upload_parts WHERE contact_id = ?',
    ).all(contactId);
    return new Map(rows.map(({ number, etag }) => [number, etag]));
  }

  /** Nothing of what was sent is of use: the next attempt begins anew. The store has nothing of it any more. */
  anew(contactId: string): void {
    this.#commit(() => {
      this.#prepare('DELETE FROM upload_parts WHERE contact_id = ?').run(contactId);
      this.#prepare(
        'UPDATE uploads SET upload_id = NULL, head = NULL, bytes = NULL, sha256 = NULL WHERE contact_id = ?',
      ).run(contactId);
    });
  }

  /** The copy is whole at the far end, and that is told. False: it is no longer wanted there. `wall`: Unix milliseconds. */
  done({ contactId, desk, object, put }: Upload, copy: SentCopy, wall: number): boolean {
    return this.#commit(() => {
      const { changes } = this.#prepare(
        `UPDATE uploads SET state = 'done', put = NULL, head = NULL, reason = ?
           WHERE contact_id = ? AND put IS ? AND state = 'sending'`,
      ).run(put === null ? null : HANDED_OVER, contactId, put);
      if (changes === 0) return false;
      this.#prepare('DELETE FROM upload_parts WHERE contact_id = ?').run(contactId);
      const data = { desk, contactId, object, ...copy };
      this.#tell({ type: 'clip.uploaded', desk, subject: contactId, wall, data });
      return true;
    });
  }

  /** It cannot be sent, now or later; somebody has to look. */
  refused({ contactId, desk, put }: Upload, error: CaError, wall: number): void {
    this.#commit(() => {
      const { changes } = this.#prepare(
        `UPDATE uploads SET state = 'refused', reason = ?, put = NULL
           WHERE contact_id = ? AND put IS ? AND state IN ('waiting', 'sending')`,
      ).run(put === null ? error.code : HANDED_OVER, contactId, put);
      const data = { desk, code: error.code, reason: error.message };
      if (changes === 1) this.#tell({ type: 'alert', desk, subject: contactId, wall, data });
    });
  }

  /** There is no copy, and none is to be made. */
  gone(contactId: string): void {
    this.#prepare('DELETE FROM uploads WHERE contact_id = ?').run(contactId);
  }

  /** How many clips wait and their bytes, how many were refused, and how many copies have to go. */
  counts(): { waiting: number; bytes: number; refused: number; deleting: number } {
    const counts = this.#prepare<[], { waiting: number; bytes: number; refused: number; deleting: number }>(
      `SELECT count(*) FILTER (WHERE uploads.state IN ('waiting', 'sending')) AS waiting,
           coalesce(sum(clips.bytes) FILTER (WHERE uploads.state IN ('waiting', 'sending')), 0) AS bytes,
           count(*) FILTER (WHERE uploads.state = 'refused') AS refused,
           count(*) FILTER (WHERE uploads.state = 'deleting') AS deleting
         FROM uploads LEFT JOIN clips USING (contact_id) WHERE uploads.state <> 'done'`,
    ).get();
    return counts ?? { waiting: 0, bytes: 0, refused: 0, deleting: 0 };
  }

  #insert(row: { contactId: string; desk: string; wall: number; put: string | null; reason: string | null }) {
    this.#prepare(
      `INSERT INTO uploads (contact_id, desk, state, object, put, reason, wall)
         VALUES (@contactId, @desk, 'waiting', @object, @put, @reason, @wall)`,
    ).run({ ...row, object: this.#newObject() });
  }

  /** `wall`: when the contact began; Unix milliseconds. */
  #sendable(contactId: string): { desk: string; wall: number } {
    const row = this.#prepare<[string], { desk: string; wall: number; contact: string; clip: string | null }>(
      `SELECT desk, started_wall AS wall, contacts.state AS contact, clips.state AS clip
         FROM contacts LEFT JOIN clips ON contact_id = id WHERE id = ?`,
    ).get(contactId);
    if (!row) throw new CaError('CA_CONTACT_UNKNOWN', `there is no contact ${contactId}`);
    if (row.clip === 'ready') return row;
    if (row.contact !== 'settled')
      throw new CaError('CA_CONTACT_OPEN', `contact ${contactId} is not over yet`);
    throw new CaError('CA_CLIP_NOT_FOUND', `contact ${contactId} has no clip`);
  }
}
