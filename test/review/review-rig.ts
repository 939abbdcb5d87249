import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { sampled } from '../../device/contacts/keeping.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { STORE_FILE } from '../../device/store/open.ts';
import type { ContactRecord, ScoreTimeline } from '../../device/store/records.ts';
import type { FaceBin, SoundBin } from '../../models/readings.ts';
import { contact, putContacts, readyClip, score } from './contacts.ts';
import { type PageRig, startPage } from './rig.ts';

const run = promisify(execFile);

/** Milliseconds. The clip begins `PRE_ROLL` before the arrival. */
export const CLIP = 24_000;
export const PRE_ROLL = 3_000;
export const STAY = 19_000;

/** What is needed to put contacts with clips somewhere: a page, or the folder of a service that does not run yet. */
export type Shelf = Pick<PageRig, 'folder' | 'store' | 'vault'>;

const CLIPS = join(import.meta.dirname, '../../.cache/clips');

/** A clip as the recorder makes it: pictures, and a microphone on each side; made once. `coding`: how its pictures are encoded. */
export async function makeClip(coding: readonly string[] = []): Promise<Buffer> {
  const sound =
    "aevalsrc='sin(2300*t)*between(mod(t,5),0,2)|0.4*sin(3100*t)*between(mod(t,5),2,4)':s=16000:d=24";
  const how = [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'gradients=s=640x360:r=15:d=24:speed=0.02:seed=7,format=yuv420p'],
    ...['-f', 'lavfi', '-i', sound, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15'],
    ...coding,
    ...['-c:a', 'aac', '-movflags', '+faststart'],
  ];
  const file = join(CLIPS, `${createHash('sha256').update(how.join(' ')).digest('hex').slice(0, 16)}.mp4`);
  if (!existsSync(file)) {
    await mkdir(CLIPS, { recursive: true });
    const folder = await mkdtemp(join(CLIPS, 'new-'));
    await run('ffmpeg', [...how, join(folder, 'clip.mp4')]);
    // Whole, or not there; whoever made the same meanwhile has made the same.
    await rename(join(folder, 'clip.mp4'), file);
    await rm(folder, { recursive: true });
  }
  return readFile(file);
}

/** Ids that chance puts into the sample (or does not), such as `calm-3`. */
export function idsOf(name: string, count: number, inSample: boolean): string[] {
  const ids: string[] = [];
  for (let n = 0; ids.length < count; n++)
    if (sampled(`${name}-${n}`, 0.1) === inSample) ids.push(`${name}-${n}`);
  return ids;
}

const face = (state: FaceBin['state']): FaceBin => ({
  valence:
    state === 'unknown'
      ? null
      : {
          ...{ negative: state === 'negative' ? 0.8 : 0.2, neutral: 0.1 },
          positive: state === 'negative' ? 0.1 : 0.7,
        },
  ...{ state, untold: state === 'unknown' ? 'bent' : null },
});
const sound = (speech: number, receptionist: number, raised: boolean): SoundBin => ({
  ...{ speech, receptionist, level: -30, raised, voice: null, phrases: [] },
});

/** Neutral, then two seconds that cannot be told, then negative from 9 to 14 s after the arrival. */
export const TIMELINES: ScoreTimeline[] = [
  {
    ...{ kind: 'face', from: 0 },
    bins: Array.from({ length: 19 }, (_, second) =>
      face(second < 7 ? 'neutral' : second < 9 ? 'unknown' : second < 14 ? 'negative' : 'neutral'),
    ),
  },
  {
    ...{ kind: 'sound', from: 0 },
    bins: Array.from({ length: 19 }, (_, second) =>
      sound(second % 5 < 3 ? 0.9 : 0, second % 5 > 1 ? 0.6 : 0, second === 10 || second === 11),
    ),
  },
];

/** A contact with a sealed clip; `scored`: models have looked at it. */
export async function putReviewable(
  rig: Shelf,
  clip: Buffer,
  id: string,
  start: number,
  { scored = false, ...about }: Parameters<typeof contact>[2] & { scored?: boolean } = {},
): Promise<ContactRecord> {
  const writing = await rig.vault.begin(id);
  await writing.write(clip.subarray(CHUNK));
  const stored = await writing.finish(clip.subarray(0, CHUNK), { mono: 0, wall: start }, 'video/mp4');
  const cut = {
    startError: 0,
    endError: 0,
    postRoll: CLIP - PRE_ROLL - STAY,
    recovered: false,
    keyId: '0'.repeat(16),
  };
  const whole = contact(id, start, {
    ...(scored ? { hint: { kind: null, priority: 0.1, reasons: [] } } : {}),
    ...{ duration: STAY, ...about },
    ...(scored ? { scores: [score(id, 0.5, 0.3, 0.2)] } : {}),
    clip: readyClip(id, {
      ...{ ...stored, duration: CLIP, preRoll: PRE_ROLL },
      manifest: {
        ...{ ...cut, preRoll: PRE_ROLL, tracks: ['video', 'audio'] },
        ...{ gaps: [{ track: 'audio', from: 20_000, to: 21_000 }], from: '', to: '', clock: 'trusted' },
      },
    }),
  });
  putContacts(rig, whole);
  const db = new Database(join(rig.folder, STORE_FILE));
  if (scored) {
    const [own, heard] = TIMELINES;
    rig.store.reviews.strips.add(id, TIMELINES);
    db.prepare('UPDATE scores SET bins = ? WHERE contact_id = ?').run(JSON.stringify(own?.bins), id);
    const summary = {
      ...{ heard: 19, speech: 0.7, longestSilence: 2, level: -30, raised: 2, voice: null, phrases: null },
      ...{ conversation: 'not available', dropped: 0 },
    };
    db.prepare(
      `INSERT OR REPLACE INTO scores (contact_id, kind, models, thresholds, summary, bins_from, bins)
         VALUES (?, 'sound', '[{"id":"silero-vad","version":"1","licence":"MIT"}]', '{}', ?, 0, ?)`,
    ).run(id, JSON.stringify(summary), JSON.stringify(heard?.bins));
  }
  db.close();
  rig.store.reviews.queue.put(id);
  rig.store.contacts.notify();
  return whole;
}

export interface Looking {
  readonly rig: PageRig;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What stood in the console that should not, and requests to anywhere else. */
  readonly complaints: string[];
  stop(): Promise<void>;
}

/** The page in a browser; `fill` before it is opened at `path`. */
export async function look(
  browser: Browser,
  path: string,
  fill: (rig: PageRig) => Promise<void>,
  options: Parameters<Browser['newContext']>[0] & { role?: 'admin' | 'reviewer' | 'read-only' } = {},
): Promise<Looking> {
  const { role = 'reviewer', ...looks } = options;
  const rig = await startPage({ role });
  await fill(rig);
  const context = await browser.newContext({ locale: 'en-GB', ...looks });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(rig.url)) complaints.push(`asked ${request.url()}`);
  });
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => console.error('policy:', event.violatedDirective));`,
  );
  await page.goto(rig.url + path);
  return {
    ...{ rig, context, page, complaints },
    async stop() {
      await context.close();
      await rig.stop();
    },
  };
}
