import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { loadConfig } from '../config/load.ts';
import { ManualClock } from '../device/clock.ts';
import { ContactScores } from '../device/contact-scores.ts';
import type { Counted, Indices } from '../device/contacts/indices.ts';
import type { Contact } from '../device/contacts/model.ts';
import type { CaError } from '../device/errors.ts';
import { createLog } from '../device/log.ts';
import { Access } from '../device/review/access/access.ts';
import { createApp } from '../device/review/app.ts';
import { ChangeStream } from '../device/review/changes.ts';
import { contactPage } from '../device/review/inbox/contact-page.ts';
import { inboxOf } from '../device/review/inbox/inbox-list.ts';
import { MIGRATIONS } from '../device/store/migrations.ts';
import { preparing } from '../device/store/open.ts';
import type { IndicesRecord, NewScores, ScoredContact } from '../device/store/records.ts';
import { SqliteScores } from '../device/store/scores.ts';
import type { RetainedTopic } from '../uploader/messages.ts';
import { presence } from './review/contacts.ts';
import { somebody } from './review/rig.ts';
import { Scoring } from './stand-ins/scoring.ts';
import { columnsRead, spyOnSql } from './stand-ins/sql-spy.ts';
import { at, readyClip, StoredDesk, WALL } from './stand-ins/stored-desk.ts';

/**
 * Tries to get round the guard: scores without a notice, scores of a receptionist. That no net sees or hears one is in
 * models/guard.test.ts, what each country refuses in config/jurisdiction.test.ts.
 */

const ROOT = join(import.meta.dirname, '..');
const quiet = createLog('fatal', { write: () => {} });

describe('nobody is scored without the day of the notice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ca-guard-'));
  const demo = readFileSync(join(ROOT, 'config/demo.yaml'), 'utf8');
  afterAll(() => rmSync(folder, { recursive: true }));

  function refusedAt(text: string): string[] {
    const file = join(folder, 'config.yaml');
    writeFileSync(file, text);
    try {
      loadConfig(file, { today: '2026-06-15' });
      return [];
    } catch (error) {
      expect(error).toMatchObject({ code: 'CA_CONFIG_INVALID' } satisfies Partial<CaError>);
      return (error as { problems: { path: string }[] }).problems.map(({ path }) => path);
    }
  }
  const withNotice = (day: string) => demo.replace(/^ {2}notice:.*$/m, day);

  test.each([
    '',
    '  notice:',
    "  notice: ''",
    '  notice: soon',
    '  notice: 2026-02-30',
    '  notice: 2026-06-16',
  ])('a config with the line "%s" is refused', (line) => {
    expect(refusedAt(withNotice('  notice: 2026-06-15'))).toEqual([]);
    expect(refusedAt(withNotice(line))).toEqual(['scores.notice']);
  });

  test('nor with the faces switched off, and a voice or the conversation on', () => {
    const stereo = withNotice('')
      .replace('face: true', 'face: false')
      .replace(/ {4}microphone:\n.*\n.*\n/, '    microphone: { driver: alsa, patient: left }\n');
    expect(refusedAt(stereo)).toEqual(['scores.notice']);
    expect(refusedAt(stereo.replace('sound: true', 'sound: true\n  own: { voice: v }'))).toEqual([
      'scores.notice',
    ]);
  });

  test.each([
    ['no notice', null, WALL, false],
    ['a day before it', WALL + 86_400_000, WALL, false],
    ['a moment before it', WALL + 1, WALL, false],
    ['its first moment', WALL, WALL, true],
    ['a clock that has no idea', WALL, 0, false],
  ])('%s: whoever begins to score, begins to: %s, %s, %s', (_name, notice, wall, begins) => {
    const desk = new StoredDesk();
    const scoring = new Scoring();
    const clock = new ManualClock({ mono: 1_000, wall });
    const scores = new ContactScores({
      faces: { judge: scoring, zone: { left: 0, right: 1, top: 0, bottom: 1 }, latency: 0 },
      sounds: { meter: scoring.meter, channel: 'front', patient: 'left', latency: 0 },
      ...{ notice, trust: () => 'trusted', clock },
    });
    const contact = { id: 'e1', startedAt: clock.now(), endedAt: null, veto: false } as Contact;
    const see = () => scores.see({ width: 1, height: 1, rgb: Buffer.alloc(3), at: clock.now() });
    scores.begin(contact);
    see();
    scores.hear(Buffer.alloc(640));
    // A day later, in the same contact: its patient came when nobody had been told.
    clock.step(2 * 86_400_000);
    see();
    scores.end(contact, clock.now());
    expect(scoring.said.filter((said) => said.startsWith('begin'))).toHaveLength(begins ? 2 : 0);
    expect([scoring.seen, scoring.heard]).toEqual(begins ? [2, 640] : [0, 0]);
    desk.end();
  });
});

describe('no score enters a figure of a receptionist', () => {
  let desk: StoredDesk;
  beforeEach(() => {
    desk = new StoredDesk();
  });
  afterEach(() => desk.end());

  const scores: NewScores = {
    ...{
      kind: 'face',
      models: [{ id: 'net', version: '1', licence: 'MIT' }],
      thresholds: { hold: 2 },
      from: 0,
    },
    summary: {
      ...{ looked: 9, scored: 9, coverage: 1, negative: 0.9, neutral: 0.1, positive: 0 },
      ...{ held: { negative: 9, positive: 0 }, verdict: 'negative', untold: {}, others: 1, dropped: 0 },
    },
    bins: [],
  };
  const hint: ScoredContact['hint'] = {
    kind: 'suspected-negative',
    priority: 1,
    reasons: ['a face was negative for 9 s'],
  };

  /** A day of r-1 at the desk: one contact after the other. Returns their ids. */
  function shift(): string[] {
    desk.put({ id: 'shift', kind: 'shift', receptionist: 'r-1', at: at(0) });
    const ids = [100, 200, 300].map((s) => {
      const id = `c-${s}`;
      desk.put({ id, kind: 'presence', present: true, at: at(s) });
      desk
        .press(s + 15, s === 200 ? 'unhappy' : 'happy')
        .gone(s + 20)
        .wait(s + 60);
      return id;
    });
    expect(ids.map((id) => desk.store.contacts.byId(id)?.receptionist)).toEqual(['r-1', 'r-1', 'r-1']);
    return ids;
  }

  const reviewer = { accountId: 'a-1', account: 'ann', wall: WALL };

  /** Everything that the store is ever asked to do. */
  function everything(): void {
    const { store } = desk;
    desk.scored = ['c-100', 'c-200'].map((contactId) => ({ contactId, scores: [scores], hint }));
    const [one = ''] = shift();
    store.addClip('front', readyClip(one), WALL);
    desk.here(400).veto(405).gone(420).wait(460);
    store.contacts.between(0, WALL * 2);
    store.contacts.timelines(one);
    store.contacts.indices(0, WALL * 2, 'front');
    store.contacts.press('e1');
    store.reviews.put(one, { tag: 'neutral', causes: ['queue'], comment: '' }, 0, reviewer);
    store.reviews.undo(one, reviewer.accountId);
    store.reviews.own.list('r-1', { wall: WALL, id: one }, 9);
    store.reviews.own.byId('r-1', one);
    store.reviews.own.answer(one, 'so it was', 'r-1', WALL);
    store.reviews.causeCounts(0, WALL * 2, { desk: 'front' });
    store.reports.reviews.judged({ from: 0, to: WALL * 2, desk: 'front' });
    contactPage(store, one, somebody('reviewer'), WALL);
    for (const by of ['anybody', 'me'] as const)
      inboxOf(store, { by, desk: 'front', limit: 9, after: 'negative~0~1~x' }, somebody('reviewer'), WALL);
    store.clipLost(one, WALL);
    for (const list of ['owedClips', 'vouchedFiles', 'clipBytes', 'readyClips', 'leastValuable'] as const)
      store[list]();
    store.expiredClips(1, at(0), true);
    store.clipless('front');
    store.setPause('front', at(500), 'boot-1');
    store.pausedUntil('front');
    store.correctClock('boot-1', 0);
    store.outbox.published(store.outbox.pending(0, 1));
    store.forget({ events: 0, messages: 0, bins: 0, actions: 0 });
    desk.put(desk.restart(at(600)));
  }

  /** Where a receptionist's pseudonym stands, as such or within JSON. */
  const KNOWS_WHO = /^contacts\.receptionist$|^raw_events\.event$|^desk_states\.state$/;
  /** What models said; that they said something, which a key tells, is no figure. */
  const SCORED = /^(scores|hints|strips|queue|judgements)\.(?!contact_id$)/;
  function joins(sql: string): boolean {
    const raw = desk.sql();
    const programs = columnsRead(raw, sql);
    raw.close();
    return programs.some((columns) => {
      const read = [...columns];
      return read.some((column) => KNOWS_WHO.test(column)) && read.some((column) => SCORED.test(column));
    });
  }

  test.each([
    'SELECT receptionist, avg(priority) FROM contacts JOIN hints ON id = contact_id GROUP BY receptionist',
    'SELECT * FROM contacts c, scores s WHERE s.contact_id = c.id',
    "SELECT sum(bins_from) FROM scores WHERE contact_id IN (SELECT id FROM contacts WHERE receptionist = 'r-1')",
    'SELECT reasons FROM hints JOIN contacts ON id = contact_id ORDER BY receptionist',
    'SELECT receptionist, count(*) FROM queue JOIN contacts ON id = contact_id WHERE class = 1 GROUP BY receptionist',
    'SELECT receptionist, face FROM strips JOIN contacts ON id = contact_id',
    'SELECT receptionist, class FROM judgements JOIN contacts ON id = contact_id',
  ])('the test would see it: %s', (sql) => {
    expect(joins(sql)).toBe(true);
  });

  test('a trigger that brings both together is seen, one that reads only the hints is not one', () => {
    const raw = desk.sql();
    raw.exec(`CREATE TABLE ranks (who TEXT, priority REAL);
      CREATE TRIGGER harmless AFTER UPDATE OF tag ON contacts BEGIN
        INSERT INTO ranks SELECT NULL, priority FROM hints WHERE contact_id = NEW.id; END;`);
    const update = "UPDATE contacts SET tag = 'neutral' WHERE receptionist = 'r-1'";
    expect(joins(update)).toBe(false);
    raw.exec(`CREATE TRIGGER rank AFTER UPDATE OF tag ON contacts BEGIN
      INSERT INTO ranks SELECT NEW.receptionist, priority FROM hints WHERE contact_id = NEW.id; END;`);
    raw.close();
    expect(joins(update)).toBe(true);
  });

  test('no statement that the store prepares reads both', () => {
    const spy = spyOnSql();
    everything();
    spy.end();
    const queries = [...spy.statements].filter((sql) =>
      /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(sql),
    );
    expect(queries.length).toBeGreaterThan(40);
    expect(queries.filter((sql) => /\b(scores|hints)\b/.test(sql)).length).toBeGreaterThan(5);
    expect(queries.filter(joins)).toEqual([]);
  });

  test('no statement, view or trigger in the sources names both', () => {
    const sources = readdirSync(join(ROOT, 'device'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.endsWith('migrations.ts'))
      .map((file) => readFileSync(join(ROOT, 'device', file), 'utf8'));
    const literals = sources.flatMap((text) => text.match(/`[^`]*`|'[^'\n]*'|"[^"\n]*"/g) ?? []);
    const sql = [...literals, ...MIGRATIONS.flatMap((script) => script.split(';'))].filter((text) =>
      /\b(SELECT|INSERT|UPDATE|DELETE|CREATE)\b/.test(text),
    );
    expect(sql.filter((text) => text.includes('scores')).length).toBeGreaterThan(3);
    expect(
      sql.filter(
        (text) => /receptionist/.test(text) && /\b(scores|hints|strips|queue|judgements)\b/.test(text),
      ),
    ).toEqual([]);
  });

  test('indices, of hour and day, of the desk and on the page, are the same whatever the scores say', async () => {
    const ids = shift();
    const clock = new ManualClock({ mono: 1_000, wall: at(900).wall });
    const { store } = desk;
    const { contacts } = store;
    const never = () => expect.unreachable();
    const app = await createApp(
      {
        ...{ device: 'd', store, clock, log: quiet, health: () => ({}), erase: never, shift: never },
        desks: () => [presence('front', WALL)],
        patientSide: () => null,
        clips: { size: () => Promise.reject(), open: never },
        settings: { read: never, preview: never, write: never, reload: never },
        access: new Access({ store, clock, log: quiet, sso: null }),
        identify: () => somebody('admin'),
      },
      new ChangeStream(clock),
      { names: [], tls: null, strict: false },
    );
    const figures = async (query = '') => {
      const today = (await app.inject(`/api/today${query}`)).json();
      return { ...today, hour: contacts.indices(WALL, WALL + 3_600_000, 'front') };
    };
    const before = await figures();
    expect(before.indices.day).toMatchObject({ served: 3, top: 2, negative: 1 });
    const raw = desk.sql();
    const table = new SqliteScores(preparing(raw));
    for (const contactId of ids) table.add({ contactId, scores: [scores], hint });
    raw.close();
    expect(contacts.byId(ids[0] ?? '')).toMatchObject({ hint, tag: 'positive', tagSource: 'press' });
    expect(await figures()).toEqual(before);
    // Nor is there a way to ask for one receptionist's.
    for (const query of ['?receptionist=r-1', '?receptionist=r-2&hint=1'])
      expect(await figures(query)).toEqual(before);
    for (const path of ['receptionists', 'receptionists/r-1', 'scores', 'hints'])
      expect((await app.inject(`/api/${path}`)).statusCode).toBe(404);
    await app.close();
  });

  test('the types of the indices, and what is retained at the broker, have no place for one', () => {
    type Figures = 'served' | 'rated' | 'top' | 'negative' | 'support' | 'dissatisfaction' | 'responseRate';
    expectTypeOf<keyof Counted>().toEqualTypeOf<'served' | 'rating' | 'top' | 'negative'>();
    expectTypeOf<keyof Indices>().toEqualTypeOf<Figures>();
    expectTypeOf<keyof IndicesRecord>().toEqualTypeOf<Figures | 'from' | 'to'>();
    type Retained = 'health' | `desks/${string}/presence` | `desks/${string}/indices/${'hour' | 'day'}`;
    expectTypeOf<RetainedTopic>().toEqualTypeOf<Retained>();
    expect(Object.keys(desk.store.contacts.indices(0, 1)).sort()).toEqual([
      'dissatisfaction',
      'from',
      'negative',
      'rated',
      'responseRate',
      'served',
      'support',
      'to',
      'top',
    ]);
  });
});
