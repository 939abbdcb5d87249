import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { CasePage } from '../../device/review/cases/schema.ts';
import type { ContactPage, Inbox, Review } from '../../device/review/inbox/schema.ts';
import type { SearchAnswer } from '../../device/review/search/schema.ts';
import type { TodayNow } from '../../device/review/today/today.ts';
import { act, at, readyClip, WALL } from '../stand-ins/stored-desk.ts';
import { fillStore } from './filled-store.ts';
import { type PageRig, somebody, startPage } from './rig.ts';
import { chosenId, stay } from './stays.ts';

const DAY = 86_400_000;

let clock: ManualClock;
let rig: PageRig;
beforeEach(async () => {
  clock = new ManualClock({ mono: 5_000, wall: WALL });
  rig = await startPage({ role: 'reviewer', clock });
});
afterEach(() => rig.stop());

async function get<T>(path: string): Promise<T> {
  const answer = await rig.ask('GET', path);
  expect([answer.status, path]).toEqual([200, path]);
  return (await answer.json()) as T;
}
const inbox = (query = '') => get<Inbox>(`/api/inbox${query}`);
const ids = async (query = '') => (await inbox(query)).items.map(({ id }) => id);
const page = (id: string) => get<ContactPage>(`/api/contacts/${id}`);

const NOTHING = { tag: null, causes: [], comment: '', revision: 0 };
const put = (id: string, body: object = {}) =>
  rig.ask('PUT', `/api/contacts/${id}/review`, { ...NOTHING, ...body });
async function reviewed(id: string, body: object = {}): Promise<Review> {
  const answer = await put(id, body);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Review;
}
async function refused(answer: Promise<Response>): Promise<[number, string]> {
  const { status, ...rest } = await answer;
  void rest;
  return [status, ((await (await answer).json()) as { error: string }).error];
}
const told = () => rig.store.outbox.pending(0, 1_000).filter(({ type }) => type === 'contact.reviewed');

describe('the inbox', () => {
  test('has the negative ones first, newest first, then hints by what they weigh, then the sample', async () => {
    const old = stay(rig.store, 0, { press: 'unhappy' });
    const sample = stay(rig.store, 100, { id: chosenId(true), press: 'happy' });
    const light = stay(rig.store, 200, { priority: 0.3 });
    const heavy = stay(rig.store, 300, { priority: 0.9, desk: 'back' });
    const lightLater = stay(rig.store, 400, { priority: 0.3 });
    // Negative is negative, whatever else is said of it.
    const both = stay(rig.store, 500, { press: 'unhappy', priority: 0.1 });
    stay(rig.store, 600, { press: 'happy' });
    expect(await ids()).toEqual([both, old, heavy, lightLater, light, sample]);
    expect((await inbox()).left).toEqual({ negative: 2, hint: 3, sample: 1, answered: 0 });
    expect(await ids('?class=hint')).toEqual([heavy, lightLater, light]);
    expect(await ids('?desk=back')).toEqual([heavy]);
    expect((await inbox('?desk=back')).left).toEqual({ negative: 0, hint: 1, sample: 0, answered: 0 });
  });

  test('says what a row needs', async () => {
    const id = stay(rig.store, 0, { press: 'unhappy', priority: 0.5 });
    expect((await inbox()).items).toEqual([
      {
        ...{ id, class: 'negative', blind: false, desk: 'front', startedAt: '2026-01-05T08:00:00.000Z' },
        ...{
          duration: 20_000,
          clip: true,
          tag: 'negative',
          tagSource: 'press',
          reviewers: [],
          answered: false,
        },
        presses: [{ at: 10_000, rating: 1, tag: 'negative' }],
        strip: { face: `n${'-'.repeat(19)}`, sound: null },
      },
    ]);
  });

  test('is read page by page, over its classes, and misses none when one is done meanwhile', async () => {
    const all: string[] = [];
    for (let n = 0; n < 4; n++) all.unshift(stay(rig.store, n * 100, { press: 'unhappy' }));
    for (let n = 0; n < 3; n++) all.push(stay(rig.store, 1_000 + n * 100, { priority: 0.9 - n / 10 }));
    const [older, newer] = [2_000, 2_100].map((s) => stay(rig.store, s, { id: chosenId(true) }));
    all.push(newer ?? '', older ?? '');
    const seen: string[] = [];
    let after = '';
    for (let n = 0; n < 5; n++) {
      const { items, next } = await inbox(`?limit=2${after}`);
      seen.push(...items.map(({ id }) => id));
      if (items[0]) await reviewed(items[0].id, { tag: 'neutral' });
      after = next === null ? '' : `&after=${next}`;
      if (next === null) break;
    }
    expect(seen).toEqual(all);
    expect((await inbox('?limit=100')).next).toBe(null);
  });

  test('knows nobody and me apart; undone, a contact is back', async () => {
    const [mine, others, both] = [0, 100, 200].map((s) => stay(rig.store, s, { press: 'unhappy' }));
    await reviewed(mine ?? '');
    await reviewed(both ?? '');
    rig.who = somebody('reviewer', { accountId: 'a-2', name: 'bob' });
    await reviewed(others ?? '');
    await reviewed(both ?? '', { revision: 1 });
    expect(await ids('?by=anybody')).toEqual([]);
    expect(await ids('?by=me')).toEqual([mine]);
    rig.who = somebody('reviewer');
    const { items, left } = await inbox('?by=me');
    expect(items).toMatchObject([{ id: others, reviewers: ['bob'] }]);
    expect(left).toEqual({ negative: 1, hint: 0, sample: 0, answered: 0 });
    expect((await rig.ask('DELETE', `/api/contacts/${mine}/review/done`)).status).toBe(204);
    expect((await rig.ask('DELETE', `/api/contacts/${both}/review/done`)).status).toBe(204);
    expect(await ids('?by=me')).toEqual([both, others, mine]);
    // Bob is done with it still.
    expect(await ids('?by=anybody')).toEqual([mine]);
    expect((await page(both ?? '')).reviews.map(({ account }) => account)).toEqual(['bob']);
    expect((await rig.ask('DELETE', '/api/contacts/nobody/review/done')).status).toBe(404);
  });

  test('asks for nothing that began more than 90 days ago', async () => {
    stay(rig.store, 0, { press: 'unhappy' });
    clock.step(90 * DAY - 1_000);
    expect(await ids()).toHaveLength(1);
    clock.step(2_000);
    expect(await inbox()).toEqual({
      left: { negative: 0, hint: 0, sample: 0, answered: 0 },
      items: [],
      next: null,
    });
  });

  test('has a contact when nothing can change it any more, and no sooner', async () => {
    const id = stay(rig.store, 0, { press: 'unhappy', open: true });
    expect(await ids()).toEqual([]);
    act(rig.store, { kind: 'wake', at: at(28) });
    expect(await ids()).toEqual([id]);
  });

  test('has the sample where there is a clip, as long as there is one', async () => {
    const id = stay(rig.store, 0, { id: chosenId(true), clip: false });
    stay(rig.store, 100, { id: chosenId(true), veto: true });
    expect(await ids()).toEqual([]);
    rig.store.addClip('front', readyClip(id), WALL);
    expect(await ids()).toEqual([id]);
    rig.store.clipDeleted(id, 'age', WALL);
    expect(await ids()).toEqual([]);
    // A negative one stays: that somebody was dissatisfied is worth a look at the day.
    const negative = stay(rig.store, 200, { press: 'unhappy' });
    rig.store.clipDeleted(negative, 'age', WALL);
    expect((await inbox()).items).toMatchObject([{ id: negative, clip: false, strip: null }]);
  });

  test('forgets a contact that is erased, with all that was said of it', async () => {
    const id = stay(rig.store, 0, { press: 'unhappy', priority: 0.5 });
    await reviewed(id, { tag: 'negative', causes: ['queue'], comment: 'was loud' });
    const measure = await rig.ask('POST', '/api/measures', {
      title: 'A second desk',
      owner: 'Ann',
      contactId: id,
    });
    expect(measure.status).toBe(200);
    rig.store.erase(id, 'page', WALL);
    expect(await ids('?by=me')).toEqual([]);
    expect((await rig.ask('GET', `/api/contacts/${id}`)).status).toBe(404);
    expect(rig.store.reviews.of(id)).toBe(null);
    expect(rig.store.reviews.marks(id)).toEqual([]);
    expect(rig.store.reviews.causeCounts(0, 2 * WALL)).toEqual({ reviewed: 0, counts: [] });
    expect(rig.store.reviews.measures.all(false)).toMatchObject([{ contactId: null }]);
    expect(told()).toEqual([]);
  });

  test('follows a clock that is put right', async () => {
    const wrong = WALL - 1_000 * DAY;
    const put = (id: string, kind: 'presence', present: boolean, s: number) =>
      act(
        rig.store,
        { id, kind, present, at: { mono: at(s).mono, wall: wrong + s * 1_000 } },
        { clock: 'untrusted' },
      );
    const id = randomUUID();
    put(id, 'presence', true, 0);
    act(
      rig.store,
      { id: 'p', kind: 'press', button: 'unhappy', at: { mono: at(5).mono, wall: wrong + 5_000 } },
      { clock: 'untrusted' },
    );
    put('gone', 'presence', false, 20);
    act(rig.store, { kind: 'wake', at: { mono: at(60).mono, wall: wrong + 60_000 } }, { clock: 'untrusted' });
    await reviewed(id, { causes: ['queue'] });
    await rig.ask('DELETE', `/api/contacts/${id}/review/done`);
    expect(await ids()).toEqual([]);
    rig.store.correctClock('boot', WALL - 5_000);
    expect((await inbox()).items).toMatchObject([{ id, startedAt: '2026-01-05T08:00:00.000Z' }]);
    expect(rig.store.reviews.causeCounts(WALL, WALL + 1)).toMatchObject({ reviewed: 1 });
  });

  test('is filled from a history that was there before, as it would have filled itself', async () => {
    fillStore(rig.folder, { contacts: 3_000, until: WALL, scoredEvery: 5 });
    const before = rig.store.reviews.queue.list({ anybody: true }, 0, {
      ...{ of: null, desk: null, after: null, limit: 5_000 },
    });
    const share = before.filter((item) => item.class === 'sample').length / 3_000;
    expect(share).toBeGreaterThan(0.07);
    expect(share).toBeLessThan(0.12);
    for (const { id } of rig.store.contacts.between(0, 2 * WALL)) rig.store.reviews.queue.put(id);
    const after = rig.store.reviews.queue.list({ anybody: true }, 0, {
      ...{ of: null, desk: null, after: null, limit: 5_000 },
    });
    expect(after).toEqual(before);
  });
});

describe('what was answered', () => {
  const answer = async (id: string, text: string) => {
    const asked = rig.who;
    rig.who = somebody('receptionist');
    expect((await rig.ask('POST', `/api/own/${id}/answer`, { text })).status).toBe(200);
    rig.who = asked;
  };
  const waits = async (query = '') => {
    const { left, items } = await inbox(`?class=answered${query}`);
    return [left.answered, ...items.map(({ id }) => id)];
  };
  const bob = somebody('reviewer', { accountId: 'a-2', name: 'bob' });

  test('reaches who has reviewed it, until they open it again; and again when it is changed', async () => {
    const [one = '', two = ''] = (['unhappy', 'happy'] as const).map((press, n) =>
      stay(rig.store, n * 100, { press, receptionist: 'r-1' }),
    );
    await page(one);
    for (const id of [one, two]) await reviewed(id);
    expect(await waits()).toEqual([0]);
    await answer(one, 'The system was down.');
    await answer(two, 'I was alone.');
    expect(await waits()).toEqual([2, two, one]);
    expect(await waits('&by=me')).toEqual([2, two, one]);
    expect(await waits('&desk=back')).toEqual([0]);
    expect((await inbox('?class=answered')).items[1]).toMatchObject({
      ...{ class: 'answered', answered: true, blind: false, tag: 'negative', reviewers: ['reviewer'] },
    });
    // Nowhere else: nothing is left to be reviewed.
    expect(await inbox()).toMatchObject({ items: [], left: { negative: 0, answered: 2 } });
    for (const who of [bob, somebody('read-only')]) {
      rig.who = who;
      expect(await waits()).toEqual([0]);
      await page(one);
    }
    rig.who = somebody('reviewer');
    expect(await waits()).toEqual([2, two, one]);
    await page(one);
    expect(await waits()).toEqual([1, two]);
    // A clock that goes back hides none.
    clock.step(-3_600_000);
    await answer(one, 'The system was down, and I said so.');
    expect(await waits()).toEqual([2, one, two]);
    await reviewed(two, { comment: 'So it was.', revision: 1 });
    expect(await waits()).toEqual([1, one]);
    await rig.ask('DELETE', `/api/contacts/${one}/review/done`);
    expect(await waits()).toEqual([0]);
  });

  test('is read page by page, of the last 90 days, and goes with its contact', async () => {
    const all = [0, 100, 200].map((s) => stay(rig.store, s, { press: 'unhappy', receptionist: 'r-1' }));
    for (const id of all) {
      await reviewed(id);
      await answer(id, 'I saw it.');
    }
    const { items, next } = await inbox('?class=answered&limit=2');
    expect(items.map(({ id }) => id)).toEqual([all[2], all[1]]);
    expect(await ids(`?class=answered&limit=2&after=${next}`)).toEqual([all[0]]);
    for (const after of ['negative~0~1~x', 'x', '1~2'])
      expect((await rig.ask('GET', `/api/inbox?class=answered&after=${after}`)).status).toBe(400);
    rig.store.erase(all[0] ?? '', 'page', WALL);
    expect(await waits()).toEqual([2, all[2], all[1]]);
    clock.step(90 * DAY + 1);
    expect(await waits()).toEqual([0]);
  });
});

describe('a contact', () => {
  test('is whole, without the place of its file, and who looks at it is written down', async () => {
    const before = stay(rig.store, 0, {});
    const id = stay(rig.store, 100, { press: 'unhappy', priority: 0.5 });
    stay(rig.store, 200, { desk: 'back' });
    const after = stay(rig.store, 300, {});
    const shown = await page(id);
    expect(shown).toMatchObject({
      contact: { id, tag: 'negative', hint: { priority: 0.5 }, clip: { state: 'ready', preRoll: 5_250 } },
      ...{ review: null, reviews: [], class: 'negative', blind: false, held: null },
      ...{ clip: { state: 'ready', needsReason: false }, previous: before, next: after },
    });
    expect(shown.timelines).toHaveLength(1);
    expect(JSON.stringify(shown)).not.toMatch(/"file"|2026-01-05\//);
    expect((await page(before)).clip).toEqual({ state: 'ready', needsReason: true });
    expect([shown.previous, (await page(before)).previous, (await page(after)).next]).toEqual([
      before,
      null,
      null,
    ]);
  });

  test('of the sample says nothing of press and model until this account has spoken', async () => {
    const id = stay(rig.store, 0, { id: chosenId(true), press: 'happy' });
    const blind = await page(id);
    expect(blind).toMatchObject({
      ...{ blind: true, class: 'sample', timelines: [], clip: { state: 'ready', needsReason: false } },
      contact: {
        presses: [],
        tag: 'unrated',
        tagSource: null,
        rating: null,
        top: false,
        hint: null,
        scores: [],
      },
    });
    const row = (await inbox()).items[0];
    expect(row).toMatchObject({ blind: true, presses: [], tag: null, tagSource: null, strip: null });
    rig.who = somebody('read-only');
    expect((await page(id)).blind).toBe(false);
    rig.who = somebody('reviewer');
    await reviewed(id, { tag: 'neutral', causes: ['queue'], comment: 'slow' });
    expect(await page(id)).toMatchObject({
      blind: false,
      contact: { tag: 'neutral', tagSource: 'reviewer', rating: 5, presses: [{ tag: 'positive' }] },
    });
    rig.who = somebody('reviewer', { accountId: 'a-2', name: 'bob' });
    expect(await page(id)).toMatchObject({
      ...{ blind: true, review: { tag: null, causes: [], comment: '', answer: null, revision: 1 } },
    });
    expect((await inbox('?by=me')).items[0]).toMatchObject({ blind: true, tag: null });
    // A token that may only read is still a reviewer's.
    rig.who = { ...rig.who, by: 'token', permissions: new Set(['contacts:read'] as const) };
    expect(await page(id)).toMatchObject({ blind: true, contact: { presses: [] } });
    expect((await inbox()).items.filter(({ tag }) => tag !== null)).toEqual([]);
  });

  test('of the sample counts by its first tag, that was given blind', async () => {
    const id = stay(rig.store, 0, { id: chosenId(true), press: 'happy' });
    await reviewed(id, { tag: 'neutral' });
    await reviewed(id, { tag: 'positive', revision: 1 });
    expect(rig.store.reports.reviews.judged({ from: 0, to: 2 * WALL, desk: null })).toEqual([
      { class: 'sample', press: 'positive', reviewer: 'neutral', n: 1 },
    ]);
  });
});

test('what a blind contact was tagged is named by no other route, nor found by it', async () => {
  const id = stay(rig.store, 0, { id: chosenId(true), press: 'happy' });
  const plain = stay(rig.store, 100, { press: 'happy' });
  rig.store.reviews.put(id, { tag: 'neutral', causes: [], comment: 'xyz' }, 0, {
    ...{ accountId: 'a-2', account: 'bob', wall: WALL },
  });
  const begun = await rig.ask('POST', '/api/cases', { title: 'A case', contactIds: [id, plain] });
  const { case: made } = (await begun.json()) as { case: { id: string } };
  const shown = async () => {
    const today = await get<TodayNow>('/api/today');
    const found = (query: string) => get<SearchAnswer>(`/api/search?${query}`);
    const manifest = await get<{ contact: object }>(`/api/contacts/${id}/download?form=manifest`);
    const { contacts } = await get<CasePage>(`/api/cases/${made.id}`);
    const zip = await (await rig.ask('GET', `/api/cases/${made.id}/export?reason=training`)).text();
    const from = zip.indexOf(id, zip.indexOf('"contacts"'));
    return {
      today: today.contacts.find((contact) => contact.id === id),
      listed: (await found('')).items.find((item) => item.id === id),
      ofCase: contacts.find(({ contact }) => contact.id === id)?.contact,
      found: await Promise.all(
        ['tag=neutral', 'pressed=yes', 'pressed=yes&limit=1', 'desk=front', 'text=xyz'].map(async (query) =>
          (await found(query)).items.map((item) => item.id),
        ),
      ),
      next: (await found('pressed=yes&limit=1')).next === null,
      manifest: manifest.contact,
      exported: zip.slice(from, zip.indexOf('"review"', from)),
    };
  };
  const nothing = { tag: null, tagSource: null };
  const blind = await shown();
  expect(blind).toMatchObject({
    ...{ today: { ...nothing, blind: true, presses: [] }, listed: nothing, ofCase: nothing },
    ...{ manifest: nothing, found: [[], [plain], [plain], [plain, id], []], next: true },
  });
  expect(blind.exported).toContain('"blind": true');
  expect(blind.exported).not.toMatch(/neutral|positive|reviewer|button|xyz/);
  await rig.ask('POST', `/api/contacts/${id}/open`, { reason: 'training', text: '' });
  await reviewed(id, { tag: 'neutral', comment: 'xyz', revision: 1 });
  const open = await shown();
  const neutral = { tag: 'neutral', tagSource: 'reviewer' };
  expect(open).toMatchObject({
    ...{ today: { ...neutral, blind: false, presses: [{ rating: 5 }] }, listed: neutral, ofCase: neutral },
    ...{ manifest: neutral, found: [[id], [plain, id], [plain], [plain, id], [id]], next: false },
  });
  expect(open.exported).toMatch(/"tag": "neutral"/);
});

describe('a review', () => {
  test('sets the tag, keeps the rating and what the indices count, and is told once for each change', async () => {
    const id = stay(rig.store, 0, { press: 'unhappy' });
    const indices = rig.store.contacts.indices(0, 2 * WALL);
    const first = await reviewed(id, {
      tag: 'positive',
      causes: ['rude', 'queue', 'rude'],
      comment: 'meant the other button',
    });
    expect(first).toEqual({
      ...{ contactId: id, tag: 'positive', causes: ['queue', 'rude'], comment: 'meant the other button' },
      ...{ measureIds: [], reviewer: 'reviewer', at: '2026-01-05T08:00:00.000Z', revision: 1, answer: null },
    });
    expect(rig.store.contacts.byId(id)).toMatchObject({ tag: 'positive', tagSource: 'reviewer', rating: 1 });
    expect(rig.store.contacts.indices(0, 2 * WALL)).toEqual(indices);
    expect(indices.negative).toBe(1);
    const said = { causes: ['queue', 'rude'], comment: 'meant the other button' };
    // The same once more is nothing new.
    expect((await reviewed(id, { ...said, tag: 'positive', revision: 1 })).revision).toBe(1);
    expect((await reviewed(id, { ...said, revision: 1 })).revision).toBe(2);
    expect(rig.store.contacts.byId(id)).toMatchObject({ tag: 'negative', tagSource: 'press', rating: 1 });
    const common = { contactId: id, desk: 'front', causes: ['queue', 'rude'], taxonomy: 1, at: first.at };
    expect(told().map(({ subject, data }) => [subject, data])).toEqual([
      [id, { ...common, tag: 'positive', tagSource: 'reviewer', revision: 1 }],
      [id, { ...common, tag: 'negative', tagSource: 'press', revision: 2 }],
    ]);
    expect(await ids('?by=anybody')).toEqual([]);
  });

  test('needs a tag of its own where no press was shown, or a model asks', async () => {
    const sample = stay(rig.store, 0, { id: chosenId(true), press: 'happy' });
    const hint = stay(rig.store, 100, { press: 'happy', priority: 0.5 });
    for (const id of [sample, hint]) {
      expect(await refused(put(id, { comment: 'x' }))).toEqual([400, 'tag-needed']);
      expect(rig.store.reviews.of(id)).toBe(null);
      await reviewed(id, { tag: 'positive' });
      expect(await refused(put(id, { revision: 1 }))).toEqual([400, 'tag-needed']);
    }
    expect((await inbox('?by=me')).left).toEqual({ negative: 0, hint: 0, sample: 0, answered: 0 });
    const judged = () =>
      rig.store.reports.reviews
        .judged({ from: 0, to: 2 * WALL, desk: null })
        .map(({ class: of, n }) => [of, n]);
    expect(judged()).toEqual([
      ['hint', 1],
      ['sample', 1],
    ]);
    // It was chosen by chance, also when its clip has gone before those that are kept longer.
    rig.store.clipDeleted(sample, 'age', WALL);
    expect(judged()).toHaveLength(2);
    // Nobody asks about this one.
    await reviewed(stay(rig.store, 200, { press: 'happy' }));
  });

  test('opens the clip of a sample or a hint only until it is done', async () => {
    const sample = stay(rig.store, 0, { id: chosenId(true), press: 'happy' });
    const hint = stay(rig.store, 100, { press: 'happy', priority: 0.5 });
    const negative = stay(rig.store, 200, { press: 'unhappy' });
    const needed = async (id: string) => (await page(id)).clip.needsReason;
    for (const [id, tag, after] of [
      [sample, 'neutral', true],
      // Nobody was dissatisfied: a tag of one's own is no reason.
      [hint, 'negative', true],
      [negative, 'positive', false],
    ] as const) {
      expect(await needed(id)).toBe(false);
      await reviewed(id, { tag });
      expect([id, await needed(id)]).toEqual([id, after]);
      expect((await rig.ask('GET', `/api/contacts/${id}/waveform`)).status === 403).toBe(after);
    }
    rig.who = somebody('reviewer', { accountId: 'a-2', name: 'bob' });
    expect(await needed(sample)).toBe(false);
  });

  test('of what somebody else has changed meanwhile is refused, and changes nothing', async () => {
    const id = stay(rig.store, 0, { press: 'unhappy' });
    await reviewed(id, { comment: 'mine' });
    rig.who = somebody('reviewer', { accountId: 'a-2', name: 'bob' });
    expect(await refused(put(id, { tag: 'neutral', comment: 'his' }))).toEqual([409, 'changed-meanwhile']);
    expect(await refused(put(id, { revision: 2 }))).toEqual([409, 'changed-meanwhile']);
    expect(rig.store.reviews.of(id)).toMatchObject({ comment: 'mine', reviewer: 'reviewer', revision: 1 });
    expect(rig.store.contacts.byId(id)?.tag).toBe('negative');
    expect(await ids('?by=me')).toEqual([id]);
  });

  test('of a contact that a press may still change has to wait; then no press changes the tag', async () => {
    const id = stay(rig.store, 0, { press: 'unhappy', open: true });
    expect(await refused(put(id, { tag: 'neutral' }))).toEqual([409, 'CA_CONTACT_OPEN']);
    act(rig.store, { kind: 'wake', at: at(28) });
    await reviewed(id, { tag: 'neutral' });
    act(rig.store, { id: 'late', kind: 'press', button: 'happy', at: at(29) });
    expect(rig.store.contacts.byId(id)).toMatchObject({ tag: 'neutral', tagSource: 'reviewer', rating: 1 });
    expect(await refused(put('nobody'))).toEqual([404, 'CA_CONTACT_UNKNOWN']);
  });

  test('takes no clip away, not even one that comes later', async () => {
    const strict = await startPage({ role: 'reviewer', clock, keep: { keep: 'negative', sample: 0 } });
    const id = stay(strict.store, 0, { press: 'unhappy', clip: false });
    const { accountId, name: account } = strict.who ?? { accountId: '', name: '' };
    const by = { accountId, account, wall: WALL };
    strict.store.reviews.put(id, { tag: 'positive', causes: [], comment: '' }, 0, by);
    expect([...strict.store.owedClips()]).toEqual([id]);
    expect(strict.store.addClip('front', readyClip(id), WALL)).toBe('ready');
    expect(strict.store.leastValuable()?.contactId).toBe(id);
    await strict.stop();
  });

  test('is refused where it does not fit, and so is a question', async () => {
    const id = stay(rig.store, 0, { press: 'unhappy' });
    const bodies = [
      ...[{ tag: 'unrated' }, { tag: 'angry' }, { causes: 'queue' }, { causes: Array(21).fill('queue') }],
      ...[
        { causes: ["'; DROP TABLE reviews"] },
        { comment: 'x'.repeat(4_001) },
        { reviewer: 'somebody else' },
      ],
      ...[{ revision: -1 }, { revision: 1.5 }],
    ];
    for (const body of bodies) expect([(await put(id, body)).status, body]).toEqual([400, body]);
    expect(rig.store.reviews.of(id)).toBe(null);
    const queries = [
      ...['limit=0', 'limit=101', 'by=bob', 'class=all', 'x=1'],
      ...['after=x', 'after=negative~a~b~c', 'after=a~1~1~x', 'after=negative~1~1~x~y'],
    ];
    for (const query of queries)
      expect([(await rig.ask('GET', `/api/inbox?${query}`)).status, query]).toEqual([400, query]);
  });
});
