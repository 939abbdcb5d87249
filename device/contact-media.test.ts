import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VideoFrame } from '../drivers/types.ts';
import { Scoring } from '../test/stand-ins/scoring.ts';
import { at, readyClip, StoredDesk, settings } from '../test/stand-ins/stored-desk.ts';
import type { ClipKeeper } from './clip-keeper.ts';
import { ManualClock } from './clock.ts';
import { ContactMedia } from './contact-media.ts';
import { ContactScores } from './contact-scores.ts';
import type { KeepPolicy } from './contacts/keeping.ts';
import type { Instant } from './contacts/model.ts';
import { type DeskInput, EMPTY_DESK, reduce } from './contacts/reduce.ts';
import { CaError, type ErrorCode } from './errors.ts';
import { Journal } from './journal.ts';
import { createLog } from './log.ts';
import type { FinishedClip } from './recording/manifest.ts';
import type { Recorder } from './recording/recorder.ts';
import { PAUSED } from './store/records.ts';

const quiet = createLog('fatal', { write: () => {} });
const frame: VideoFrame = { width: 1, height: 1, rgb: Buffer.alloc(3), at: { mono: 0, wall: 0 } };
const ALL: KeepPolicy = { keep: 'all', sample: 0 };
const NEGATIVE: KeepPolicy = { keep: 'negative', sample: 0 };

/** A recorder without camera and microphone: it says what it is told, and its clips come when the test gives them. */
class Told {
  readonly said: string[] = [];
  readonly clips = new Map<string, PromiseWithResolvers<FinishedClip>>();
  /** Resolves when nothing is captured any more. */
  dark: Promise<void> = Promise.resolve();
  show: (frame: VideoFrame) => void = () => {};
  sound: (pcm: Buffer) => void = () => {};

  onFrame = (listener: (frame: VideoFrame) => void) => {
    this.show = listener;
  };
  onSound = (listener: (pcm: Buffer) => void) => {
    this.sound = listener;
  };
  start = async () => void this.said.push('start');
  stop = async () => void this.said.push('stop');
  giveUp = () => void this.said.push('give up');
  begin = (id: string) => void this.said.push(`begin ${id}`);
  release = (why: string) => void this.said.push(`release ${why}`);
  health = () => ({ status: 'ok' as const });
  hold = async (why: string) => {
    this.said.push(`hold ${why}`);
    await this.dark;
    this.said.push(`held ${why}`);
  };
  discard = async (id: string) => {
    await turn();
    this.said.push(`discard ${id}`);
  };
  stored = async (id: string) => {
    await turn();
    this.said.push(`stored ${id}`);
  };
  end = (id: string, endedAt: Instant, { now }: { now?: boolean } = {}) => {
    this.said.push(`end ${id} at ${seconds(endedAt.mono)}${now ? ' now' : ''}`);
    return this.#clip(id);
  };
  recover = (id: string, startedAt: Instant, endedAt: number) => {
    this.said.push(`recover ${id} ${seconds(startedAt.mono)} to ${seconds(endedAt)}`);
    return this.#clip(id);
  };

  give(id: string): void {
    const { contactId, state, reason, ...clip } = readyClip(id);
    this.clips.get(id)?.resolve(clip as FinishedClip);
  }
  refuse(id: string, code: ErrorCode): void {
    this.clips.get(id)?.reject(new CaError(code, 'no clip'));
  }

  #clip(id: string): Promise<FinishedClip> {
    const clip = Promise.withResolvers<FinishedClip>();
    this.clips.set(id, clip);
    return clip.promise;
  }
}

/** The inverse of `at`. */
const seconds = (mono: number) => (mono - at(0).mono) / 1_000;
const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Lets everything that waits for nothing but its turn happen. */
async function settle(): Promise<void> {
  for (let n = 0; n < 5; n++) await turn();
}

let clock: ManualClock;
let desk: StoredDesk;
let recorder: Told;
let journal: Journal;
let media: ContactMedia;
let state: typeof EMPTY_DESK;
let scoring: Scoring;

beforeEach(() => {
  clock = new ManualClock(at(0));
  recorder = new Told();
  journal = new Journal({ clock, log: quiet });
  state = EMPTY_DESK;
  scoring = new Scoring();
});
afterEach(() => desk.end());

/** The media of a desk that keeps so much. `notice`: Unix ms; null: nothing is scored. */
function withPolicy(policy: KeepPolicy, notice: number | null = null): ContactMedia {
  desk = new StoredDesk(policy);
  return mediaOf(policy, notice);
}

function mediaOf(policy: KeepPolicy, notice: number | null = null): ContactMedia {
  const zone = { left: 0, right: 1, top: 0, bottom: 1 };
  const scores = new ContactScores({
    faces: { judge: scoring, zone, latency: 0 },
    sounds: { meter: scoring.meter, channel: 'front', patient: null, latency: 0 },
    ...{ notice, trust: () => 'trusted' as const, clock },
  });
  const keeper = { makeRoom: async () => void recorder.said.push('make room') };
  media = new ContactMedia({
    desk: 'front',
    recorder: recorder as unknown as Recorder,
    keeper: keeper as unknown as ClipKeeper,
    ...{ policy, scores, store: desk.store, journal, clock, log: quiet },
  });
  return media;
}

/** As a desk does it: through the domain, into the store, and to the media. Times in seconds. */
function act(s: number, input: ({ id: string } & Record<string, unknown>) | null): void {
  const now = at(s);
  clock.advance(now.mono - clock.now().mono);
  const event = (input ? { ...input, at: now } : { kind: 'wake', at: now }) as DeskInput;
  const [next, effects] = reduce(settings, state, event);
  state = next;
  const told = event.kind === 'wake' ? null : event;
  const scored = effects.flatMap((effect) => {
    const ended = effect.kind === 'contact-ended' && event.kind !== 'start';
    return ended ? (media.scored(effect.contact, effect.contact.endedAt as Instant) ?? []) : [];
  });
  const about = { desk: 'front', event: told, state, effects, at: now, captured: true, scored };
  desk.store.record({ ...about, clock: 'trusted' });
  for (const effect of effects) {
    if (effect.kind === 'contact-started') media.begin(effect.contact);
    if (effect.kind === 'contact-ended' && event.kind !== 'start')
      media.end(effect.contact, effect.contact.endedAt as Instant);
    if (effect.kind === 'contact-vetoed') media.veto(effect.contact);
    if (effect.kind === 'contact-settled') media.settled(effect.contact);
  }
}
const here = (s: number, id: string) => act(s, { id, kind: 'presence', present: true });
const gone = (s: number) => act(s, { id: `gone-${s}`, kind: 'presence', present: false });
const press = (s: number, button: string) => act(s, { id: `press-${s}`, kind: 'press', button });
const veto = (s: number) => act(s, { id: `veto-${s}`, kind: 'veto' });
const wait = (s: number) => act(s, null);

/** A contact from second 1 to 20, as it is 3 s later. */
function contact(id: string, button?: string): void {
  here(1, id);
  wait(3);
  if (button) press(9, button);
  gone(20);
  wait(23);
}
const clipOf = (id: string) => desk.store.contacts.byId(id)?.clip;
const since = (from: number) => recorder.said.splice(0).slice(from);
const told = () => desk.told().map((row) => row.type);

describe('the clip', () => {
  test('is stored, and its segments let go; the contact, once settled, tells of it', async () => {
    await withPolicy(ALL).start(AbortSignal.any([]));
    contact('c');
    expect(since(0)).toEqual(['start', 'begin c', 'release veto', 'end c at 20']);
    recorder.give('c');
    await settle();
    expect(since(0)).toEqual(['stored c', 'make room']);
    expect(clipOf('c')).toBeNull();
    wait(30);
    await settle();
    expect(since(0)).toEqual([]);
    expect(clipOf('c')).toMatchObject({ state: 'ready', manifest: { preRoll: 5_250 } });
    expect(told()).toEqual(['contact.started', 'clip.ready', 'contact.closed']);
  });

  test('that is not kept is destroyed when the contact is settled', async () => {
    withPolicy(NEGATIVE);
    contact('c', 'happy');
    recorder.give('c');
    await settle();
    since(0);
    wait(30);
    await settle();
    expect(since(0)).toEqual(['discard c']);
    expect(clipOf('c')).toMatchObject({ state: 'deleted', reason: 'not-kept', file: null });
    expect(told()).not.toContain('clip.ready');
  });

  test('that is not kept, and comes after its contact was settled, is destroyed as it comes', async () => {
    withPolicy(NEGATIVE);
    contact('c', 'happy');
    wait(30);
    await settle();
    since(0);
    recorder.give('c');
    await settle();
    expect(since(0)).toEqual(['discard c']);
    expect(clipOf('c')).toMatchObject({ state: 'deleted', reason: 'not-kept' });
  });

  test('that is kept may come after its contact was settled', async () => {
    withPolicy(NEGATIVE);
    contact('c', 'unhappy');
    wait(30);
    await settle();
    since(0);
    recorder.give('c');
    await settle();
    expect(since(0)).toEqual(['stored c', 'make room']);
    expect(clipOf('c')).toMatchObject({ state: 'ready' });
  });

  test('is not made where none are kept', async () => {
    withPolicy({ keep: 'none', sample: 1 });
    contact('c', 'unhappy');
    wait(30);
    await settle();
    expect(since(0)).toEqual(['release veto', 'discard c']);
    expect(clipOf('c')).toBeNull();
  });

  test('that could not be made leaves its reason, and an alert', async () => {
    withPolicy(ALL);
    contact('c');
    recorder.clips.get('c')?.reject(new Error('the ring was lost'));
    wait(30);
    await settle();
    expect(clipOf('c')).toMatchObject({ state: 'failed', reason: 'the ring was lost' });
    expect(desk.told().at(-1)).toMatchObject({ type: 'alert', data: { code: 'CA_CLIP_FAILED' } });
    expect(since(0).slice(-2)).toEqual(['stored c', 'make room']);
  });

  test('keeps its segments until the store has taken it', async () => {
    withPolicy(ALL);
    contact('c');
    let full = true;
    journal.write(() => {
      if (full) throw Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' });
    });
    since(0);
    recorder.give('c');
    await settle();
    expect(since(0)).toEqual([]);
    full = false;
    clock.advance(1_000);
    await settle();
    expect(since(0)).toEqual(['stored c', 'make room']);
  });
});

describe('a stop', () => {
  test("makes the open contact's clip out of what there is, and waits for all that follows from it", async () => {
    withPolicy(ALL);
    here(1, 'c');
    wait(3);
    act(10, { id: 'end', kind: 'shutdown' });
    const stopped = media.stop();
    await settle();
    expect(since(0)).toEqual(['begin c', 'release veto', 'end c at 10 now', 'give up']);
    recorder.give('c');
    await stopped;
    expect(since(0)).toEqual(['stored c', 'make room', 'stop']);
  });

  test('waits for what is destroyed, too', async () => {
    withPolicy(NEGATIVE);
    here(1, 'c');
    wait(3);
    act(10, { id: 'end', kind: 'shutdown' });
    const stopped = media.stop();
    recorder.give('c');
    await stopped;
    expect(since(3)).toEqual(['give up', 'discard c', 'discard c', 'stop']);
    expect(clipOf('c')).toMatchObject({ state: 'deleted' });
  });

  test.each<ErrorCode>([
    'CA_VAULT_UNWRITABLE',
    'CA_VAULT_UNREADABLE',
    'CA_VAULT_WRONG_KEY',
    'CA_VAULT_KEY_INVALID',
    'CA_SECRET_UNREADABLE',
  ])('leaves the segments of a clip to the next start when it fails with %s', async (code) => {
    withPolicy(ALL);
    here(1, 'c');
    wait(3);
    act(10, { id: 'end', kind: 'shutdown' });
    recorder.refuse('c', code);
    await media.stop();
    expect(since(0)).not.toContain('stored c');
    expect(clipOf('c')).toBeNull();

    const started = async (becomes: () => void) => {
      desk.restart(at(60));
      recorder = new Told();
      const starting = mediaOf(ALL).start(AbortSignal.any([]));
      await settle();
      expect(since(0)).toEqual(['recover c 1 to 10']);
      becomes();
      await starting;
      await settle();
    };
    await started(() => recorder.refuse('c', code));
    expect(since(0)).toEqual(['start']);
    await started(() => recorder.give('c'));
    expect(since(0)).toEqual(['start', 'stored c', 'make room']);
    expect(clipOf('c')).toMatchObject({ state: 'ready' });
  });
});

describe('a start', () => {
  /** A contact that was there, and one that had gone, when the power was cut at second 45. */
  function cut(policy: KeepPolicy, button: string) {
    withPolicy(policy);
    contact('a', button);
    here(30, 'b');
    wait(32);
    press(40, button);
    desk.store.alive(at(45));
    const start = desk.restart(at(60));
    recorder = new Told();
    mediaOf(policy);
    act(60, start);
  }

  test('makes the clips that are owed before it begins to capture; who was there may have stayed for longer', async () => {
    cut(ALL, 'happy');
    const starting = media.start(AbortSignal.any([]));
    await settle();
    recorder.give('a');
    await settle();
    recorder.refuse('b', 'CA_CLIP_NOT_COVERED');
    await starting;
    await settle();
    expect(recorder.said.filter((said) => /recover|start/.test(said))).toEqual([
      'recover a 1 to 20',
      'recover b 30 to 50',
      'start',
    ]);
    expect(clipOf('a')).toMatchObject({ state: 'ready' });
    expect(clipOf('b')).toMatchObject({ state: 'failed' });
  });

  test('makes none that is not kept', async () => {
    cut(NEGATIVE, 'happy');
    await media.start(AbortSignal.any([]));
    await settle();
    expect(since(0)).toEqual(['start', 'discard b']);
    expect(clipOf('a')).toBeNull();
  });
});

describe('a veto', () => {
  test('while the patient is there: all of it goes, and nothing is captured until the patient has left', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    withPolicy(ALL);
    here(1, 'c');
    wait(3);
    recorder.dark = promise;
    veto(5);
    await settle();
    expect(since(0)).toEqual(['begin c', 'hold veto', 'discard c']);
    resolve();
    await settle();
    expect(since(0)).toEqual(['held veto']);
    gone(20);
    wait(23);
    await settle();
    expect(since(0)).toEqual(['release veto']);
    wait(30);
    await settle();
    expect(since(0)).toEqual(['discard c']);
    expect(desk.store.contacts.byId('c')).toMatchObject({
      state: 'settled',
      veto: true,
      served: true,
      clip: null,
    });
  });

  test('after the patient has left: all of it goes, and the capture goes on at once', async () => {
    withPolicy(ALL);
    contact('c');
    recorder.give('c');
    await settle();
    since(0);
    veto(24);
    await settle();
    expect(since(0)).toEqual(['hold veto', 'held veto', 'release veto', 'discard c']);
    expect(clipOf('c')).toMatchObject({ state: 'deleted', reason: 'veto' });
  });

  test('before the clip is made: it is not kept when it comes', async () => {
    withPolicy(ALL);
    contact('c');
    veto(24);
    await settle();
    since(0);
    recorder.refuse('c', 'CA_CLIP_NOT_COVERED');
    await settle();
    expect(since(0)).toEqual(['discard c']);
    expect(clipOf('c')).toMatchObject({ state: 'deleted', reason: 'veto' });
    expect(told()).toEqual(['contact.started']);
  });

  test('of the patient before does not let the next be recorded, who has asked for the same', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    withPolicy(ALL);
    contact('a');
    recorder.dark = promise;
    veto(23);
    here(23.1, 'b');
    wait(24.2);
    veto(24.3);
    since(0);
    resolve();
    await settle();
    expect(recorder.said).not.toContain('release veto');
    gone(30);
    wait(33);
    here(40, 'c');
    wait(42);
    gone(50);
    wait(53);
    await settle();
    since(0);
    veto(54);
    await settle();
    expect(since(0)).toEqual(['hold veto', 'held veto', 'release veto', 'discard c']);
  });

  test('leaves no scores', async () => {
    withPolicy(ALL, 0);
    await media.start(AbortSignal.any([]));
    here(1, 'c');
    wait(3);
    recorder.show(frame);
    await settle();
    veto(5);
    recorder.show(frame);
    await settle();
    gone(20);
    wait(30);
    expect(scoring.seen).toBe(1);
    expect(desk.store.contacts.byId('c')).toMatchObject({ scores: [], hint: null });
  });
});

describe('a pause', () => {
  test('holds the capture, and lets it go on', async () => {
    withPolicy(ALL);
    media.pause();
    media.resume();
    expect(since(0)).toEqual(['hold pause', 'release pause']);
  });

  test.each([
    ['that lay in it', [0.5], []],
    ['that ended in it', [15], []],
    ['that began in it', [0.5], [10]],
  ])('is why there is no clip of a contact %s, and nobody is alarmed', async (_, pauses, resumes) => {
    withPolicy(ALL);
    const acts: [number, () => void][] = [
      [1, () => here(1, 'c')],
      [3, () => wait(3)],
      [20, () => gone(20)],
      [23, () => wait(23)],
      ...pauses.map((s): [number, () => void] => [s, () => media.pause()]),
      ...resumes.map((s): [number, () => void] => [s, () => media.resume()]),
    ];
    for (const [s, does] of acts.sort(([a], [b]) => a - b)) {
      wait(s);
      does();
    }
    recorder.refuse('c', 'CA_CLIP_NOT_COVERED');
    await settle();
    wait(30);
    expect(clipOf('c')).toMatchObject({ state: 'failed', reason: PAUSED });
    expect(told()).toEqual(['contact.started', 'contact.closed']);
  });

  test('is no reason for a clip that fails otherwise', async () => {
    withPolicy(ALL);
    media.pause();
    contact('c');
    recorder.refuse('c', 'CA_CLIP_FAILED');
    await settle();
    wait(30);
    expect(clipOf('c')).toMatchObject({ state: 'failed', reason: 'no clip' });
    expect(told()).toContain('alert');
  });

  test('that was over before is no reason to have no clip', async () => {
    withPolicy(ALL);
    media.pause();
    wait(0.5);
    media.resume();
    contact('c');
    recorder.refuse('c', 'CA_CLIP_NOT_COVERED');
    await settle();
    wait(30);
    expect(clipOf('c')).toMatchObject({ state: 'failed', reason: 'no clip' });
    expect(told()).toContain('alert');
  });
});

test('pictures and sound of a contact are scored, those before and after it are not', async () => {
  withPolicy(ALL, 0);
  await media.start(AbortSignal.any([]));
  const show = () => {
    recorder.show(frame);
    recorder.sound(Buffer.alloc(640));
  };
  show();
  here(1, 'c');
  wait(3);
  show();
  show();
  gone(20);
  wait(23);
  show();
  expect([scoring.seen, scoring.heard]).toEqual([2, 1_280]);
  expect(desk.store.contacts.byId('c')).toMatchObject({
    scores: [{ summary: { looked: 2 } }, { summary: { heard: 1_280 } }],
  });
});
