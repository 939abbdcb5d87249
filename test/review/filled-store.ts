import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { STORE_FILE } from '../../device/store/open.ts';
import { fillQueue } from '../../device/store/page/queue.ts';
import { stripOf } from '../../device/store/page/strips.ts';
import type { FaceBin } from '../../models/readings.ts';
import { randomOf } from '../stand-ins/random.ts';

export interface Filling {
  contacts: number;
  /** Last moment, Unix ms: they lie before it, on working days between 8 and 18 o'clock UTC. */
  until: number;
  /** Contacts of a working day. */
  perDay?: number;
  desks?: readonly string[];
  receptionists?: readonly (string | null)[];
  seed?: number;
  /** Each contact has a row for a clip, without a file in any vault. */
  clips?: boolean;
  /** Every so many-th contact was scored: summaries, hints and bins of each second. */
  scoredEvery?: number;
}

const DAY = 86_400_000;
const TAGS = new Map([
  [1, 'negative'],
  [3, 'neutral'],
  [5, 'positive'],
]);

/**
 * Fills a store with contacts as a clinic has them, straight into its tables: 200,000 in seconds. About a third are rated,
 * a tenth of these negative; some are too short to be served. Returns their ids, oldest first.
 */
export function fillStore(folder: string, filling: Filling): string[] {
  const {
    contacts,
    until,
    perDay = 200,
    desks = ['front', 'back'],
    clips = true,
    scoredEvery = 10,
  } = filling;
  const receptionists = filling.receptionists ?? ['r-1', 'r-2', 'r-3', null];
  const random = randomOf(filling.seed ?? 1);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const db = new Database(join(folder, STORE_FILE));
  db.pragma('foreign_keys = OFF');
  const session = db.prepare('SELECT max(session) AS session FROM sessions').pluck().get() as number;
  const contact = db.prepare(
    `INSERT INTO contacts (id, session, desk, state, started_wall, started_mono, ended_wall, ended_mono, duration,
       end_reason, served, tag, tag_source, press_id, rating, top, veto, receptionist, captured, clock)
     VALUES (@id, @session, @desk, 'settled', @start, @start, @end, @end, @duration, 'departed', @served, @tag, @source,
       @pressId, @rating, @top, 0, @receptionist, 1, 'trusted')`,
  );
  const press = db.prepare(
    `INSERT INTO presses (id, session, desk, contact_id, button, rating, tag, wall, mono, flags, clock)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '[]', 'trusted')`,
  );
  const clip = db.prepare(
    `INSERT INTO clips (contact_id, state, file, media_type, bytes, sha256, duration, pre_roll, manifest)
     VALUES (?, 'ready', ?, 'video/mp4', ?, ?, ?, 5000, ?)`,
  );
  const score = db.prepare(
    `INSERT INTO scores (contact_id, kind, models, thresholds, summary, bins_from, bins)
     VALUES (?, 'face', '[{"id":"face","version":"1","licence":"MIT"}]', '{}', ?, 0, ?)`,
  );
  const strip = db.prepare('INSERT INTO strips (contact_id, face, sound) VALUES (?, ?, NULL)');
  const hint = db.prepare('INSERT INTO hints (contact_id, kind, priority, reasons) VALUES (?, ?, ?, ?)');
  const ids: string[] = [];
  const days = Math.ceil(contacts / perDay);
  db.transaction(() => {
    let day = Math.floor(until / DAY) * DAY - Math.ceil((days * 7) / 5 + 2) * DAY;
    while (ids.length < contacts) {
      day += DAY;
      if ([0, 6].includes(new Date(day).getUTCDay())) continue;
      for (let n = 0; n < perDay && ids.length < contacts; n++) {
        const id = randomUUID();
        const start = day + 8 * 3_600_000 + Math.floor(((n + random()) / perDay) * 10 * 3_600_000);
        const duration = Math.round(4_000 + random() ** 3 * 900_000);
        const served = duration >= 10_000;
        const rated = random() < 0.33;
        const roll = random();
        const rating = rated ? (roll < 0.1 ? 1 : roll < 0.3 ? 3 : 5) : null;
        const tag = TAGS.get(rating ?? 0) ?? 'unrated';
        const [desk, receptionist] = [pick(desks), pick(receptionists)];
        const pressId = rated ? `p-${id}` : null;
        if (pressId)
          press.run(
            pressId,
            session,
            desk,
            id,
            `b${rating}`,
            rating,
            tag,
            start + duration - 1,
            start + duration - 1,
          );
        contact.run({
          ...{ id, session, desk, start, end: start + duration, duration, served: Number(served), tag },
          ...{ source: rated ? 'press' : null, pressId, rating, top: Number(rating === 5), receptionist },
        });
        if (clips) {
          const cut = {
            preRoll: 5_000,
            postRoll: 2_000,
            startError: 0,
            endError: 0,
            tracks: ['video', 'audio'],
          };
          const manifest = JSON.stringify({ ...cut, gaps: [], recovered: false, keyId: '0123456789abcdef' });
          clip.run(
            id,
            `2026/${id}.mp4`,
            duration * 100,
            id.replaceAll('-', '').repeat(2),
            duration + 7_000,
            manifest,
          );
        }
        if (ids.length % scoredEvery === 0) {
          const seconds = Math.min(600, Math.ceil(duration / 1_000));
          const state = random() < 0.2 ? 'negative' : 'neutral';
          const bins = Array.from(
            { length: seconds },
            (): FaceBin => ({
              valence: { negative: 0.2, neutral: 0.7, positive: 0.1 },
              ...{ state, untold: null },
            }),
          );
          const summary = {
            looked: seconds,
            scored: seconds,
            coverage: 1,
            negative: 0.2,
            neutral: 0.7,
            positive: 0.1,
          };
          const held = {
            held: { negative: 0, positive: 0 },
            verdict: state,
            untold: {},
            others: 0,
            dropped: 0,
          };
          score.run(id, JSON.stringify({ ...summary, ...held }), JSON.stringify(bins));
          strip.run(id, stripOf([{ kind: 'face', from: 0, bins }], duration)?.face);
          hint.run(id, state === 'negative' ? 'suspected-negative' : null, random(), '["face"]');
        }
        ids.push(id);
      }
    }
  })();
  // None is still to come.
  db.exec('UPDATE contacts SET captured = 0 WHERE id NOT IN (SELECT contact_id FROM clips)');
  fillQueue(db);
  db.close();
  return ids;
}
