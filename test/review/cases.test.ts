import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { openForReading, STORE_FILE } from '../../device/store/open.ts';
import { spyOnSql } from '../stand-ins/sql-spy.ts';
import { contact, noClip, putContacts } from './contacts.ts';
import { putClip, realClip } from './real-clip.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

// By the machine's calendar.
const WALL = new Date(2026, 2, 10, 12).getTime();
const DAY = 86_400_000;

let bytes: Buffer;
let clock: ManualClock;
let rig: PageRig;
beforeAll(async () => {
  bytes = await realClip(2);
});
beforeEach(async () => {
  clock = new ManualClock({ mono: 0, wall: WALL });
  rig = await startPage({ role: 'admin', clock });
});
afterEach(() => rig.stop());

const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await rig.ask(method, path, body);
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
};
const refusal = async (method: string, path: string, body?: unknown) => {
  const answer = await ask(method, path, body);
  return [answer.status, answer.body.error];
};
const makeCase = async (contactIds: string[], title = 'Complaint 7') =>
  (await ask('POST', '/api/cases', { title, note: 'by letter', contactIds })).body.case.id as string;

test('a case from its beginning to its end', async () => {
  putContacts(rig, contact('c-1', WALL - DAY, { pressed: [[30, 1]] }), contact('c-2', WALL - DAY / 2));
  const id = await makeCase(['c-1']);
  const added = await ask('POST', `/api/cases/${id}/contacts`, { contactIds: ['c-1', 'c-2'] });
  expect(added.body.case).toMatchObject({
    title: 'Complaint 7',
    openedBy: 'admin',
    contacts: 2,
    closedAt: null,
  });
  expect(added.body.contacts.map((one: { contact: { id: string } }) => one.contact.id)).toEqual([
    'c-1',
    'c-2',
  ]);
  expect((await ask('GET', '/api/cases?contact=c-2')).body.cases).toHaveLength(1);
  await ask('PATCH', `/api/cases/${id}`, { title: 'Complaint 8', closed: true });
  expect((await ask('GET', '/api/cases?open=true')).body.cases).toEqual([]);
  expect((await ask('GET', '/api/cases')).body.cases[0]).toMatchObject({
    ...{ title: 'Complaint 8', note: 'by letter', closedBy: 'admin' },
    closedAt: new Date(WALL).toISOString(),
  });
  await ask('PATCH', `/api/cases/${id}`, { closed: false });
  const left = await ask('DELETE', `/api/cases/${id}/contacts/c-1`);
  expect([left.body.case.closedAt, left.body.contacts.length]).toEqual([null, 1]);
});

test('a contact that there is not is added to nothing, and a case has a limit', async () => {
  putContacts(rig, contact('c-1', WALL - DAY));
  expect(await refusal('POST', '/api/cases', { title: 'x', contactIds: ['c-1', 'none'] })).toEqual([
    404,
    'CA_CONTACT_UNKNOWN',
  ]);
  expect((await ask('GET', '/api/cases')).body.cases).toEqual([]);
  putContacts(rig, ...Array.from({ length: 201 }, (_, n) => contact(`many-${n}`, WALL - n * 1000)));
  const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `many-${from + n}`);
  const id = await makeCase(ids(0, 200));
  expect(await refusal('POST', `/api/cases/${id}/contacts`, { contactIds: ids(200, 201) })).toEqual([
    409,
    'CA_CASE_FULL',
  ]);
  expect(await refusal('GET', '/api/cases/none')).toEqual([404, 'unknown-case']);
});

test('the list goes on where it ended', async () => {
  for (let n = 0; n < 7; n++) {
    clock.advance(n % 2);
    await makeCase([], `case ${n}`).catch(() => {});
    await ask('POST', '/api/cases', { title: `case ${n}` });
  }
  const titles: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { body } = await ask('GET', `/api/cases?limit=3${next && `&after=${next}`}`);
    titles.push(...body.cases.map(({ title }: { title: string }) => title));
    next = body.next;
  }
  expect(titles.sort()).toEqual(Array.from({ length: 7 }, (_, n) => `case ${n}`));
});

describe('a hold', () => {
  const until = '2026-03-12';
  const afterIt = new Date(2026, 2, 13).getTime();
  const hold = (ids: string[], day = until) =>
    ask('POST', '/api/holds', { contactIds: ids, reason: 'complaint 7', until: day });
  const doomed = () => rig.store.expiredClips(0, clock.now(), true).map(({ contactId }) => contactId);
  beforeEach(async () => {
    await putClip(rig, 'c-1', bytes);
    await putClip(rig, 'c-2', bytes);
    expect((await hold(['c-1'])).body).toEqual({ held: 1, until });
  });

  test('keeps the clip from being deleted for age and for room, and the contact from being erased', async () => {
    expect(doomed()).toEqual(['c-2']);
    expect(rig.store.leastValuable()?.contactId).toBe('c-2');
    rig.store.clipDeleted('c-2', 'space', WALL);
    expect([rig.store.leastValuable(), rig.store.heldClips().clips]).toEqual([null, 1]);
    expect(() => rig.store.erase('c-1', 'mqtt', WALL)).toThrow(
      expect.objectContaining({ code: 'CA_CONTACT_HELD' }),
    );
    expect(await refusal('DELETE', '/api/contacts/c-1', { confirm: 'c-1' })).toEqual([
      409,
      'CA_CONTACT_HELD',
    ]);
    expect(rig.store.cases.holdOf('c-1')).toEqual({ reason: 'complaint 7', until });
  });

  test('ends by itself at the end of its day', async () => {
    clock.advance(afterIt - WALL - 1);
    expect([rig.store.cases.holdOf('c-1')?.until, doomed()]).toEqual([until, ['c-2']]);
    clock.advance(1);
    expect([rig.store.cases.holdOf('c-1'), doomed()]).toEqual([null, ['c-1', 'c-2']]);
    expect((await ask('DELETE', '/api/contacts/c-1', { confirm: 'c-1' })).status).toBe(200);
  });

  test('ends by hand, with a note that stays', async () => {
    expect(await refusal('POST', '/api/contacts/c-1/holds/end', { note: ' ' })).toEqual([400, 'bad-request']);
    const { body } = await ask('POST', '/api/contacts/c-1/holds/end', { note: 'settled' });
    expect(body.holds).toMatchObject([{ endedBy: 'admin', endedNote: 'settled', inForce: false }]);
    expect(doomed()).toEqual(['c-1', 'c-2']);
    expect(await refusal('POST', '/api/contacts/c-1/holds/end', { note: 'again' })).toEqual([
      409,
      'not-held',
    ]);
  });

  test('of two, the longer one counts', async () => {
    await hold(['c-1'], '2026-04-01');
    expect(rig.store.cases.holdOf('c-1')?.until).toBe('2026-04-01');
    clock.advance(afterIt - WALL);
    expect(doomed()).toEqual(['c-2']);
  });

  test.each([
    ['2026-02-30', 'no-such-day'],
    ['2026-03-09', 'day-is-over'],
    ['2028-03-11', 'hold-too-long'],
    ['9999-12-30', 'hold-too-long'],
  ])('not until %s', async (day, error) => {
    expect((await hold(['c-2'], day)).body.error).toBe(error);
  });

  test('for two years at most', async () => {
    expect((await hold(['c-2'], '2028-03-10')).body).toEqual({ held: 1, until: '2028-03-10' });
  });

  test('of many is written down of each, or none is held', async () => {
    const many = Array.from({ length: 200 }, (_, n) => contact(`many-${n}`, WALL - DAY - n * 1000));
    putContacts(rig, ...many);
    const ids = many.map(({ id }) => id);
    const db = new Database(join(rig.folder, STORE_FILE));
    const noted = db.prepare("SELECT count(*) FROM actions WHERE action = 'hold.set'").pluck();
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON actions WHEN new.target LIKE '%many-150%'
      BEGIN SELECT RAISE(ABORT, 'full'); END`);
    expect((await hold(ids)).status).toBe(503);
    expect([noted.get(), rig.store.cases.holdOf('many-0')]).toEqual([1, null]);
    db.exec('DROP TRIGGER full');
    expect((await hold(ids)).body).toEqual({ held: 200, until });
    expect(noted.get()).toBe(201);
    db.close();
  });

  test('of one contact that there is not: none is held', async () => {
    expect((await hold(['c-2', 'none'])).status).toBe(404);
    expect(rig.store.cases.holdOf('c-2')).toBeNull();
  });
});

test('an erasure: only with the id once more, with a receipt, out of cases, and told twice the same', async () => {
  await putClip(rig, 'c-1', bytes);
  const id = await makeCase(['c-1']);
  await ask('POST', '/api/contacts/c-1/open', { reason: 'complaint', text: '' });
  expect(await refusal('DELETE', '/api/contacts/c-1', { confirm: 'c-2' })).toEqual([400, 'not-confirmed']);
  const receipt = { contactId: 'c-1', erasedAt: new Date(WALL).toISOString() };
  expect(await ask('DELETE', '/api/contacts/c-1', { confirm: 'c-1' })).toEqual({
    status: 200,
    body: receipt,
  });
  clock.advance(DAY);
  expect((await ask('DELETE', '/api/contacts/c-1', { confirm: 'c-1' })).body).toEqual(receipt);
  expect((await ask('GET', `/api/cases/${id}`)).body.contacts).toEqual([]);
  expect(await refusal('DELETE', '/api/contacts/none', { confirm: 'none' })).toEqual([
    404,
    'CA_CONTACT_UNKNOWN',
  ]);
  const db = openForReading(rig.folder);
  for (const table of ['case_contacts', 'holds', 'openings'])
    expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
  const ends = "SELECT outcome FROM actions WHERE action = 'contact.erase' ORDER BY place";
  expect(db.prepare(ends).pluck().all()).toEqual([
    ...['begun', 'ok', 'begun', 'ok'],
    ...['begun', 'CA_CONTACT_UNKNOWN'],
  ]);
  db.close();
});

describe('an export', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'ca-export-'));
  });
  afterEach(() => rmSync(out, { recursive: true }));

  async function exported(id: string, query = 'reason=complaint'): Promise<void> {
    const answer = await rig.ask('GET', `/api/cases/${id}/export?${query}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
    writeFileSync(join(out, 'case.zip'), Buffer.from(await answer.arrayBuffer()));
    execFileSync('python3', ['-m', 'zipfile', '-e', 'case.zip', '.'], { cwd: out });
  }
  const file = (name: string) => readFileSync(join(out, name), 'utf8');

  test('holds the clips as they were, sums that fit, and who took it', async () => {
    await putClip(rig, 'c-1', bytes, { pressed: [[30, 1]] });
    await putClip(rig, 'c-2', bytes);
    putContacts(rig, contact('c-3', WALL - DAY, { clip: noClip('c-3', 'deleted', 'age') }));
    const gone = await putClip(rig, 'c-4', bytes, { pressed: [[30, 1]] });
    rmSync(join(rig.folder, 'clips', gone.file ?? ''));
    await exported(await makeCase(['c-1', 'c-2', 'c-3', 'c-4']));
    expect(
      execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: out, encoding: 'utf8' }).split('\n'),
    ).toEqual([...['clips/c-1.mp4: OK', 'clips/c-2.mp4: OK', 'manifest.json: OK', 'index.html: OK', '']]);
    expect(readFileSync(join(out, 'clips/c-1.mp4')).equals(bytes)).toBe(true);
    const format = execFileSync('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'format=nb_streams',
      join(out, 'clips/c-2.mp4'),
    ]);
    expect(format.toString()).toContain('nb_streams=2');
    const manifest = JSON.parse(file('manifest.json'));
    expect(manifest.exported).toEqual({
      ...{ by: 'admin', at: new Date(WALL).toISOString(), device: 'reception-1', reason: 'complaint' },
    });
    expect(
      manifest.contacts.map(
        ({ clip }: { clip: { file: string; missing: string } }) => clip.file ?? clip.missing,
      ),
    ).toEqual([...['clips/c-1.mp4', 'clips/c-2.mp4', 'age', 'CA_CLIP_NOT_FOUND']]);
    expect(manifest.contacts[0].clip).toMatchObject({ asRecorded: true, bytes: bytes.length });
    expect(manifest.contacts[0].presses).toMatchObject([{ rating: 1, tag: 'negative' }]);
    // Neither an estimate of a model nor a place of this device.
    expect(file('manifest.json')).not.toMatch(/score|hint|receptionist"|2026-01-05/);
    const db = openForReading(rig.folder);
    const noted = db
      .prepare("SELECT target FROM actions WHERE action LIKE '%.export' ORDER BY place")
      .pluck()
      .all() as string[];
    db.close();
    const [whole, ...each] = noted.map((target) => JSON.parse(target));
    expect(whole).toMatchObject({ contacts: 4, reason: 'complaint' });
    expect(each).toEqual(
      ['c-1', 'c-2', 'c-3', 'c-4'].map((contactId) => ({ contactId, case: whole.case, reason: 'complaint' })),
    );
  });

  test('its page speaks the language of who asks, and runs nothing that was typed', async () => {
    const evil = `<script>alert(1)</script><img src=x onerror="alert('2')">&`;
    putContacts(rig, contact('c-1', WALL - DAY, { pressed: [[30, 1]] }));
    await ask('PUT', '/api/contacts/c-1/review', { tag: null, causes: [], comment: evil, revision: 0 });
    await exported(await makeCase(['c-1'], evil), 'language=pl');
    const page = file('index.html');
    expect(page).toContain('<html lang="pl">');
    expect(page).toContain('Komentarz');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toMatch(/<script|<img/);
    expect(JSON.parse(file('manifest.json')).contacts[0].review.comment).toBe(evil);
  });

  test('counts no causes, which would be those of all reviews, once for each of its contacts', async () => {
    const spy = spyOnSql();
    putContacts(rig, contact('c-1', WALL - DAY, { pressed: [[30, 1]] }));
    const said = { tag: null, causes: ['queue'], comment: '', revision: 0 };
    await ask('PUT', '/api/contacts/c-1/review', said);
    await exported(await makeCase(['c-1']));
    spy.end();
    expect(JSON.parse(file('manifest.json')).contacts[0].review.causes).toMatchObject([{ id: 'queue' }]);
    const counted = [...spy.statements].filter((sql) => /count\(/.test(sql) && sql.includes('review_causes'));
    expect(counted).toEqual([]);
  });

  test('needs a reason where nobody complained, and an account that may have clips', async () => {
    await putClip(rig, 'c-1', bytes);
    const id = await makeCase(['c-1']);
    expect(await refusal('GET', `/api/cases/${id}/export`)).toEqual([403, 'reason-needed']);
    const who = somebody('admin');
    rig.who = { ...who, permissions: new Set([...who.permissions].filter((one) => one !== 'clips:read')) };
    expect(await refusal('GET', `/api/cases/${id}/export?reason=complaint`)).toEqual([403, 'not-allowed']);
  });

  test('that nobody takes to its end leaves nothing behind', async () => {
    const big = Buffer.alloc(24_000_000, 7);
    for (const id of ['c-1', 'c-2']) await putClip(rig, id, big, { pressed: [[30, 1]] });
    const id = await makeCase(['c-1', 'c-2']);
    for (let n = 0; n < 5; n++) {
      const asked = request(new URL(`/api/cases/${id}/export`, rig.url));
      asked.on('error', () => {});
      asked.end();
      const [answer] = await once(asked, 'response');
      await once(answer, 'data');
      asked.destroy();
    }
    const open = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(join(rig.folder, 'clips'));
        } catch {
          return false;
        }
      });
    await expect.poll(open, { timeout: 5_000 }).toEqual([]);
  });

  test('a clip that is damaged breaks it off: what is not whole does not look whole', async () => {
    const { file: path } = await putClip(rig, 'c-1', Buffer.alloc(3_000_000, 7), { pressed: [[30, 1]] });
    const sealed = join(rig.folder, 'clips', path ?? '');
    const all = readFileSync(sealed);
    all[2_000_000] = (all[2_000_000] ?? 0) ^ 1;
    writeFileSync(sealed, all);
    const id = await makeCase(['c-1']);
    const answer = await rig.ask('GET', `/api/cases/${id}/export`);
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });
});
