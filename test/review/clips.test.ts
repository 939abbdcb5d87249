import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { Waveform } from '../../device/review/clips/schema.ts';
import { ClipViews } from '../../device/review/clips/views.ts';
import { openForReading, STORE_FILE } from '../../device/store/open.ts';
import { putClip, realClip } from './real-clip.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

const WALL = Date.parse('2026-03-02T12:00:00Z');
const HOUR = 3_600_000;
/** ms: an ffmpeg of low priority, beside other tests. */
const PATIENCE = 20_000;
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

let bytes: Buffer;
let sound: Buffer;
let clock: ManualClock;
let rig: PageRig;
beforeAll(async () => {
  [bytes, sound] = await Promise.all([realClip(4), realClip(4, { picture: false })]);
});
beforeEach(async () => {
  clock = new ManualClock({ mono: 0, wall: WALL });
  rig = await startPage({ role: 'reviewer', clock });
});
afterEach(() => rig.stop());

/** Actions in the log, oldest first. */
function noted(): { action: string; target: Record<string, string> }[] {
  const db = openForReading(rig.folder);
  const rows = db.prepare('SELECT action, target FROM actions ORDER BY place').all() as {
    action: string;
    target: string;
  }[];
  db.close();
  return rows.map(({ action, target }) => ({ action, target: JSON.parse(target) }));
}
const views = () => noted().filter(({ action }) => action === 'clip.view').length;
const clip = (id: string, headers = {}) => rig.ask('GET', `/api/contacts/${id}/clip`, undefined, headers);
const status = async (answer: Promise<Response>) => {
  const { status, ok, body } = await answer;
  if (ok) await body?.cancel();
  return status;
};

test.each([
  ['negative', [[30, 1]], 200],
  ['neutral', [[30, 3]], 403],
  ['positive', [[30, 5]], 403],
  ['unrated', [], 403],
] as const)('a %s clip: %s', async (_tag, pressed, expected) => {
  await putClip(rig, 'c-1', bytes, { pressed: pressed.map(([second, rating]) => [second, rating]) });
  for (const path of ['clip', 'waveform', 'download?form=original', 'download?form=manifest'])
    expect([path, await status(rig.ask('GET', `/api/contacts/c-1/${path}`))]).toEqual([path, expected]);
  if (expected === 403) expect(await (await clip('c-1')).json()).toMatchObject({ error: 'reason-needed' });
});

test('a reason opens the clip for the account that gave it, for a working day, and is written down', async () => {
  await putClip(rig, 'c-1', bytes, { pressed: [[30, 5]] });
  const open = () => rig.ask('POST', '/api/contacts/c-1/open', { reason: 'complaint', text: 'by letter' });
  expect(await (await open()).json()).toEqual({ until: new Date(WALL + 8 * HOUR).toISOString() });
  expect(await status(clip('c-1'))).toBe(200);
  rig.who = somebody('admin');
  expect(await status(clip('c-1'))).toBe(403);
  rig.who = somebody('reviewer');
  clock.advance(8 * HOUR - 1);
  expect(await status(clip('c-1'))).toBe(200);
  clock.advance(1);
  expect(await status(clip('c-1'))).toBe(403);
  expect(noted()[0]).toEqual({ action: 'clip.open', target: { contactId: 'c-1', reason: 'complaint' } });
  expect(await status(rig.ask('POST', '/api/contacts/c-2/open', { reason: 'complaint', text: '' }))).toBe(
    404,
  );
  expect(await status(rig.ask('POST', '/api/contacts/c-1/open', { reason: 'curious', text: '' }))).toBe(400);
});

test('who has opened a clip, and in which words, is told with the contact to who may read clips', async () => {
  await putClip(rig, 'c-1', bytes, { pressed: [[30, 5]] });
  const openings = async () =>
    ((await (await rig.ask('GET', '/api/contacts/c-1')).json()) as { openings: unknown[] }).openings;
  expect(await openings()).toEqual([]);
  const accountId = rig.store.accounts.add({ name: 'Anna', role: 'reviewer', receptionist: null }, WALL);
  rig.who = somebody('reviewer', { accountId: accountId as string, name: 'Anna' });
  await rig.ask('POST', '/api/contacts/c-1/open', { reason: 'complaint', text: 'by letter' });
  clock.advance(HOUR);
  await rig.ask('POST', '/api/contacts/c-1/open', { reason: 'training', text: '' });
  const told = [
    { account: 'Anna', at: new Date(WALL + HOUR).toISOString(), reason: 'training', text: '' },
    { account: 'Anna', at: new Date(WALL).toISOString(), reason: 'complaint', text: 'by letter' },
  ];
  rig.who = somebody('admin');
  expect(await openings()).toEqual(told);
  rig.who = somebody('read-only');
  expect(await openings()).toEqual([]);
});

test('a view is noted once, however many ranges a player asks for, and also where the first byte is left out', async () => {
  await putClip(rig, 'c-1', bytes, { pressed: [[30, 1]] });
  await status(clip('c-1', { range: 'bytes=1-' }));
  expect(views()).toBe(1);
  for (const range of ['bytes=100-', 'bytes=5000-', 'bytes=7-9']) await status(clip('c-1', { range }));
  expect(views()).toBe(1);
  await status(clip('c-1', { range: 'bytes=0-' }));
  expect(views()).toBe(2);
  clock.advance(HOUR);
  await status(clip('c-1', { range: 'bytes=100-' }));
  expect(views()).toBe(3);
  await status(rig.ask('HEAD', '/api/contacts/c-1/clip'));
  expect(views()).toBe(3);
});

test('what cannot be written down is not shown, and the next time it is written down', async () => {
  await putClip(rig, 'c-1', bytes, { pressed: [[30, 1]] });
  const db = new Database(join(rig.folder, STORE_FILE));
  db.exec("CREATE TRIGGER full BEFORE INSERT ON actions BEGIN SELECT RAISE(ABORT, 'full'); END");
  for (const range of ['bytes=0-', 'bytes=100-'])
    expect([range, await status(clip('c-1', { range }))]).toEqual([range, 503]);
  expect([views(), openFiles()]).toEqual([0, []]);
  db.exec('DROP TRIGGER full');
  db.close();
  await status(clip('c-1', { range: 'bytes=100-' }));
  expect(views()).toBe(1);
});

test("a reviewer's own tag opens nothing", async () => {
  await putClip(rig, 'c-1', bytes, { pressed: [[30, 5]] });
  const said = { tag: 'negative', causes: [], comment: '', revision: 0 };
  expect(await status(rig.ask('PUT', '/api/contacts/c-1/review', said))).toBe(200);
  expect(await status(clip('c-1'))).toBe(403);
});

test('nothing of a contact is remembered once it is erased', () => {
  const seen = new ClipViews();
  const noted: string[] = [];
  const ask = (id: string) => seen.asked('anna', id, false, WALL, () => noted.push(id));
  for (const id of ['c-1', 'c-11', 'c-1', 'c-11']) ask(id);
  seen.forget('c-1');
  for (const id of ['c-1', 'c-11']) ask(id);
  expect(noted).toEqual(['c-1', 'c-11', 'c-1']);
});

const single = (n: number) => `${n}-${n}`;
test.each([
  ['two ranges', 'bytes=0-1,3-4', 200],
  ['the first and the last byte', 'bytes=0-0,-1', 200],
  ['500 ranges', `bytes=${Array.from({ length: 500 }, (_, n) => single(n)).join(',')}`, 200],
  ['a start beyond any number', `bytes=${'9'.repeat(400)}-`, 416],
  ['the last no bytes', 'bytes=-0', 416],
  ['more last bytes than any clip has', 'bytes=-99999999999999999999', 206],
  ['an end beyond any number', 'bytes=0-99999999999999999999', 206],
  ['a negative start', 'bytes=--5', 200],
  ['a negative start and an end', 'bytes=-5-3', 200],
  ['a number with an exponent', 'bytes=1e3-', 200],
  ['no number', 'bytes=NaN-', 200],
])('%s: the clip, and no more than that', async (_name, range, expected) => {
  await putClip(rig, 'c-1', bytes, { pressed: [[30, 1]] });
  const answer = await clip('c-1', { range });
  expect(answer.status).toBe(expected);
  if (answer.ok) expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
});

/** Files of the vault that this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const to = readlinkSync(`/proc/self/fd/${fd}`);
      return to.startsWith(`${rig.folder}/clips`) ? [to] : [];
    } catch {
      return [];
    }
  });
}

/** Asks, and goes away: at once, or when the first bytes have come. */
async function askAndLeave(
  path: string,
  after: 'request' | 'bytes' | 'headers',
  headers = {},
): Promise<void> {
  const asked = request(new URL(path, rig.url), { headers });
  asked.on('error', () => {});
  asked.end();
  if (after === 'request') await sleep(2);
  else {
    const [answer] = await once(asked, 'response');
    if (after === 'bytes') await once(answer, 'data');
  }
  asked.destroy();
}

test('players that go away in the middle leave no file open', async () => {
  // Large enough that it does not fit into the sockets.
  await putClip(rig, 'big', Buffer.alloc(24_000_000, 7), { pressed: [[30, 1]] });
  for (let n = 0; n < 60; n++) {
    const after = (['request', 'headers', 'bytes'] as const)[n % 3] ?? 'bytes';
    await askAndLeave('/api/contacts/big/clip', after, { range: `bytes=${n * 1000}-` });
  }
  await expect.poll(openFiles, { timeout: 5_000 }).toEqual([]);
  expect((await clip('big', { range: 'bytes=0-9' })).status).toBe(206);
});

test('a slow reader holds back the file, and does not fill the memory', async () => {
  await putClip(rig, 'big', Buffer.alloc(64_000_000, 7), { pressed: [[30, 1]] });
  const before = process.memoryUsage().external;
  const asked = request(new URL('/api/contacts/big/clip', rig.url));
  asked.end();
  const [answer] = await once(asked, 'response');
  answer.pause();
  await sleep(700);
  expect(process.memoryUsage().external - before).toBeLessThan(30_000_000);
  asked.destroy();
  await expect.poll(openFiles, { timeout: 5_000 }).toEqual([]);
});

test('the original as a file, and its manifest', async () => {
  const { sha256 } = await putClip(rig, 'c-1', bytes, { pressed: [[30, 1]] });
  const answer = await rig.ask('GET', '/api/contacts/c-1/download?form=original');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="contact-c-1.mp4"');
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  const manifest = await (await rig.ask('GET', '/api/contacts/c-1/download?form=manifest')).json();
  expect(manifest).toMatchObject({
    ...{ file: 'contact-c-1.mp4', sha256, bytes: bytes.length },
    downloaded: { by: 'reviewer', at: new Date(WALL).toISOString(), device: 'reception-1' },
  });
  expect(JSON.stringify(manifest)).not.toContain('2026-01-05/');
  const downloads = noted().filter(({ action }) => action === 'clip.download');
  expect(downloads.map(({ target }) => target.form)).toEqual(['original', 'manifest']);
});

/** Mean brightness of the lowest stripe of the first picture. */
function stripe(movie: Buffer): Buffer {
  const { stdout } = spawnSync(
    'ffmpeg',
    [
      '-loglevel',
      'error',
      '-i',
      'pipe:0',
      '-frames:v',
      '1',
      '-vf',
      'crop=320:40:0:200,format=gray',
      '-f',
      'rawvideo',
      'pipe:1',
    ],
    { input: movie, maxBuffer: 10_000_000 },
  );
  return stdout;
}
const probe = (movie: Buffer, what: string) =>
  execFileSync('ffprobe', ['-v', 'error', '-of', 'json', ...what.split(' '), '-i', 'pipe:0'], {
    input: movie,
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString();

test.each(['reviewer', `a:b, 'q' %{pts} [x];\\n=Ж"#`])(
  'the marked download shows who took it: %s',
  async (name) => {
    await putClip(rig, 'c-1', bytes, { pressed: [[30, 1]] });
    rig.who = somebody('reviewer', { name });
    const answer = await rig.ask('GET', '/api/contacts/c-1/download?form=marked');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    const movie = Buffer.from(await answer.arrayBuffer());
    const { streams } = JSON.parse(probe(movie, '-show_streams'));
    expect(streams.map(({ codec_name }: { codec_name: string }) => codec_name)).toEqual(['h264', 'aac']);
    const { format } = JSON.parse(probe(movie, '-show_format'));
    expect(format.tags.comment).toBe(`${name} · reception-1 · ${new Date(WALL).toISOString()}`);
    // The pictures are other ones where the mark stands, and the same elsewhere.
    const [plain, marked] = [stripe(bytes), stripe(movie)];
    const changed = plain.filter((value, at) => Math.abs(value - (marked[at] ?? 0)) > 40).length;
    expect(changed).toBeGreaterThan(plain.length / 10);
    expect(noted().at(-1)).toEqual({ action: 'clip.download', target: { contactId: 'c-1', form: 'marked' } });
  },
);

test('sound alone cannot be drawn on', async () => {
  await putClip(rig, 'c-1', sound, { pressed: [[30, 1]], mediaType: 'audio/mp4' });
  const answer = await rig.ask('GET', '/api/contacts/c-1/download?form=marked');
  expect([answer.status, await answer.json()]).toMatchObject([409, { error: 'no-picture' }]);
});

/** Children of this process that are ffmpeg. */
const ffmpegs = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readlinkSync(`/proc/${pid}/exe`).endsWith('/ffmpeg') &&
        parentOf(pid) === process.pid
      );
    } catch {
      return false;
    }
  }).length;
const parentOf = (pid: string) =>
  Number(execFileSync('ps', ['-o', 'ppid=', '-p', pid], { encoding: 'utf8' }).trim() || 0);

test('one marked download at a time; it ends when its reader goes away', { timeout: 90_000 }, async () => {
  const long = await realClip(20, { size: '640x480' });
  await putClip(rig, 'long', long, { pressed: [[30, 1]], seconds: 20 });
  const path = '/api/contacts/long/download?form=marked';
  const asked = request(new URL(path, rig.url));
  asked.on('error', () => {});
  asked.end();
  const [answer] = await once(asked, 'response');
  expect(answer.statusCode).toBe(200);
  const second = await rig.ask('GET', path);
  expect([second.status, await second.json()]).toMatchObject([503, { error: 'busy' }]);
  asked.destroy();
  await expect.poll(ffmpegs, { timeout: PATIENCE }).toBe(0);
  await expect.poll(openFiles, { timeout: PATIENCE }).toEqual([]);
  await askAndLeave(path, 'request');
  await expect.poll(ffmpegs, { timeout: PATIENCE }).toBe(0);
  await expect.poll(() => status(rig.ask('GET', path)), { timeout: PATIENCE }).toBe(200);
  await expect.poll(ffmpegs, { timeout: PATIENCE }).toBe(0);
});

test('what is no movie is told in words, and breaks nothing', async () => {
  await putClip(rig, 'c-1', Buffer.alloc(300_000, 'x'), { pressed: [[30, 1]] });
  for (const path of ['waveform', 'download?form=marked']) {
    const answer = await rig.ask('GET', `/api/contacts/c-1/${path}`);
    expect([path, ((await answer.json()) as { error: string }).error]).toEqual([path, 'CA_CLIP_DAMAGED']);
  }
  await expect.poll(openFiles, { timeout: 5_000 }).toEqual([]);
});

test('the waveform: each side where it speaks', async () => {
  await putClip(rig, 'c-1', bytes, { pressed: [[30, 1]] });
  const answer = (await (await rig.ask('GET', '/api/contacts/c-1/waveform')).json()) as Waveform;
  expect(answer).toMatchObject({ duration: 4_000, preRoll: 1_000 });
  const [patient, receptionist] = answer.channels;
  expect([patient?.name, receptionist?.name]).toEqual(['patient', 'receptionist']);
  expect(patient?.peaks).toHaveLength(200);
  const at = (channel: typeof patient, share: number) => channel?.peaks[Math.floor(share * 200)] ?? -1;
  expect(at(patient, 0.25)).toBeGreaterThan(180);
  expect(at(patient, 0.75)).toBeLessThan(10);
  expect(at(receptionist, 0.25)).toBeLessThan(10);
  expect(at(receptionist, 0.75)).toBeGreaterThan(80);
  expect(at(receptionist, 0.75)).toBeLessThan(120);
});

test('many who ask for waveforms wait for each other, and too many are sent away', async () => {
  for (let n = 0; n < 9; n++) await putClip(rig, `c-${n}`, bytes, { pressed: [[30, 1]] });
  // Nothing is decoded until all have asked.
  const { promise: asked, resolve: begin } = Promise.withResolvers<void>();
  const open = rig.vault.open.bind(rig.vault);
  rig.vault.open = (...file) =>
    Readable.from(
      (async function* () {
        await asked;
        yield* open(...file);
      })(),
    );
  const codes: number[] = [];
  const answers = Array.from({ length: 9 }, async (_, n) => {
    codes.push(await status(rig.ask('GET', `/api/contacts/c-${n}/waveform`)));
  });
  await expect.poll(() => codes, { timeout: PATIENCE }).toEqual([503, 503, 503]);
  begin();
  await Promise.all(answers);
  expect(codes.slice(3)).toEqual(Array(6).fill(200));
  expect(await status(rig.ask('GET', '/api/contacts/c-8/waveform'))).toBe(200);
});
