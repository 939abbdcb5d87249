import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { STORE_FILE } from '../../device/store/open.ts';
import { Store } from '../../device/store/store.ts';
import { act, readyClip } from '../stand-ins/stored-desk.ts';
import type { Rig } from './rig.ts';

/** What a clip's contact was taken to be; `reviewed`: somebody looked at it, and it is negative. */
export type Class = 'positive' | 'neutral' | 'unrated' | 'reviewed' | 'negative';

/** An older clip in the vault of a rig whose service does not run. */
export interface OldClip {
  readonly id: string;
  readonly class: Class;
  readonly file: string;
}

/** `s` seconds after a moment of last week: young enough to be kept. */
const LAST_WEEK = Date.now() - 7 * 86_400_000;
const at = (s: number) => ({ mono: 5_000 + s * 1_000, wall: LAST_WEEK + s * 1_000 });

/**
 * Fills the vault as days before have: contacts in the order of time, each with a clip of `bytes` bytes. To be called
 * before the rig gets mounts of its own: SQLite does not see them from here.
 */
export async function fillVault(rig: Rig, classes: readonly Class[], bytes: number): Promise<OldClip[]> {
  const vault = rig.vault();
  const store = new Store(rig.data, rig.device, randomUUID, Date.now, { keep: 'all', sample: 0 });
  store.beginSession('an earlier boot', at(0));
  const clips: OldClip[] = [];
  for (const [n, kind] of classes.entries()) {
    const id = randomUUID();
    const begins = 10 + n * 100;
    act(store, { id, kind: 'presence', present: true, at: at(begins) });
    act(store, { id: randomUUID(), kind: 'presence', present: false, at: at(begins + 20) });
    act(store, { kind: 'wake', at: at(begins + 90) });
    const incoming = await vault.begin(id);
    await incoming.write(randomBytes(bytes - CHUNK));
    const stored = await incoming.finish(randomBytes(CHUNK), at(begins), 'video/mp4');
    store.addClip('front', readyClip(id, stored), at(begins + 90).wall);
    clips.push({ id, class: kind, file: stored.file });
  }
  store.close();
  // Neutral buttons and reviewers are not of the domain's part that is used here.
  const tables = new Database(join(rig.data, STORE_FILE));
  for (const { id, class: kind } of clips) {
    const [tag, source] =
      kind === 'reviewed' ? ['negative', 'reviewer'] : [kind, kind === 'unrated' ? null : 'press'];
    tables.prepare('UPDATE contacts SET tag = ?, tag_source = ? WHERE id = ?').run(tag, source, id);
  }
  tables.close();
  return clips;
}

/** In which order they go: the least valuable first, and of these the oldest. */
export function inOrderOfLoss(clips: readonly OldClip[]): string[] {
  const order: Class[] = ['positive', 'neutral', 'unrated', 'reviewed', 'negative'];
  return order.flatMap((kind) => clips.filter((clip) => clip.class === kind)).map(({ id }) => id);
}
