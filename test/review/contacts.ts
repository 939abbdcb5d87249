import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ClipVault } from '../../device/recording/vault.ts';
import type { DeskPresence } from '../../device/review/parts.ts';
import { STORE_FILE } from '../../device/store/open.ts';
import type { ClipRecord, ContactRecord, PressRecord, ScoreRecord } from '../../device/store/records.ts';
import type { Store } from '../../device/store/store.ts';

const iso = (wall: number) => new Date(wall).toISOString();

/** A settled, served, unrated contact of 65 s at `start` (ms since 1970); `pressed` come as seconds after it. */
export function contact(
  id: string,
  start: number,
  about: Partial<ContactRecord> & {
    pressed?: [second: number, rating: number, ...flags: PressRecord['flags']][];
  } = {},
): ContactRecord {
  const { pressed = [], ...rest } = about;
  const desk = rest.desk ?? 'front';
  const duration = rest.duration ?? 65_000;
  const tags = { 1: 'negative', 3: 'neutral', 5: 'positive' } as const;
  const presses = pressed.map(
    ([second, rating, ...flags], place): PressRecord => ({
      id: `${id}-p${place}`,
      desk,
      contactId: id,
      button: { 1: 'red', 3: 'yellow', 5: 'green' }[rating] ?? 'other',
      rating,
      tag: tags[rating as keyof typeof tags],
      time: iso(start + second * 1000),
      clock: 'trusted',
      flags,
    }),
  );
  const last = presses.findLast(({ flags }) => flags.length === 0);
  return {
    id,
    device: 'reception-1',
    desk,
    state: 'settled',
    startedAt: iso(start),
    endedAt: iso(start + duration),
    duration,
    endReason: 'departed',
    served: true,
    tag: last?.tag ?? 'unrated',
    tagSource: last ? 'press' : null,
    rating: last?.rating ?? null,
    top: last?.rating === 5,
    veto: false,
    receptionist: null,
    clock: 'trusted',
    presses,
    clip: null,
    scores: [],
    hint: null,
    ...rest,
  };
}

/** A clip that can be played; `about` gives its file, its media type and its lengths in ms. */
export function readyClip(contactId: string, about: Partial<ClipRecord> = {}): ClipRecord {
  return {
    contactId,
    state: 'ready',
    reason: null,
    file: `2026-01-05/${contactId}.mp4`,
    mediaType: 'video/mp4',
    bytes: 1_000,
    sha256: '0'.repeat(64),
    duration: 72_000,
    preRoll: 5_000,
    manifest: null,
    ...about,
  };
}

/** A clip that is not there, and why. */
export const noClip = (
  contactId: string,
  state: 'failed' | 'deleted',
  reason: string | null,
): ClipRecord => ({
  ...readyClip(contactId, { state, reason }),
  ...{ file: null, mediaType: null, bytes: null, sha256: null, duration: null, preRoll: null },
});

/** A scored face: shares of negative, neutral and positive, in nearly all of the time. */
export const score = (
  contactId: string,
  negative: number,
  neutral: number,
  positive: number,
): ScoreRecord => ({
  ...{ contactId, kind: 'face', thresholds: {} },
  models: [{ id: 'face-api-expression', version: '1.7.15', licence: 'MIT' }],
  summary: {
    ...{ looked: 130, scored: 97, coverage: 0.74, negative, neutral, positive, others: 0, dropped: 0 },
    ...{ held: { negative: negative > 0.4 ? 6 : 0, positive: 0 }, untold: { bent: 5 } },
    verdict: negative > 0.4 ? 'negative' : 'neutral',
  },
});

export const presence = (desk: string, since: number, contactId: string | null = null): DeskPresence => ({
  desk,
  present: contactId !== null,
  since: iso(since),
  contactId,
  paused: null,
  receptionist: null,
});

/** Seals `bytes` into the vault, as the recorder does: what the record of the clip says of them. */
export async function sealed(
  vault: ClipVault,
  contactId: string,
  bytes: Buffer,
  mediaType: 'video/mp4' | 'audio/mp4' = 'video/mp4',
) {
  const clip = await vault.begin(contactId);
  return clip.finish(bytes, { mono: 0, wall: Date.now() }, mediaType);
}

/** Writes contacts into the tables of a store, in the place of what they were there; open pages hear of it as of a commit. */
export function putContacts(at: { folder: string; store: Store }, ...contacts: ContactRecord[]): void {
  const db = new Database(join(at.folder, STORE_FILE));
  db.pragma('foreign_keys = OFF');
  const session = db.prepare('SELECT max(session) FROM sessions').pluck().get();
  db.transaction(() => {
    for (const contact of contacts) put(db, session, contact);
  })();
  db.close();
  // What each is in the inbox for, as the store finds when one is settled.
  at.store.together(() => {
    for (const { id } of contacts) at.store.reviews.queue.put(id);
  });
}

const wall = (time: string | null) => (time === null ? null : Date.parse(time));

function put(db: Database.Database, session: unknown, contact: ContactRecord): void {
  const { id, desk, presses, clip, scores, hint } = contact;
  for (const table of ['presses', 'clips', 'scores', 'hints'])
    db.prepare(`DELETE FROM ${table} WHERE contact_id = ?`).run(id);
  const [start, end] = [wall(contact.startedAt), wall(contact.endedAt)];
  const counts = presses.findLast(({ flags }) => flags.length === 0);
  insert(db, 'contacts', {
    ...{ id, session, desk, state: contact.state, clock: contact.clock, captured: Number(clip !== null) },
    ...{ started_wall: start, started_mono: start, ended_wall: end, ended_mono: end },
    ...{ duration: contact.duration, end_reason: contact.endReason, served: Number(contact.served) },
    ...{ tag: contact.tag, tag_source: contact.tagSource, press_id: counts?.id ?? null },
    ...{ rating: contact.rating, top: Number(contact.top), veto: Number(contact.veto) },
    receptionist: contact.receptionist,
  });
  for (const { time, contactId, flags, ...press } of presses)
    insert(db, 'presses', {
      ...{ ...press, session, contact_id: contactId, flags: JSON.stringify(flags) },
      ...{ wall: wall(time), mono: wall(time) },
    });
  if (clip)
    insert(db, 'clips', {
      ...{ contact_id: id, state: clip.state, reason: clip.reason, file: clip.file, bytes: clip.bytes },
      ...{ media_type: clip.mediaType, sha256: clip.sha256, duration: clip.duration, pre_roll: clip.preRoll },
      manifest: clip.manifest && JSON.stringify(clip.manifest),
    });
  for (const { kind, models, thresholds, summary } of scores)
    insert(db, 'scores', {
      ...{ contact_id: id, kind, models: JSON.stringify(models), thresholds: JSON.stringify(thresholds) },
      ...{ summary: JSON.stringify(summary), bins_from: 0, bins: '[]' },
    });
  if (hint)
    insert(db, 'hints', {
      ...{ contact_id: id, kind: hint.kind, priority: hint.priority, reasons: JSON.stringify(hint.reasons) },
    });
}

function insert(db: Database.Database, table: string, row: Record<string, unknown>): void {
  const names = Object.keys(row);
  db.prepare(
    `INSERT OR REPLACE INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
  ).run(row);
}
