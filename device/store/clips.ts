import { type KeepPolicy, keeps } from '../contacts/keeping.ts';
import type { Tag, TagSource } from '../contacts/model.ts';
import { HELD } from './clip-lists.ts';
import type { Prepare } from './open.ts';
import type { Tell } from './outbox.ts';
import type { Queue } from './page/queue.ts';
import type { SqliteContacts } from './reader.ts';
import { type ClipCut, type ClipDeletion, type NewClip, PAUSED } from './records.ts';
import type { ClipState } from './rows.ts';
import type { SqliteScores } from './scores.ts';
import type { SqliteUploads } from './uploads.ts';

/**
 * The clips' table. A clip is `pending`, and told to nobody, until its contact is settled: only then is it known
 * whether it is kept. So what becomes of it does not depend on which of the two comes first. Call what writes in a
 * transaction.
 */
export class SqliteClips {
  readonly #prepare: Prepare;
  readonly #contacts: SqliteContacts;
  readonly #scores: SqliteScores;
  readonly #uploads: SqliteUploads;
  readonly #queue: Queue;
  readonly #now: () => number;
  readonly #tell: Tell;
  readonly #policy: KeepPolicy;

  /** `now`: wall clock in Unix milliseconds; holds end by it. */
  constructor(
    prepare: Prepare,
    parts: {
      contacts: SqliteContacts;
      scores: SqliteScores;
      uploads: SqliteUploads;
      queue: Queue;
      now: () => number;
    },
    tell: Tell,
    policy: KeepPolicy,
  ) {
    this.#prepare = prepare;
    this.#contacts = parts.contacts;
    this.#scores = parts.scores;
    this.#uploads = parts.uploads;
    this.#queue = parts.queue;
    this.#now = parts.now;
    this.#tell = tell;
    this.#policy = policy;
  }

  /** The first clip of a contact is the one that counts. `wall`: Unix milliseconds. Returns what became of it. */
  add(desk: string, clip: NewClip, wall: number): ClipState {
    const { contactId } = clip;
    const { changes } = this.#prepare(
      `INSERT INTO clips (contact_id, state, reason, file, media_type, bytes, sha256, duration, pre_roll, manifest)
         VALUES (@contactId, @state, @reason, @file, @mediaType, @bytes, @sha256, @duration, @preRoll, @manifest)
         ON CONFLICT DO NOTHING`,
    ).run({
      ...clip,
      state: clip.state === 'ready' ? 'pending' : 'failed',
      manifest: clip.manifest && JSON.stringify(cutOf(clip.manifest)),
    });
    if (changes > 0) {
      const decided = this.#prepare<[string], { n: number }>(
        "SELECT state = 'settled' OR veto AS n FROM contacts WHERE id = ?",
      ).get(contactId);
      if (decided?.n) this.settle(contactId, desk, wall);
    }
    return this.#stateOf(contactId);
  }

  /**
   * Nothing changes the contact any more: its clip is kept and told of, or deleted. One that is still to come is decided as it
   * comes; a hold keeps it, but not against a veto.
   */
  settle(contactId: string, desk: string, wall: number): void {
    const row = this.#prepare<[number, string], Settled>(
      `SELECT clips.state, clips.reason, tag, tag_source AS tagSource, veto, contact_id IN (${HELD}) AS held
         FROM clips JOIN contacts ON id = contact_id
         WHERE contact_id = ? AND clips.state IN ('pending', 'failed')`,
    ).get(this.#now(), contactId);
    if (!row) return;
    const veto = row.veto === 1;
    if (veto || (row.held === 0 && !keeps(this.#policy, { ...row, id: contactId, veto })))
      return void this.delete(contactId, veto ? 'veto' : 'not-kept', wall);
    const message = { desk, subject: contactId, wall };
    if (row.state === 'failed') {
      if (row.reason === PAUSED) return;
      const data = { desk, code: 'CA_CLIP_FAILED', reason: row.reason ?? '' };
      return this.#tell({ ...message, type: 'alert', data });
    }
    this.#prepare("UPDATE clips SET state = 'ready' WHERE contact_id = ?").run(contactId);
    this.#queue.put(contactId);
    this.#uploads.clipReady();
    const data = { desk, ...this.#contacts.byId(contactId)?.clip };
    this.#tell({ ...message, type: 'clip.ready', data });
  }

  /** Of what was there the row remains, with the reason. Whoever was told of the clip is told that it is gone. Returns the file it had, and the desk. */
  delete(
    contactId: string,
    reason: ClipDeletion,
    wall: number,
  ): { file: string | null; desk: string } | null {
    const row = this.#prepare<[string], { state: ClipState; file: string | null; desk: string }>(
      `SELECT clips.state, file, desk FROM clips JOIN contacts ON id = contact_id
         WHERE contact_id = ? AND clips.state <> 'deleted'`,
    ).get(contactId);
    if (!row) return null;
    this.#prepare(
      `UPDATE clips SET state = 'deleted', reason = ?, file = NULL, media_type = NULL, bytes = NULL, sha256 = NULL,
         duration = NULL, pre_roll = NULL, manifest = NULL WHERE contact_id = ?`,
    ).run(reason, contactId);
    this.#scores.deleteBins(contactId);
    this.#queue.put(contactId);
    if (reason === 'missing') this.#uploads.lost(contactId, wall);
    else this.#uploads.drop(contactId, wall);
    const { state, file, desk } = row;
    if (state === 'ready') {
      const data = { desk, contactId, file, reason };
      this.#tell({ type: 'clip.deleted', desk, subject: contactId, wall, data });
    }
    return { file, desk };
  }

  /** The file of a clip is not in the vault, though nothing here deleted it. */
  lost(contactId: string, wall: number): void {
    const gone = this.delete(contactId, 'missing', wall);
    if (!gone) return;
    const { desk, file } = gone;
    const data = { desk, code: 'CA_CLIP_MISSING', reason: `the file ${file} is not in the vault` };
    this.#tell({ type: 'alert', desk, subject: contactId, wall, data });
  }

  #stateOf(contactId: string): ClipState {
    const row = this.#prepare<[string], { state: ClipState }>('SELECT state FROM clips WHERE contact_id = ?');
    return row.get(contactId)?.state ?? 'deleted';
  }
}

interface Settled {
  state: ClipState;
  reason: string | null;
  tag: Tag;
  tagSource: TagSource | null;
  veto: number;
  held: number;
}

/** What of a manifest is written down: its times are told by the contact's. */
function cutOf(cut: ClipCut): ClipCut {
  const { preRoll, postRoll, startError, endError, tracks, gaps, recovered, keyId } = cut;
  return { preRoll, postRoll, startError, endError, tracks, gaps, recovered, keyId };
}
