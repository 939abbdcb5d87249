import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { ClipVault } from '../../device/recording/vault.ts';
import { STORE_FILE } from '../../device/store/open.ts';
import { fillQueue } from '../../device/store/page/queue.ts';
import type { ContactRecord } from '../../device/store/records.ts';
import { Store } from '../../device/store/store.ts';
import { contact, putContacts } from '../review/contacts.ts';
import { fillStore } from '../review/filled-store.ts';
import { makeClip, putReviewable } from '../review/review-rig.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** As large as a camera's: Chromium loads 11 MB before it knows how much it needs, and not all 18. Filler bits cost no time. */
const LARGE = ['-b:v', '6M', '-maxrate', '6M', '-bufsize', '6M', '-x264-params', 'nal-hrd=cbr:filler=1'];

/** The data folder of a service that has run for weeks and does not run now. */
export interface Clinic {
  readonly device: string;
  /** All of its files; the config; the data folder. */
  readonly folder: string;
  readonly config: string;
  readonly data: string;
  /** Ten dissatisfied patients at the desk `front`, newest first: six of today, four of yesterday. */
  readonly unhappy: readonly ContactRecord[];
  /** What the clip of each of them holds. */
  readonly clip: Buffer;
  /** Unix ms: midnight at the clinic so many days ago. */
  midnight(daysAgo: number): number;
}

/**
 * Eight weeks of two desks, and the ten, whose clips lie in the vault. Four weeks ago the desk `front` became better by far.
 * `broker`: URL.
 */
export async function prepareClinic(broker: string): Promise<Clinic> {
  const device = 'clinic';
  const folder = mkdtempSync(join(tmpdir(), 'ca-manager-'));
  const [data, config, keyFile] = [join(folder, 'data'), join(folder, 'config.yaml'), join(folder, 'key')];
  const secret = randomBytes(32).toString('hex');
  mkdirSync(data);
  writeFileSync(keyFile, secret, { mode: 0o600 });
  const buttons = { red: { rating: 1, tag: 'negative' }, green: { rating: 5, tag: 'positive' } };
  // Sensors that are not plugged in: the page needs none.
  const desk = (name: string) => ({
    buttons,
    inputs: [{ driver: 'line-protocol', port: `/dev/none-${name}` }],
  });
  const settings = {
    ...{ device, data, vault: { key: { file: keyFile }, free: '0MB' }, clock: { trusted: true } },
    ...{ mqtt: { broker: 'external', url: broker }, page: { port: 0 } },
    desks: { front: desk('front'), back: desk('back') },
  };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(settings, null, 2));

  const now = new Date();
  const midnight = (daysAgo: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).getTime();
  const clip = await makeClip(LARGE);
  const store = new Store(data, device, randomUUID, Date.now, { keep: 'all', sample: 0 });
  const key = parseDeviceKey(secret);
  const vault = new ClipVault({ folder: join(data, 'clips'), key: () => key });
  store.beginSession('an earlier boot', { mono: 0, wall: midnight(70) });
  // Before yesterday: the ten are the newest.
  fillStore(data, { contacts: 1_200, perDay: 30, until: now.getTime() - 2 * DAY, clips: false });
  makeWorse(data, midnight(28));
  const shelf = { folder: data, store, vault };
  // What is counted from a day to a day is wrong by one of these, where it is wrong by a millisecond.
  for (const [n, daysAgo] of [56, 28, 0].entries())
    for (let k = 0; k <= n; k++)
      for (const start of [midnight(daysAgo) + k, midnight(daysAgo) - 1 - k])
        putContacts(shelf, contact(randomUUID(), start, { pressed: [[30, 5]] }));
  const unhappy: ContactRecord[] = [];
  for (let n = 0; n < 10; n++) {
    const start = now.getTime() - (n < 6 ? 0 : DAY) - (n + 1) * 10 * MINUTE;
    const pressed: [number, number][] = [
      [12, 3],
      [15, 1],
    ];
    unhappy.push(await putReviewable(shelf, clip, randomUUID(), start, { pressed, scored: true }));
  }
  store.close();
  return { device, folder, config, data, unhappy, clip, midnight };
}

/** Before `day` (Unix ms) whoever was neutral at the front is dissatisfied, and so is every other one who was content. */
function makeWorse(data: string, day: number): void {
  const db = new Database(join(data, STORE_FILE));
  db.prepare(
    `UPDATE presses SET rating = 1, tag = 'negative'
       WHERE desk = 'front' AND wall < ? AND (rating = 3 OR CAST(wall AS INTEGER) % 2 = 0)`,
  ).run(day);
  db.exec(
    `UPDATE contacts SET rating = 1, tag = 'negative', top = 0
       WHERE press_id IN (SELECT id FROM presses WHERE tag = 'negative');
     UPDATE contacts SET captured = 0`,
  );
  fillQueue(db);
  db.close();
}
