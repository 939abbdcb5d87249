import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { at, readyClip, StoredDesk } from '../../test/stand-ins/stored-desk.ts';
import { CaError } from '../errors.ts';
import type { SqliteUploads, Upload } from './uploads.ts';

let desk: StoredDesk;
let uploads: SqliteUploads;
beforeEach(() => {
  desk = new StoredDesk();
  uploads = desk.store.uploads;
});
afterEach(() => desk.end());

/** The nth contact, of 19 s, settled, with a clip. */
function contact(n: number, button: string | null = 'unhappy'): string {
  desk.here(n * 100 + 1);
  if (button) desk.press(n * 100 + 9, button);
  desk.gone(n * 100 + 20).wait(n * 100 + 40);
  const id = desk.store.contacts.between(0, at(n * 100 + 99).wall)[0]?.id ?? '';
  desk.store.addClip('front', readyClip(id), at(n * 100 + 40).wall);
  return id;
}
const next = (which: 'all' | 'asked' | 'put' = 'all', except: string[] = []) => uploads.next(which, except);
const rows = () => desk.sql().prepare('SELECT * FROM uploads').all() as Record<string, unknown>[];
const told = () => desk.told().filter(({ type }) => type === 'clip.uploaded' || type === 'alert');
const what = { head: Buffer.from('head'), bytes: 7, sha256: 'a'.repeat(64) };
const copy = {
  ...{ bucket: 'clips', bytes: 7, sha256: 'a'.repeat(64), sealedFor: 'device' as const },
  keyId: '0123456789abcdef',
};
function taken(): Upload {
  uploads.enqueue('all');
  const upload = next();
  if (!upload) throw new Error('none');
  uploads.sending(upload, what);
  return upload;
}

/** So many more contacts with a ready clip, like the one that is there; the store hears nothing of it. */
function many(count: number, like: string): void {
  const db = desk.sql();
  for (const [table, id] of Object.entries({ contacts: 'id', clips: 'contact_id' })) {
    const columns = db.prepare<[], string>(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
    db.prepare(
      `WITH RECURSIVE ns (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM ns WHERE n < ?)
         INSERT INTO ${table} SELECT ${columns.map((name) => (name === id ? `${id} || '-' || n` : name)).join()}
           FROM ${table}, ns WHERE ${id} = ?`,
    ).run(count, like);
  }
  db.close();
}

describe('the queue', () => {
  test.each([
    ['negative', [1]],
    ['rated', [0, 1]],
    ['all', [0, 1, 2]],
    ['asked', []],
  ] as const)('%s', (send, wanted) => {
    const ids = [contact(0, 'happy'), contact(1), contact(2, null)];
    uploads.enqueue(send);
    uploads.enqueue(send);
    const queued: string[] = [];
    for (let upload = next(); upload; upload = next('all', queued)) queued.push(upload.contactId);
    expect(queued).toEqual(wanted.map((i) => ids[i]));
  });

  test('is filled in pieces, a commit each, and only when a clip has become ready', () => {
    many(1_200, contact(0));
    let commits = 0;
    desk.store.contacts.onChange(() => {
      commits += 1;
    });
    const filled = () => [uploads.enqueue('all'), rows().length, commits];
    expect([filled(), filled(), filled()]).toEqual([
      [true, 500, 1],
      [true, 1_000, 2],
      [false, 1_201, 3],
    ]);
    many(1, 'e1-1');
    expect(filled()).toEqual([false, 1_201, 3]);
    const [news, before] = [uploads.news, commits];
    contact(1);
    expect(uploads.news).toBeGreaterThan(news);
    expect([uploads.enqueue('all'), rows().length, commits > before]).toEqual([false, 1_203, true]);
    const same = uploads.news;
    desk.here(900);
    expect(uploads.news).toBe(same);
  });

  test('who asks comes first, and needs no policy', () => {
    const [first, second] = [contact(0), contact(1, 'happy')];
    uploads.enqueue('negative');
    expect(next()?.contactId).toBe(first);
    expect(next('asked')).toBeNull();
    expect(uploads.ask(second, null)).toBe('waiting');
    expect(next()).toMatchObject({ contactId: second, asked: true, file: expect.any(String) });
    expect(next('put')).toBeNull();
    uploads.ask(first, 'https://s3.example/x?signed');
    expect(next('put')).toMatchObject({ contactId: first, put: 'https://s3.example/x?signed' });
  });

  test('outlives the process, and what was made for a sending with it', () => {
    const id = contact(0);
    const { object } = taken();
    uploads.begun(id, 'u1');
    uploads.partSent(id, 1, 'e1');
    desk.restart(at(900));
    uploads = desk.store.uploads;
    expect(next()).toMatchObject({
      ...{ contactId: id, state: 'sending', object, uploadId: 'u1', sha256: what.sha256 },
      head: what.head,
    });
    expect(uploads.parts(id)).toEqual(new Map([[1, 'e1']]));
    uploads.anew(id);
    expect(next()).toMatchObject({ object, uploadId: null, sha256: null, head: null });
    expect(uploads.parts(id)).toEqual(new Map());
  });

  test('knows what cannot be asked for', () => {
    const code = (id: string, put: string | null = null) => {
      try {
        return uploads.ask(id, put);
      } catch (error) {
        return error instanceof CaError ? error.code : error;
      }
    };
    expect(code('nobody')).toBe('CA_CONTACT_UNKNOWN');
    desk.here(1).wait(5);
    const [open] = desk.store.contacts.between(0, at(99).wall);
    expect(code(open?.id ?? '')).toBe('CA_CONTACT_OPEN');
    desk.gone(20).wait(40);
    expect(code(open?.id ?? '')).toBe('CA_CLIP_NOT_FOUND');
    const id = contact(1);
    uploads.done(taken(), copy, 1);
    expect(code(id)).toBe('done');
    expect(code(id, 'https://s3.example/x')).toBe('CA_COMMAND_INVALID');
  });
});

test('that a copy is whole is told in the same commit', () => {
  const id = contact(0);
  const upload = taken();
  uploads.done(upload, copy, at(90).wall);
  expect(told()).toMatchObject([{ type: 'clip.uploaded', subject: id, data: { ...copy, contactId: id } }]);
  expect(desk.faults()).toEqual([]);
  expect([next(), uploads.counts()]).toEqual([null, { waiting: 0, bytes: 0, refused: 0, deleting: 0 }]);
});

test('one that cannot be sent is told; it can be asked for again', () => {
  const id = contact(0);
  uploads.refused(taken(), new CaError('CA_CLIP_DAMAGED', 'chunk 3'), 1);
  expect(told()).toMatchObject([{ type: 'alert', data: { code: 'CA_CLIP_DAMAGED', reason: 'chunk 3' } }]);
  expect([next(), uploads.counts().refused]).toEqual([null, 1]);
  expect(uploads.ask(id, null)).toBe('sending');
  expect(next()?.contactId).toBe(id);
});

test('what lies there of one that cannot be sent is known when it is asked for again, and goes with the clip', () => {
  const id = contact(0);
  const upload = taken();
  uploads.begun(id, 'u1');
  uploads.refused(upload, new CaError('CA_CLIP_DAMAGED', 'chunk 3'), 1);
  expect(() => uploads.ask(id, 'https://s3.example/x')).toThrow(/part of it/);
  expect(uploads.ask(id, null)).toBe('sending');
  expect(next()).toMatchObject({ uploadId: 'u1', sha256: what.sha256, asked: true });
  expect(uploads.drop(id, 1)).toBe(upload.object);
  expect(uploads.doomed([])).toMatchObject({ uploadId: 'u1' });
});

test('an address that is given before the first byte is out takes it: the sending that was begun is void', () => {
  const id = contact(0);
  uploads.enqueue('all');
  const old = next();
  const put = 'https://s3.example/x?signed';
  if (!old) throw new Error('none');
  expect(uploads.wants(old)).toBe(true);
  uploads.ask(id, put);
  expect([uploads.wants(old), uploads.sending(old, what)]).toEqual([false, false]);
  const upload = next();
  expect(upload).toMatchObject({ put, state: 'waiting' });
  if (!upload) throw new Error('none');
  uploads.sending(upload, what);
  expect(uploads.done(old, copy, 1)).toBe(false);
  uploads.refused(old, new CaError('CA_CLIP_DAMAGED', 'chunk 3'), 1);
  expect([told(), next()?.put]).toEqual([[], put]);
  expect(uploads.done(upload, { ...copy, bucket: null }, 1)).toBe(true);
  // The copy of the store is made anew: nothing of what went to the address is of use there.
  expect(uploads.ask(id, null)).toBe('waiting');
  expect(next()).toMatchObject({ put: null, head: null, sha256: null });
  expect(uploads.drop(id, 1)).toBeNull();
  expect(rows()).toEqual([]);
});

describe('a clip that is deleted', () => {
  const drop = (id: string) => desk.store.clipDeleted(id, 'age', at(500).wall);

  test('before anything was sent: there is nothing to delete', () => {
    const id = contact(0);
    uploads.enqueue('all');
    drop(id);
    expect([rows(), uploads.doomed([])]).toEqual([[], null]);
  });

  test.each(['while it is sent', 'when its copy is whole'])(
    '%s: the copy goes, and is told of no more',
    (when) => {
      const id = contact(0);
      const upload = taken();
      uploads.begun(id, 'u1');
      if (when !== 'while it is sent') uploads.done(upload, copy, 1);
      const before = told().length;
      drop(id);
      expect(uploads.left(id)).toBe('delete');
      expect([next(), uploads.sending(upload, what)]).toEqual([null, false]);
      uploads.done(upload, copy, 1);
      expect(told()).toHaveLength(before);
      expect(uploads.doomed([id])).toBeNull();
      expect(uploads.doomed([])).toEqual({ contactId: id, object: upload.object, uploadId: 'u1', bytes: 7 });
      uploads.gone(id);
      expect(rows()).toEqual([]);
    },
  );

  test('after it was handed over: that copy is not ours to delete', () => {
    const id = contact(0);
    uploads.ask(id, 'https://s3.example/x?signed');
    const upload = next('put');
    if (upload) uploads.sending(upload, what);
    if (upload) uploads.done(upload, { ...copy, bucket: null }, 1);
    expect(rows()).toMatchObject([{ state: 'done', put: null }]);
    expect(desk.faults()).toEqual([]);
    expect(uploads.stored()).toBe(false);
    // Its name here is none of any bucket.
    expect(uploads.drop(id, 1)).toBeNull();
    expect(rows()).toEqual([]);
  });

  test('because its file is missing: a whole copy stays until the contact is erased', () => {
    const id = contact(0);
    const { object } = taken();
    const upload = next();
    if (upload) uploads.done(upload, copy, 1);
    desk.store.clipLost(id, at(500).wall);
    expect([rows(), uploads.doomed([])]).toMatchObject([[{ state: 'done', object }], null]);
    expect(uploads.stored()).toBe(true);
    desk.store.erase(id, 'console', at(600).wall);
    expect(uploads.doomed([])).toMatchObject({ object });
  });

  test('because its file is missing: a whole copy grows no older than the clip would have', () => {
    const ids = [contact(0), contact(1)];
    for (const _ of ids) {
      const upload = taken();
      uploads.done({ ...upload, ...what }, copy, 1);
    }
    for (const id of ids) desk.store.clipLost(id, at(500).wall);
    uploads.expireLost(at(50).wall, at(50).wall);
    expect(rows().map(({ contact_id, state }) => [contact_id, state])).toEqual(
      [
        [ids[0], 'deleting'],
        [ids[1], 'done'],
      ].toSorted(),
    );
  });

  test('because its file is missing, half-way: what is there of the copy goes', () => {
    const id = contact(0);
    const { object } = taken();
    desk.store.clipLost(id, at(500).wall);
    expect(uploads.doomed([])).toMatchObject({ object });
  });
});
