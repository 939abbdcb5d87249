import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../stand-ins/chromium.ts';
import { randomOf } from '../stand-ins/random.ts';
import { fillStore } from './filled-store.ts';
import { CLIP, PRE_ROLL, putReviewable, STAY } from './review-rig.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

/**
 * Takes the pictures of the README: `node test/review/pictures.ts`. The page is served as it is, with contacts made up and
 * the demo's patient.
 */
const TO = join(import.meta.dirname, '../../device/review/pictures');
const DEMO = join(import.meta.dirname, '../../.cache/demo');
const DAY = 86_400_000;

const COMMENTS = [
  'Waited eighteen minutes although there was an appointment.',
  'Nobody said that the form has to be filled in again.',
  'The card reader did not work; no cash desk was open.',
  'Sent to the second floor and back.',
];

const folder = mkdtempSync(join(tmpdir(), 'ca-pictures-'));
const clip = demoClip();
const now = Date.now();
const rig = await startPage({
  fill: (_, to) => void fillStore(to, { contacts: 6_000, until: now, perDay: 130, seed: 4 }),
});
const browser = await launchChromium();
let caseId = '';
try {
  mkdirSync(TO, { recursive: true });
  await fill(rig);
  for (const [name, path] of pages()) await take(browser, name, path);
  rig.who = somebody('receptionist', { receptionist: 'r-1' });
  await take(browser, 'own', '/own');
  rig.who = null;
  await take(browser, 'sign-in', '/');
} finally {
  await browser.close();
  await rig.stop();
  rmSync(folder, { recursive: true });
}

/** The demo's patient and dialogue, as a clip. */
function demoClip(): Buffer {
  const file = join(folder, 'clip.mp4');
  const length = ['-t', `${CLIP / 1_000}`];
  execFileSync('ffmpeg', [
    ...[
      '-v',
      'error',
      '-stream_loop',
      '-1',
      '-i',
      join(DEMO, 'camera.mp4'),
      '-i',
      join(DEMO, 'dialogue.wav'),
    ],
    ...[...length, '-c:v', 'copy', '-c:a', 'aac', '-ac', '2', '-movflags', '+faststart', file],
  ]);
  return readFileSync(file);
}

async function fill({ store }: PageRig): Promise<void> {
  const random = randomOf(7);
  const said = async (method: string, path: string, body: object) => {
    const answer = await rig.ask(method, path, body);
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return (await answer.json()) as { id: string; case: { id: string } };
  };
  const { causes } = (await (await rig.ask('GET', '/api/causes')).json()) as { causes: { id: string }[] };
  const known = causes.map(({ id }) => id);
  const likely = known.slice(0, 8);
  const negative = store.contacts
    .between(now - 60 * DAY, now - DAY)
    .filter(({ tag }) => tag === 'negative')
    .map(({ id }) => id);
  for (const id of negative.slice(12)) {
    const place = Math.floor(random() ** 2 * likely.length);
    const comment = COMMENTS[Math.floor(random() * COMMENTS.length)] ?? '';
    await said('PUT', `/api/contacts/${id}/review`, {
      ...{ tag: null, causes: [likely[place] ?? known[0]], comment, revision: 0 },
    });
  }
  for (const [n, title] of ['A second desk on Mondays', 'The price list at the entrance'].entries()) {
    const { id } = await said('POST', '/api/measures', {
      ...{ title, owner: n === 0 ? 'Ms Nowak' : 'Mr Petraitis', causes: [likely[n] ?? ''], desk: null },
    });
    const effective = new Date(now - (25 - n * 5) * DAY).toISOString().slice(0, 10);
    await said('PATCH', `/api/measures/${id}`, { effective });
  }
  const made = await said('POST', '/api/cases', {
    ...{
      title: 'Mondays before ten',
      note: 'For the meeting of the first week.',
      contactIds: negative.slice(0, 6),
    },
  });
  caseId = made.case.id;
  for (let n = 1; n <= 6; n++)
    await putReviewable(rig, clip, `seen-${n}`, now - n * 37 * 60_000, {
      pressed: [[STAY / 1_000 - 3, 1]],
      scored: n !== 4,
    });
  rig.desks = [
    { desk: 'front', present: true, since: new Date(now - 95_000).toISOString(), contactId: null },
    { desk: 'back', present: false, since: new Date(now - 480_000).toISOString(), contactId: null },
  ].map((desk) => ({ ...desk, paused: null, receptionist: 'r-1' }));
}

function pages(): [name: string, path: string][] {
  return [
    ['inbox', '/inbox'],
    ['contact', '/contacts/seen-1'],
    ['today', '/today'],
    ['search', '/search?tag=negative'],
    ['cases', `/cases/${caseId}`],
    ['reports', '/reports'],
    ['settings', '/settings'],
    ['accounts', '/accounts'],
    ['log', '/log'],
  ];
}

async function take(from: Browser, name: string, path: string): Promise<void> {
  const context = await from.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(new URL(path, rig.url).href);
  await page.locator('h1').first().waitFor();
  await page.waitForTimeout(1_500);
  if (name === 'contact') {
    await page.locator('video').evaluate(
      (video, to) => {
        Reflect.apply(Reflect.get(video, 'pause'), video, []);
        Reflect.set(video, 'currentTime', to);
      },
      PRE_ROLL / 1_000 + 11,
    );
    await page.waitForTimeout(1_000);
  }
  const shot = join(folder, `${name}.png`);
  await page.screenshot({ path: shot });
  // 128 colours are enough, and a third of the bytes.
  const palette = 'split[a][b];[a]palettegen=max_colors=128[p];[b][p]paletteuse=dither=none';
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', shot, '-vf', palette, join(TO, `${name}.png`)]);
  await context.close();
}
