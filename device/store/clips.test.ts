import { afterEach, describe, expect, test } from 'vitest';
import { act, at, failedClip, readyClip, StoredDesk, WALL } from '../../test/stand-ins/stored-desk.ts';
import type { KeepPolicy } from '../contacts/keeping.ts';
import type { NewScores, ScoredContact } from './records.ts';

let desk: StoredDesk;
afterEach(() => desk.end());

const NEGATIVE: KeepPolicy = { keep: 'negative', sample: 0 };
const GONE = {
  ...{
    file: null,
    mediaType: null,
    bytes: null,
    sha256: null,
    duration: null,
    preRoll: null,
    manifest: null,
  },
};
const clipOf = (id: string) => desk.store.contacts.byId(id)?.clip;
const types = () => desk.told().map(({ type }) => type);
const add = (clip = readyClip('e1'), s = 24) => desk.store.addClip('front', clip, at(s).wall);

/** A contact of 19 s; its grace time ends at second 25. */
/** `scored`: what models say of it when it ends. */
function contact(policy: KeepPolicy, button: string | null, scored: ScoredContact[] = []): StoredDesk {
  desk = new StoredDesk(policy);
  desk.scored = scored;
  desk.here(1);
  if (button) desk.press(9, button);
  return desk.gone(20).wait(22);
}

const face: NewScores = {
  ...{ kind: 'face', models: [{ id: 'net', version: '1', licence: 'MIT' }], thresholds: { hold: 2 } },
  summary: {
    ...{ looked: 9, scored: 8, coverage: 0.9, negative: 0.2, neutral: 0.3, positive: 0.5 },
    ...{
      held: { negative: 0, positive: 3 },
      verdict: 'positive',
      untold: { bent: 1 },
      others: 1,
      dropped: 2,
    },
  },
  ...{ bins: [{ valence: null, state: 'unknown', untold: 'bent' }], from: 1_500 },
};
const hint = {
  kind: 'suspected-negative',
  priority: 0.4,
  reasons: ['a voice was raised for 6 s'],
} as const;
const said: ScoredContact = { contactId: 'e1', scores: [face], hint };
const { bins, from, ...told } = face;
const scores = { contactId: 'e1', ...told };

describe('a clip that comes before its contact is settled', () => {
  test('is shown to nobody; then it is ready, and the closed contact carries it', () => {
    contact(NEGATIVE, 'unhappy');
    expect(add()).toBe('pending');
    expect(clipOf('e1')).toBeNull();
    expect(desk.store.readyClips()).toEqual([]);
    expect([...desk.store.vouchedFiles()]).toEqual(['2026-01-05/e1.mp4']);
    expect(types()).toEqual(['contact.started', 'press']);
    desk.wait(40);
    expect(clipOf('e1')).toMatchObject({ state: 'ready', reason: null, bytes: 4_194_304 });
    const [, , clip, closed] = desk.told();
    expect(clip).toMatchObject({
      type: 'clip.ready',
      subject: 'e1',
      desk: 'front',
      time: '2026-01-05T08:00:40.000Z',
    });
    expect(clip?.data).toEqual({ desk: 'front', ...clipOf('e1') });
    expect(closed).toMatchObject({ type: 'contact.closed', data: { clip: clipOf('e1') } });
    expect(desk.faults()).toEqual([]);
    expect(desk.store.readyClips()).toEqual([
      { contactId: 'e1', desk: 'front', file: '2026-01-05/e1.mp4', bytes: 4_194_304 },
    ]);
  });

  test('is gone without a word when its class is not kept; the row says why and nothing else', () => {
    contact(NEGATIVE, 'happy');
    add();
    desk.wait(40);
    expect(clipOf('e1')).toEqual({ contactId: 'e1', state: 'deleted', reason: 'not-kept', ...GONE });
    expect(types()).toEqual(['contact.started', 'press', 'contact.closed']);
    expect(desk.told()[2]).toMatchObject({ data: { clip: { state: 'deleted', reason: 'not-kept' } } });
    expect(desk.faults()).toEqual([]);
    expect([...desk.store.vouchedFiles()]).toEqual([]);
  });

  test('a press in the grace time still decides', () => {
    contact(NEGATIVE, 'happy');
    add();
    desk.press(24, 'unhappy').wait(40);
    expect(clipOf('e1')?.state).toBe('ready');
  });

  test('is settled by the next start after a crash', () => {
    contact(NEGATIVE, 'unhappy');
    add();
    desk.put(desk.restart({ mono: 9, wall: WALL + 1e6 }, 'boot-2'));
    expect(clipOf('e1')?.state).toBe('ready');
    expect(types().slice(2)).toEqual(['clip.ready', 'contact.closed']);
    expect(desk.store.clipless('front')).toEqual([]);
  });

  test('a failure is told when the contact is settled, and not for a contact that is not kept', () => {
    contact(NEGATIVE, 'unhappy');
    expect(add(failedClip('e1'))).toBe('failed');
    expect(types()).toEqual(['contact.started', 'press']);
    desk.wait(40);
    expect(clipOf('e1')).toEqual({ contactId: 'e1', state: 'failed', reason: 'the ring was lost', ...GONE });
    expect(desk.told()[2]).toMatchObject({
      type: 'alert',
      data: { desk: 'front', code: 'CA_CLIP_FAILED', reason: 'the ring was lost' },
    });
    expect(types()[3]).toBe('contact.closed');
    desk.here(50).wait(55).gone(60).wait(62);
    add(failedClip('e4'));
    desk.wait(90);
    expect(clipOf('e4')).toMatchObject({ state: 'deleted', reason: 'not-kept' });
    expect(types().slice(4)).toEqual(['contact.started', 'contact.closed']);
    expect(desk.faults()).toEqual([]);
  });
});

describe('a clip that comes after its contact was settled', () => {
  test.each([
    ['unhappy', 'ready', ['clip.ready']],
    ['happy', 'deleted', []],
  ] as const)('is decided as it comes: %s', (button, state, told) => {
    contact(NEGATIVE, button).wait(40);
    expect(add()).toBe(state);
    expect(clipOf('e1')?.state).toBe(state);
    expect(types().slice(3)).toEqual(told);
    expect(desk.faults()).toEqual([]);
  });

  test('and so is a failure', () => {
    contact(NEGATIVE, 'unhappy').wait(40);
    expect(add(failedClip('e1'))).toBe('failed');
    expect(types().slice(3)).toEqual(['alert']);
    expect(add()).toBe('failed');
    expect(types().slice(3)).toEqual(['alert']);
    desk.end();
    contact(NEGATIVE, null).wait(40);
    expect(add(failedClip('e1'))).toBe('deleted');
    expect(types().at(-1)).toBe('contact.closed');
  });

  test.each([
    ['a hold keeps it', false, 'ready'],
    ['but not against a veto', true, 'deleted'],
  ] as const)('%s', (_, veto, state) => {
    contact(NEGATIVE, 'happy');
    if (veto) desk.veto(23);
    desk.wait(40);
    const until = { day: '2026-01-05', wall: WALL + 1 };
    desk.store.cases.holds.set(['e1'], { reason: 'complaint', until }, 'anna');
    expect(desk.store.owedClips().has('e1')).toBe(!veto && clipOf('e1') === null);
    expect(add()).toBe(state);
    expect(types().includes('clip.ready')).toBe(!veto);
  });

  test('a hold that is over keeps nothing', () => {
    contact(NEGATIVE, 'happy').wait(40);
    const until = { day: '2026-01-04', wall: WALL };
    desk.store.cases.holds.set(['e1'], { reason: 'complaint', until }, 'anna');
    expect(add()).toBe('deleted');
  });

  test('the sample of the unrated is kept', () => {
    contact({ keep: 'negative', sample: 1 }, null).wait(40);
    expect(add()).toBe('ready');
  });

  test('a second one changes nothing and tells nothing', () => {
    contact(NEGATIVE, 'unhappy').wait(40);
    add();
    const told = types();
    expect(add(failedClip('e1'))).toBe('ready');
    expect(add(readyClip('e1', { file: 'other.mp4' }))).toBe('ready');
    expect(clipOf('e1')?.file).toBe('2026-01-05/e1.mp4');
    expect(types()).toEqual(told);
  });

  test('of one desk leaves what waits at another alone', () => {
    contact(NEGATIVE, 'unhappy');
    add();
    const other = { desk: 'back', clock: 'trusted', captured: true } as const;
    act(desk.store, { id: 'a', kind: 'presence', present: true, at: at(1) }, other);
    act(desk.store, { id: 'b', kind: 'press', button: 'unhappy', at: at(9) }, other);
    act(desk.store, { id: 'c', kind: 'shutdown', at: at(20) }, other);
    expect(desk.store.addClip('back', readyClip('a'), at(24).wall)).toBe('ready');
    expect(desk.store.readyClips()).toMatchObject([{ contactId: 'a', desk: 'back' }]);
    expect(clipOf('e1')).toBeNull();
  });

  test('of a contact that the store does not know is refused', () => {
    contact(NEGATIVE, null);
    expect(() => add(readyClip('nobody'))).toThrow(/FOREIGN KEY/);
  });
});

describe('a veto', () => {
  test('destroys a clip that waits, without a word, and the scores; the contact counts', () => {
    contact({ keep: 'all', sample: 1 }, 'unhappy', [said]);
    add();
    expect(desk.store.contacts.byId('e1')).toMatchObject({ veto: false, scores: [scores], hint });
    expect(desk.store.contacts.timelines('e1')).toEqual([{ kind: 'face', from, bins }]);
    desk.veto(24);
    expect(desk.store.contacts.byId('e1')).toMatchObject({
      ...{ veto: true, state: 'ended', tag: 'negative', served: true, scores: [], hint: null },
      clip: { contactId: 'e1', state: 'deleted', reason: 'veto', ...GONE },
    });
    expect([...desk.store.vouchedFiles()]).toEqual([]);
    desk.wait(40);
    expect(types()).toEqual(['contact.started', 'press', 'contact.closed']);
    expect(desk.told()[2]).toMatchObject({
      data: { veto: true, tag: 'negative', clip: { state: 'deleted', reason: 'veto' } },
    });
    expect(desk.store.contacts.indices(0, 8e15)).toMatchObject({ served: 1, rated: 1, negative: 1 });
    expect(desk.faults()).toEqual([]);
  });

  test.each([
    ['made', 'not settled', readyClip('e1'), 22],
    ['failed', 'not settled', failedClip('e1'), 22],
    ['made', 'settled', readyClip('e1'), 40],
    ['failed', 'settled', failedClip('e1'), 40],
  ])(
    'before there is a clip: it is destroyed as it comes (%s, %s), and no score is taken',
    (_1, _2, clip, s) => {
      desk = new StoredDesk();
      desk.scored = [said];
      desk.here(1).veto(9).gone(20).wait(s);
      expect(desk.store.contacts.byId('e1')).toMatchObject({ veto: true, clip: null });
      const before = types();
      expect(add(clip)).toBe('deleted');
      expect(desk.store.contacts.byId('e1')).toMatchObject({
        clip: { state: 'deleted', reason: 'veto', ...GONE },
        scores: [],
        hint: null,
      });
      expect(desk.store.contacts.timelines('e1')).toEqual([]);
      expect(types()).toEqual(before);
    },
  );

  test('while the contact is open leaves it open', () => {
    desk = new StoredDesk().here(1).veto(9);
    expect(desk.store.contacts.byId('e1')).toMatchObject({ state: 'open', veto: true });
    desk.press(15, 'happy');
    expect(desk.store.contacts.byId('e1')).toMatchObject({ veto: true, tag: 'positive' });
  });

  test('of one contact leaves the others alone', () => {
    contact({ keep: 'all', sample: 1 }, 'unhappy', [said]).wait(40);
    add();
    desk.here(50).wait(55).veto(56).gone(60).wait(99);
    expect(desk.store.contacts.byId('e1')).toMatchObject({
      veto: false,
      scores: [scores],
      clip: { state: 'ready' },
    });
  });
});

describe('what models say second by second', () => {
  const timeline = () => desk.store.contacts.timelines('e1').map(({ bins }) => bins.length);

  test('goes with the clip; what it comes to stays', () => {
    contact({ keep: 'all', sample: 1 }, 'unhappy', [said]).wait(40);
    add();
    expect(timeline()).toEqual([1]);
    desk.store.clipDeleted('e1', 'space', at(99).wall);
    expect(timeline()).toEqual([0]);
    expect(desk.store.contacts.byId('e1')).toMatchObject({ scores: [scores], hint });
  });

  test('goes with a clip that is not kept, or is never made, in its time', () => {
    contact(NEGATIVE, 'happy', [said]);
    add();
    desk.wait(40);
    expect(timeline()).toEqual([0]);
    desk.end();
    contact(NEGATIVE, 'happy', [said]).wait(40);
    const forget = (s: number) => desk.store.forget({ events: 0, messages: 0, bins: at(s).wall, actions: 0 });
    forget(0.9);
    expect(timeline()).toEqual([1]);
    forget(1.1);
    expect(timeline()).toEqual([0]);
  });

  test('is not told finer than it is known', () => {
    const fine = {
      valence: { negative: 0.123456, neutral: 0.5, positive: 0.376544 },
      state: 'unknown',
      untold: null,
    } as const;
    contact({ keep: 'all', sample: 1 }, null, [{ ...said, scores: [{ ...face, bins: [fine] }] }]);
    expect(desk.store.contacts.timelines('e1')).toMatchObject([{ bins: [{ valence: { negative: 0.123 } }] }]);
  });
});

describe('a clip that was told of', () => {
  test.each(['veto', 'space'] as const)('is told to be gone: %s', (reason) => {
    contact(NEGATIVE, 'unhappy').wait(40);
    add();
    desk.store.clipDeleted('e1', reason, at(99).wall);
    desk.store.clipDeleted('e1', 'space', at(100).wall);
    expect(clipOf('e1')).toEqual({ contactId: 'e1', state: 'deleted', reason, ...GONE });
    expect(types().slice(4)).toEqual(['clip.deleted']);
    expect(desk.told().at(-1)).toMatchObject({
      ...{ subject: 'e1', desk: 'front', time: new Date(at(99).wall).toISOString() },
      data: { desk: 'front', contactId: 'e1', file: '2026-01-05/e1.mp4', reason },
    });
    expect(desk.faults()).toEqual([]);
    expect(desk.store.leastValuable()).toBeNull();
  });

  test('and whose file is missing raises an alert, too', () => {
    contact(NEGATIVE, 'unhappy').wait(40);
    add();
    desk.store.clipLost('e1', at(99).wall);
    desk.store.clipLost('e1', at(100).wall);
    expect(clipOf('e1')).toMatchObject({ state: 'deleted', reason: 'missing', file: null });
    expect(types().slice(4)).toEqual(['clip.deleted', 'alert']);
    expect(desk.told().at(-1)).toMatchObject({
      data: { code: 'CA_CLIP_MISSING', reason: expect.stringContaining('2026-01-05/e1.mp4') },
    });
    expect(desk.faults()).toEqual([]);
  });
});

test('a clip that nobody was told of raises an alert when its file is missing, but is not told to be gone', () => {
  contact(NEGATIVE, 'unhappy');
  add();
  desk.store.clipLost('e1', at(24).wall);
  expect(types().slice(2)).toEqual(['alert']);
  desk.wait(40);
  expect(types().slice(3)).toEqual(['contact.closed']);
  expect(clipOf('e1')).toMatchObject({ state: 'deleted', reason: 'missing' });
});

test('the manifest tells its times by the contact: a clock put right later puts them right', () => {
  desk = new StoredDesk();
  desk.clock = 'untrusted';
  desk.here(1).gone(20).wait(22);
  // What the recorder took for the time does not matter.
  const { manifest } = readyClip('e1');
  const odd = { ...manifest, from: '1970', to: '1970', clock: 'trusted', note: 'x' };
  add(readyClip('e1', { manifest: odd as unknown as typeof manifest }));
  desk.wait(40);
  expect(clipOf('e1')?.manifest).toEqual({
    ...manifest,
    from: '2026-01-05T07:59:55.750Z',
    to: '2026-01-05T08:00:22.000Z',
    clock: 'untrusted',
  });
  desk.store.correctClock('boot-1', Date.UTC(2026, 5, 1) - 5_000);
  expect(desk.store.contacts.byId('e1')?.startedAt).toBe('2026-06-01T00:00:01.000Z');
  const corrected = {
    ...manifest,
    from: '2026-05-31T23:59:55.750Z',
    to: '2026-06-01T00:00:22.000Z',
    clock: 'corrected',
  };
  expect(clipOf('e1')?.manifest).toEqual(corrected);
  expect(desk.told().at(-1)).toMatchObject({
    type: 'contact.closed',
    data: { clip: { manifest: corrected } },
  });
  expect(desk.faults()).toEqual([]);
});

test('the manifest of a contact in which the clock was put right is right', () => {
  desk = new StoredDesk();
  desk.clock = 'untrusted';
  desk.here(1).wait(3);
  desk.store.correctClock('boot-1', Date.UTC(2026, 5, 1) - 5_000);
  desk.clock = 'trusted';
  const gone = { mono: at(20).mono, wall: Date.UTC(2026, 5, 1) + 20_000 };
  desk.put({ id: 'g', kind: 'presence', present: false, at: gone });
  desk.put({ kind: 'wake', at: { mono: at(40).mono, wall: gone.wall + 20_000 } });
  add();
  expect(desk.store.contacts.byId('e1')).toMatchObject({ endedAt: '2026-06-01T00:00:20.000Z' });
  expect(clipOf('e1')?.manifest).toMatchObject({
    from: '2026-05-31T23:59:55.750Z',
    to: '2026-06-01T00:00:22.000Z',
    clock: 'corrected',
  });
});

test('the manifest of a clip that begins after the arrival says so', () => {
  contact(NEGATIVE, 'unhappy').wait(40);
  const { manifest } = readyClip('e1');
  if (!manifest) throw new Error('no manifest');
  add(readyClip('e1', { preRoll: 0, duration: 19_000, manifest: { ...manifest, preRoll: -2_000 } }));
  expect(clipOf('e1')).toMatchObject({
    preRoll: 0,
    manifest: { preRoll: -2_000, from: '2026-01-05T08:00:03.000Z', to: '2026-01-05T08:00:22.000Z' },
  });
  expect(desk.faults()).toEqual([]);
});
